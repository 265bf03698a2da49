"""What a court's list changes of what is there: a list is a source, not the master.

Beside what a right is stands what the court's last list said of its login. A list takes away what
an earlier one gave and gives what none has given; whatever differs from the last list was decided
at the court by hand, and stays unless the line says `override`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Known:
    """A login of the court that is there already, and the right it is linked to, if it is.

    `listed` is what the last list said of it, `right` what the right is, both as columns.
    """

    id: str
    right_id: str | None
    account_id: str | None
    login: str
    listed: Mapping[str, Any]
    right: Mapping[str, Any]
    pending_for: Sequence[str]
    work: str | None = None


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


def changes_of(known: Mapping[str, Known], lines: Iterable[ImportLine]) -> Iterable[Change]:
    """What the lines change of rights; a disabled or locked login is a suspended right."""
    for line in lines:
        found = known.get(line.key)
        if found is None or found.right_id is None or found.account_id is None:
            continue
        after = _after(found, line)
        if after != found.right:
            yield Change(found.right_id, found.account_id, found.login, found.right, after)


def impossible(
    known: Mapping[str, Known], lines: Iterable[ImportLine], court: CourtType
) -> list[BadLine]:
    """Lines that, with what the court decided by hand, make a right that there cannot be."""
    bad = []
    for line in lines:
        found = known.get(line.key)
        if found is not None and found.right_id is not None:
            after = _after(found, line)
            roles = [Role(role) for role in after["roles"]]
            if wrong := problem_with(roles, after["cases"], court):
                bad.append(BadLine(line.number, f"{BY_HAND} ({wrong}): correct it, or override"))
    return bad


def named(known: Mapping[str, Known], lines: Iterable[ImportLine]) -> list[Named]:
    """Every change that the lines make, in their order."""
    told = []
    for line in lines:
        found = known.get(line.key)
        if found is None:
            told.append(Named(line.login, "new", _listed_in_words(line.roles, line.cases)))
            continue
        if said := _of_login(found, line):
            told.append(Named(found.login, "login", said))
        told += [
            Named(one.login, "right", _difference(one.before, one.after), one.shrinks)
            for one in changes_of(known, [line])
        ]
    return told


def _after(found: Known, line: ImportLine) -> dict[str, Any]:
    was, said = found.right, found.listed
    roles, cases = _roles_and_cases(was, said, line)
    suspended_by = _suspended_by(was["suspended_by"], said["status"], line)
    usual = admission_of(roles, cases)
    by_hand = was["admission"] != admission_of(was["roles"], was["cases"])
    keeps = usual is not None and was["admission"] is not None and by_hand and not line.override
    return {
        "status": status_of(suspended_by, found.pending_for).value,
        "suspended_by": suspended_by,
        "roles": roles,
        "cases": cases,
        "admission": was["admission"] if keeps else usual,
    }


def _roles_and_cases(
    was: Mapping[str, Any], said: Mapping[str, Any], line: ImportLine
) -> tuple[list[str], list[str] | None]:
    now = None if line.cases is None else list(line.cases)
    if line.override:
        return list(line.roles), now
    roles = in_order(_merged(was["roles"], said["roles"], line.roles))
    if was["cases"] == said["cases"]:
        return list(roles), now
    if now is None or was["cases"] is None or said["cases"] is None:
        # to be limited at all, or not, was decided by hand
        return list(roles), was["cases"]
    return list(roles), _merged(was["cases"], said["cases"], now)


def _merged(is_now: Sequence[str], said: Collection[str], says: Sequence[str]) -> list[str]:
    """What is, without what only the last list said, with what only this one says."""
    kept = [one for one in is_now if one in says or one not in said]
    return kept + [one for one in says if one not in said and one not in kept]


def _suspended_by(was: Sequence[str], said: str, line: ImportLine) -> list[str]:
    is_active = line.status is LoginStatus.ACTIVE
    if line.override:
        others = [one for one in was if one not in {IMPORT, COURT}]
        return others if is_active else [*others, IMPORT]
    if is_active == (said == LoginStatus.ACTIVE):
        # the list says what it said: what was suspended or restored since was so by hand
        return list(was)
    others = [one for one in was if one != IMPORT]
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
