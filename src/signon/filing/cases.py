"""Case numbers as courts write them, by the type of court."""

import re
from collections.abc import Iterable, Mapping

from signon.courts.registry import CourtType
from signon.words.sentences import _

MAX_CASES = 200
"""More than that is no limit to cases; they travel in tokens."""

_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))
_YEAR = "(?:[0-9]{2}|(?:19|20)[0-9]{2})"
# Judges' initials, a chapter, a defendant's number, and what some courts put in brackets.
_ENDING = "(?:-[A-Z0-9]{1,6}){0,4}(?: ?\\([A-Z0-9]{1,6}\\))?"
_FORMS: Mapping[CourtType, tuple[str, ...]] = {
    # Division, year, kind, number: 3:20-cv-01234-ABC-DEF, 2:19-cr-00123-JLS-2, 20-mc-00012; the
    # kind first (CV-24-01234-PHX-ABC), behind (24-00123-CV-W-ABC) or left out (24-1234).
    CourtType.DISTRICT: (
        f"(?:[0-9A-Z]{{1,2}}:)?{_YEAR}-[A-Z]{{2,4}}-[0-9]{{1,6}}{_ENDING}",
        f"{_YEAR}-[1-9][0-9]{{0,4}}{_ENDING}",
        f"{_YEAR}-[0-9]{{1,6}}-[A-Z]{{2}}{_ENDING}",
        f"[A-Z]{{2,4}}-{_YEAR}-[0-9]{{1,6}}{_ENDING}",
        "MDL[- ]?(?:No\\. ?)?[0-9]{1,5}",
    ),
    # 20-01234, 20-01234-LA7, 3:20-bk-01234, adversary proceedings 20-ap-90012 and 20-90012.
    CourtType.BANKRUPTCY: (
        f"(?:[0-9A-Z]{{1,2}}:)?{_YEAR}-(?:[A-Z]{{2,4}}-)?[0-9]{{1,6}}{_ENDING}",
    ),
    # 20-55123, 20-1234-cv, 2020-1234.
    CourtType.APPELLATE: (f"{_YEAR}-[0-9]{{1,6}}{_ENDING}",),
    # NV-20-1234, NV-20-1234-LBT, 20-012.
    CourtType.BANKRUPTCY_APPELLATE_PANEL: (f"(?:[A-Z]{{2}}-)?{_YEAR}-[0-9]{{1,6}}{_ENDING}",),
    # 1:20-vv-00001, 20-00012, MDL No. 2741.
    CourtType.NATIONAL: (
        f"(?:[0-9]{{1,2}}:)?{_YEAR}-(?:[A-Z]{{2,4}}-)?[0-9]{{1,6}}{_ENDING}",
        "MDL[- ]?(?:No\\. ?)?[0-9]{1,5}",
    ),
}
_COMPILED = {
    kind: re.compile("|".join(f"(?:{form})" for form in forms), re.IGNORECASE)
    for kind, forms in _FORMS.items()
}
EXAMPLES: Mapping[CourtType, str] = {
    CourtType.DISTRICT: "3:20-cv-01234",
    CourtType.BANKRUPTCY: "20-01234",
    CourtType.APPELLATE: "20-55123",
    CourtType.BANKRUPTCY_APPELLATE_PANEL: "NV-20-1234",
    CourtType.NATIONAL: "1:20-vv-00001",
}
"""One number of each type of court, as forms and refusals show it."""


def is_case_number(text: str, court: CourtType) -> bool:
    """Whether a court of this type could have given the number to a case.

    Lenient within a type on purpose: courts differ in divisions, kinds and suffixes, and a
    number that a court wrote must come back to it unchanged.
    """
    return bool(_COMPILED[court].fullmatch(text))


def tidied(text: str) -> str:
    """Numbers with typographic hyphens made plain, as word processors and printouts have them."""
    return text.translate(_HYPHENS)


def read(text: str) -> tuple[str, ...]:
    """The numbers that somebody typed, separated by line ends, commas or semicolons."""
    parts = [part.strip() for part in re.split(r"[;,\r\n]", tidied(text))]
    return tuple(dict.fromkeys(part for part in parts if part))


def problem_with(cases: Iterable[str], court: CourtType) -> str:
    """What is wrong with a list of numbers, to be read after "The"; empty when nothing is."""
    given = list(cases)
    if len(given) > MAX_CASES:
        return _("list of cases is longer than {most}.", most=MAX_CASES)
    wrong = [str(place) for place, case in enumerate(given, 1) if not is_case_number(case, court)]
    if not wrong:
        return ""
    return _(
        "case number in place {places} is not one of a {kind} court, such as {example}.",
        places=", ".join(wrong),
        kind=court.replace("_", " "),
        example=EXAMPLES[court],
    )
