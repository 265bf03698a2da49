"""What a court's list changes of what is there: a list is a source, not the master.

Beside what a right is stands what the court's last list said of its login. A list takes away what
an earlier one gave and gives what none has given; whatever differs from the last list was decided
at the court by hand, and stays unless the line says `override`.

Of a right into which further logins were folded the lists say what they say of all of them
together, of one that is not active nothing; its first login alone says whether it is suspended.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from signon.courts.registry import CourtType
from signon.filing.legacy_logins.import_file import ImportLine
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.filing.rights.filing_status import RightStatus, status_of
from signon.filing.rights.rights import COURT, IMPORT
from signon.filing.roles import Role, admission_of, in_order, labels, problem_with
from signon.rows import BadLine

BY_HAND = "does not go with what the court decided by hand"
TOGETHER = "does not go with the filer's other login, or with what the court decided by hand"


@dataclass(frozen=True, slots=True)
class Known:
    """A login of the court that is there already, and the right it is linked to, if it is.

    `listed` is what the last list said of it, `right` what the right is, both as columns.
    `is_further`: it was folded into the right, and gives something to it once it `is_accepted`;
    the right stands beside the first one.
    """

    id: str
    right_id: str | None
    account_id: str | None
    login: str
    listed: Mapping[str, Any]
    right: Mapping[str, Any]
    pending_for: Sequence[str]
    work: str | None = None
    is_further: bool = False
    is_accepted: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a line does to the right of a linked login; `before` and `after` are columns."""

    right_id: str
    account_id: str
    login: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def shrinks(self) -> bool:
        """Whether the filer may do less afterwards."""
        was, now = self.before, self.after
        ends = was["status"] == RightStatus.ACTIVE != now["status"]
        narrower = now["cases"] is not None and (
            was["cases"] is None or not set(was["cases"]) <= set(now["cases"])
        )
        return ends or narrower or not set(was["roles"]) <= set(now["roles"])


class Named(NamedTuple):
    """A change in words for whoever imports, by login: `what` is `new`, `login` or `right`."""

    login: str
    what: str
    told: str
    shrinks: bool = False


class _Terms(NamedTuple):
    """What a list says of one login, or of all that belong to a right."""

    status: str
    roles: Sequence[str]
    cases: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class _Touched:
    """A right that lines of the list are about, the first of them of that number.

    `said` and `says`: what the last list and this one say of all of its logins; `line` is the first
    login's, if it has one.
    """

    first: Known
    number: int
    line: ImportLine | None
    said: _Terms
    says: _Terms
    is_folded: bool


def changes_of(known: Mapping[str, Known], lines: Sequence[ImportLine]) -> Iterator[Change]:
    """What the lines change of rights; a disabled or locked login is a suspended right."""
    for one in _touched(known, lines):
        first, after = one.first, _after(one)
        if after != first.right:
            assert first.right_id is not None
            assert first.account_id is not None
            yield Change(first.right_id, first.account_id, first.login, first.right, after)


def impossible(
    known: Mapping[str, Known], lines: Sequence[ImportLine], court: CourtType
) -> list[BadLine]:
    """Lines that, with what the court decided by hand, make a right that there cannot be."""
    bad = []
    for one in _touched(known, lines):
        after = _after(one)
        roles = [Role(role) for role in after["roles"]]
        if wrong := problem_with(roles, after["cases"], court):
            why = TOGETHER if one.is_folded else BY_HAND
            bad.append(BadLine(one.number, f"{why} ({wrong}): correct it, or override"))
    return bad


def named(known: Mapping[str, Known], lines: Sequence[ImportLine]) -> list[Named]:
    """Every change that the lines make, in their order."""
    told = []
    rights = {one.right_id: one for one in changes_of(known, lines)}
    for line in lines:
        found = known.get(line.key)
        if found is None:
            told.append(Named(line.login, "new", _listed_in_words(line.roles, line.cases)))
            continue
        if said := _of_login(found, line):
            told.append(Named(found.login, "login", said))
        if one := rights.pop(found.right_id or "", None):
            told.append(Named(one.login, "right", _difference(one.before, one.after), one.shrinks))
    return told


def _touched(known: Mapping[str, Known], lines: Sequence[ImportLine]) -> Iterator[_Touched]:
    """Each right once, at the first line that is about one of its logins."""
    by_key = {line.key: line for line in lines}
    further = _further(known)
    firsts = {
        one.right_id: key
        for key, one in known.items()
        if one.right_id in further and not one.is_further
    }
    done: set[str] = set()
    for line in lines:
        found = known.get(line.key)
        if found is None or found.right_id is None or found.right_id in done:
            continue
        if found.is_further and (not found.is_accepted or found.right_id not in firsts):
            continue
        done.add(found.right_id)
        keys = [firsts.get(found.right_id, line.key), *further.get(found.right_id, ())]
        said = [_listed_terms(known[key]) for key in keys]
        says = [
            _line_terms(by_key[key]) if key in by_key else old
            for key, old in zip(keys, said, strict=True)
        ]
        first = by_key.get(keys[0])
        yield _Touched(
            known[keys[0]], line.number, first, _united(said), _united(says), len(keys) > 1
        )


def _further(known: Mapping[str, Known]) -> dict[str, list[str]]:
    """The keys of the logins that were folded, by their rights."""
    found: dict[str, list[str]] = {}
    for key, one in known.items():
        if one.is_accepted and one.right_id is not None:
            found.setdefault(one.right_id, []).append(key)
    return found


def _listed_terms(one: Known) -> _Terms:
    return _Terms(one.listed["status"], one.listed["roles"], one.listed["cases"])


def _line_terms(line: ImportLine) -> _Terms:
    return _Terms(line.status, line.roles, line.cases)


def _united(terms: Sequence[_Terms]) -> _Terms:
    """The first, with the others that are active. Where some are limited to cases, all are: what
    is folded together is so alike, and a list that says otherwise must not widen it.
    """
    first, *others = terms
    all_ = [first, *(one for one in others if one.status == LoginStatus.ACTIVE)]
    roles = dict.fromkeys(role for one in all_ for role in one.roles)
    limits = [one.cases for one in all_ if one.cases is not None]
    cases = list(dict.fromkeys(case for limit in limits for case in limit)) if limits else None
    return _Terms(first.status, list(roles), cases)


def _after(one: _Touched) -> dict[str, Any]:
    was, overrides = one.first.right, one.line is not None and one.line.override
    roles, cases = _roles_and_cases(was, one, overrides=overrides)
    suspended_by = _suspended_by(was["suspended_by"], one, overrides=overrides)
    usual = admission_of(roles, cases)
    by_hand = was["admission"] != admission_of(was["roles"], was["cases"])
    keeps = usual is not None and was["admission"] is not None and by_hand and not overrides
    return {
        "status": status_of(suspended_by, one.first.pending_for).value,
        "suspended_by": suspended_by,
        "roles": roles,
        "cases": cases,
        "admission": was["admission"] if keeps else usual,
    }


def _roles_and_cases(
    was: Mapping[str, Any], one: _Touched, *, overrides: bool
) -> tuple[list[str], list[str] | None]:
    said, says = one.said, one.says
    now = None if says.cases is None else list(says.cases)
    if overrides:
        return list(in_order(says.roles)), now
    roles = in_order(_merged(was["roles"], said.roles, says.roles))
    if _same(was["cases"], said.cases):
        return list(roles), now
    if now is None or was["cases"] is None or said.cases is None:
        # to be limited at all, or not, was decided by hand
        return list(roles), was["cases"]
    return list(roles), _merged(was["cases"], said.cases, now)


def _same(some: Collection[str] | None, others: Collection[str] | None) -> bool:
    return (some is None) == (others is None) and set(some or ()) == set(others or ())


def _merged(is_now: Sequence[str], said: Collection[str], says: Sequence[str]) -> list[str]:
    """What is, without what only the last list said, with what only this one says."""
    kept = [one for one in is_now if one in says or one not in said]
    return kept + [one for one in says if one not in said and one not in kept]


def _suspended_by(was: Sequence[str], one: _Touched, *, overrides: bool) -> list[str]:
    is_active = one.says.status == LoginStatus.ACTIVE
    if overrides:
        others = [name for name in was if name not in {IMPORT, COURT}]
        return others if is_active else [*others, IMPORT]
    if is_active == (one.said.status == LoginStatus.ACTIVE):
        # the list says what it said: what was suspended or restored since was so by hand
        return list(was)
    others = [name for name in was if name != IMPORT]
    return others if is_active else [*others, IMPORT]


_LOGIN = {
    "first_name": "first name",
    "last_name": "last name",
    "bar_id": "bar number",
    "email": "address",
    "status": "status",
    "roles": "roles",
    "cases": "cases",
}


def _of_login(found: Known, line: ImportLine) -> str:
    """In words what a list changes of a login; nothing of its password but that it loses it."""
    said = [
        f"{word}: {_in_words(found.listed[name])} → {_in_words(getattr(line, name))}"
        for name, word in _LOGIN.items()
        if _plain(found.listed[name]) != _plain(getattr(line, name))
    ]
    if not line.password_hash and found.work != "" and found.right_id is None:
        said.append("password taken away")
    return "; ".join(said)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return f"{_right_in_words(before)} → {_right_in_words(after)}"


def _right_in_words(right: Mapping[str, Any]) -> str:
    admission = right.get("admission")
    return ", ".join(
        part
        for part in (
            _listed_in_words(right["roles"], right["cases"]),
            str(admission).replace("_", " ") if admission not in {None, "full"} else "",
            str(right["status"]) if right["status"] != RightStatus.ACTIVE else "",
        )
        if part
    )


def _listed_in_words(roles: Sequence[str], cases: Sequence[str] | None) -> str:
    limited = f" in {', '.join(cases)}" if cases else ""
    return f"{', '.join(labels(tuple(roles)))}{limited}"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return str(value or "none")
