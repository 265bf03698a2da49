"""What a password must be like, under either policy.

`nist` is SP 800-63B section 3.1.1.2: length, and the whole password compared with a list of
common ones and with words of the person and the place; no composition, no change by calendar.
`pacer` is PACER's standard of 2025 (domain facts 1.3), for deployments that must keep to it.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from signon.accounts.hashing import MAX_BYTES, MAX_CODE_POINTS, is_too_long, normalise
from signon.errors import InputError
from signon.words.sentences import _, together

Policy = Literal["nist", "pacer"]

LIVES: Mapping[Policy, timedelta | None] = {"nist": None, "pacer": timedelta(days=180)}
"""How long a password may be used; None: until there is evidence against it."""
SKIPS = 3
"""How often a due change may be put off (domain facts 1.3)."""
SERVICE_WORDS = ("signon", "pacer", "cmecf", "nextgen", "uscourts", "court", "courts", "password")
SHORTEST_PART = 3
"""Shorter parts of a name are in too many words to be kept out of passwords."""
LONG_PART = 6
"""Who sees it inside another word takes it for the name."""


@dataclass(frozen=True, slots=True)
class Words:
    """What stands near the password: `own` are the person's names, `place` the court's or firm's.

    Parts of e-mail addresses and of names with spaces count by themselves too.
    """

    own: tuple[str, ...] = ()
    place: tuple[str, ...] = ()


NO_WORDS = Words()
LENGTHS: Mapping[Policy, tuple[int, int]] = {"nist": (15, MAX_CODE_POINTS), "pacer": (14, 45)}
"""The fewest and the most characters; 15 "where it is the only factor" (SP 800-63B 3.1.1.2)."""
Rule = Callable[[str, Words], str | None]
"""Given a normalised password, answers what is wrong with it, or None."""


def words_of(
    *,
    username: str | None = None,
    email: str | None = None,
    names: Iterable[str | None] = (),
    place: Iterable[str] = (),
) -> Words:
    """The words around one person; empty ones are left out."""
    own = [username, email, (email or "").partition("@")[0], *names]
    return Words(tuple(word for word in own if word), tuple(place))


def problems(password: str, policy: Policy, words: Words = NO_WORDS) -> list[str]:
    """Everything that is wrong with it, in the order in which a person is told."""
    normalised = normalise(password)
    found = (rule(normalised, words) for rule in (_can_be_typed, *RULES[policy]))
    return [problem for problem in found if problem]


def require_acceptable(password: str, policy: Policy, words: Words = NO_WORDS) -> None:
    """Raises InputError with the first reason why the policy does not take this password."""
    for problem in problems(password, policy, words):
        raise InputError(problem, field="password")


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule as people read it; `check` names what `password.js` can look at while they type."""

    check: str
    text: str
    least: int = 0
    most: int = 0


def shown(policy: Policy) -> list[ShownRule]:
    """What a page says beside the field for a new password, in the order of the policy."""
    least, most = LENGTHS[policy]
    length = ShownRule(
        "length",
        _("{least} to {most} characters; spaces count", least=least, most=most),
        least,
        most,
    )
    return [length, *_SHOWN[policy]]


def is_due(changed_at: datetime | None, policy: Policy, now: datetime) -> bool:
    """Whether the policy wants another password by now."""
    lives = LIVES[policy]
    return lives is not None and changed_at is not None and now - changed_at >= lives


def _can_be_typed(password: str, _words: Words) -> str | None:
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        return _("The password holds a line break or a control character: leave it out.")
    return None


def _length(least: int, most: int) -> Rule:
    def check(password: str, _words: Words) -> str | None:
        if len(password) < least:
            return _(
                "The password is too short: it must have at least {least} characters.", least=least
            )
        if len(password) > most or is_too_long(password):
            return _(
                "The password is too long: it may have {most} characters and {bytes} bytes.",
                most=most,
                bytes=MAX_BYTES,
            )
        return None

    return check


def _is_uncommon(password: str, _words: Words) -> str | None:
    """The whole password, and what is left without digits and signs around it or repetition."""
    if any(form in _common() for form in _forms(password)):
        return _("The password is one of those that are guessed first: choose another.")
    return None


def _is_not_a_sequence(password: str, _words: Words) -> str | None:
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(password)}
    if len(password) > 1 and len(steps) == 1 and steps <= {-1, 0, 1}:
        return _("The password is one character again and again, or a row of neighbours.")
    return None


def _is_not_a_word_from_here(password: str, words: Words) -> str | None:
    forms = _forms(password)
    if forms & {_fold(word) for word in (*SERVICE_WORDS, *words.place)}:
        return _("The password is a name of this service or of a court: choose another.")
    if forms & {_fold(word) for word in words.own}:
        return _("The password is your own name or address: choose another.")
    return None


def _has_kinds(password: str, _words: Words) -> str | None:
    missing = [
        kind
        for kind, has in (
            (_("a lower-case letter"), any(map(str.islower, password))),
            (_("an upper-case letter"), any(map(str.isupper, password))),
            (_("a special character"), not all(c.isalnum() or c.isspace() for c in password)),
        )
        if not has
    ]
    return (
        _("The password needs {missing}.", missing=together(*missing, by=_(" and ")))
        if missing
        else None
    )


def _holds_no_part_of_a_name(password: str, words: Words) -> str | None:
    said = _words_in(password)
    for part in sorted({part for word in words.own for part in _parts(word)}, key=len)[::-1]:
        if any(_is_recognised(part, word) for word in said):
            return _(
                "The password holds “{part}”, a part of your name, username or e-mail address: "
                "leave it out.",
                part=part,
            )
    return None


RULES: Mapping[Policy, Sequence[Rule]] = {
    "nist": (
        _length(*LENGTHS["nist"]),
        _is_not_a_sequence,
        _is_uncommon,
        _is_not_a_word_from_here,
    ),
    "pacer": (
        _length(*LENGTHS["pacer"]),
        _has_kinds,
        _holds_no_part_of_a_name,
        _is_not_a_sequence,
        _is_uncommon,
        _is_not_a_word_from_here,
    ),
}
"""In the order in which a person is told."""


_SHOWN: Mapping[Policy, Sequence[ShownRule]] = {
    "nist": (
        ShownRule(
            "uncommon", _("Not a common password, and not one character or row again and again")
        ),
        ShownRule("own", _("Not your name, username or e-mail address, nor the name of a court")),
    ),
    "pacer": (
        ShownRule("lower", _("A lower-case letter")),
        ShownRule("upper", _("An upper-case letter")),
        ShownRule("special", _("A special character, such as ! or ?")),
        ShownRule("part", _("No part of your name, username or e-mail address")),
        ShownRule("uncommon", _("Not a common password, and not the name of a court")),
    ),
}


def _fold(text: str) -> str:
    return normalise(text).casefold().replace(" ", "")


def _parts(word: str) -> set[str]:
    """What somebody would call a part: no single letters, and of an address not its `.com`."""
    mailbox, at, domain = word.partition("@")
    text = f"{mailbox} {domain.rpartition('.')[0]}" if at else word
    pieces = "".join(c if c.isalnum() else " " for c in normalise(text).casefold()).split()
    return {piece for piece in pieces if len(piece) >= SHORTEST_PART}


def _words_in(password: str) -> set[str]:
    """What somebody reads as words: runs of letters or digits, and where `capitalsBegin` another."""
    text = normalise(password)
    runs = re.findall(r"[^\W_]+", text)
    parts = [part for run in runs for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", run)]
    return {one.casefold() for one in (*runs, *parts, _fold(password))}


def _is_recognised(part: str, word: str) -> bool:
    """A word by itself; a longer one also where it begins one, and a long one wherever it stands."""
    if len(part) >= LONG_PART:
        return part in word
    if len(part) > SHORTEST_PART:
        return word.startswith(part)
    return part == word


def _forms(password: str) -> set[str]:
    """The whole password, and the word it is made of when there is only one."""
    folded = _fold(password)
    core = folded.strip("0123456789!?.,;:-_*#$%&+@/\\'\"()=<>")
    return {folded, core, _once(core)} - {""}


def _once(text: str) -> str:
    """`abcabc` is `abc`, said twice."""
    length = (text + text).find(text, 1)
    return text[:length] if 0 < length < len(text) else text


@cache
def _common() -> frozenset[str]:
    """Thirty thousand passwords that leaked most often, and the commonest words and names."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(_fold(word) for words in FREQUENCY_LISTS.values() for word in words)
