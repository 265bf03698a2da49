"""Case numbers as courts write them."""

import re

MAX_CASES = 200
"""More than that is no limit to cases; they travel in tokens."""

# Court and division ("3:", "NV-"), year, kind, number, judges' initials and defendant's number:
# 3:20-cv-01234-ABC-DEF, 2:19-cr-00123-JLS-2, 20-01234, 3:20-bk-01234, 20-55123, NV-20-1234.
_CASE = re.compile(
    r"(?:[0-9A-Z]{1,2}:|[A-Z]{2}-)?(?:[0-9]{2}|(?:19|20)[0-9]{2})-(?:[A-Z]{1,4}-)?[0-9]{1,6}"
    r"(?:-[A-Z0-9]{1,6}){0,4}",
    re.IGNORECASE,
)
_MULTIDISTRICT = re.compile(r"MDL[- ]?(?:No\. ?)?[0-9]{1,5}", re.IGNORECASE)


def is_case_number(text: str) -> bool:
    """Whether a court could have given this number to a case.

    Lenient on purpose: courts differ in divisions, kinds and suffixes, and a number that a
    court wrote must come back to it unchanged.
    """
    return bool(_CASE.fullmatch(text) or _MULTIDISTRICT.fullmatch(text))
