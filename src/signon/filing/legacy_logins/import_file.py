"""Reading a court's file of legacy logins: every line is checked, every bad one explained.

A reason names the column and never repeats a cell, which may be the password hash.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from signon import rows
from signon.accounts import plain_words
from signon.courts.registry import CourtType
from signon.filing.cases import EXAMPLES, MAX_CASES, is_case_number, tidied
from signon.filing.legacy_logins.legacy_logins import LoginStatus, login_key
from signon.filing.roles import ROLES, Role, in_order, problem_with
from signon.rows import BadLine, Row

REQUIRED = (
    "login",
    "password_hash",
    "first_name",
    "last_name",
    "bar_id",
    "email",
    "role",
    "status",
)
OPTIONAL = ("cases", "override")
LONGEST = {"login": 64, "first_name": 100, "last_name": 100, "bar_id": 64, "email": 254}

_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"", "no", "n", "false", "0"})
_BETWEEN_ADDRESSES = re.compile(r"[;,|\s]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A line that can be imported, but for its password, which may not matter.

    `override`: it also goes over what the court decided by hand.
    """

    number: int
    key: str
    login: str
    first_name: str
    last_name: str
    bar_id: str | None
    email: str
    roles: tuple[Role, ...]
    status: LoginStatus
    cases: tuple[str, ...] | None
    override: bool
    password_hash: str = field(repr=False)


class Notice(NamedTuple):
    """What to know of a line that is taken all the same; of the whole file, its line is 0."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as read; `digest` is its SHA-256 in hexadecimal."""

    digest: str
    lines: Sequence[ImportLine]
    bad: Sequence[BadLine]
    notices: Sequence[Notice] = ()


@dataclass(frozen=True, slots=True)
class CourtList:
    """A list as it was sent: the bytes of a CSV file, in the encoding that was named, if one was;
    or rows that come from elsewhere, numbered as there.
    """

    content: bytes | Sequence[Row] = field(repr=False)
    encoding: str = ""

    @property
    def digest(self) -> str:
        """What names the very same list."""
        if isinstance(self.content, bytes):
            return rows.digest(self.content)
        cells = json.dumps([dict(row.cells) for row in self.content])
        return hashlib.sha256(cells.encode()).hexdigest()


def read(data: CourtList | bytes, court: CourtType) -> ImportFile:
    """Read a list.

    Raises InputError: it is too large, empty, in an encoding that nobody named, or its header is
    not the one asked for.
    """
    listed = data if isinstance(data, CourtList) else CourtList(data)
    if not isinstance(listed.content, bytes):
        return _read(listed.digest, listed.content, court, [])
    how = rows.encoding_of(listed.content, listed.encoding)
    found = rows.read(listed.content, REQUIRED, OPTIONAL, encoding=how.name)
    return _read(listed.digest, found, court, [Notice(0, how.notice)] if how.notice else [])


def _read(
    digest: str, found_rows: Iterable[Row | BadLine], court: CourtType, notices: list[Notice]
) -> ImportFile:
    lines: dict[str, ImportLine] = {}
    bad: list[BadLine] = []
    for row in found_rows:
        found = _line(row, court) if isinstance(row, Row) else row
        if isinstance(found, ImportLine) and found.key in lines:
            twice = f"the login stands in line {lines[found.key].number} already"
            found = BadLine(found.number, twice)
        if isinstance(found, BadLine):
            bad.append(found)
        elif isinstance(row, Row):
            lines[found.key] = found
            notices += [Notice(row.line, text) for text in _notices(row.cells)]
    return ImportFile(digest, list(lines.values()), bad, notices)


def _line(row: Row, court: CourtType) -> ImportLine | BadLine:
    problems = [problem for check in _CHECKS if (problem := check(row.cells, court))]
    return BadLine(row.line, "; ".join(problems)) if problems else _made(row.line, row.cells)


def _made(number: int, cell: Mapping[str, str]) -> ImportLine:
    return ImportLine(
        number=number,
        key=login_key(cell["login"]),
        login=cell["login"],
        first_name=cell["first_name"],
        last_name=cell["last_name"],
        bar_id=cell["bar_id"] or None,
        email=_email(_addresses(cell["email"])[0]) or "",
        roles=in_order(_roles(cell)),
        status=LoginStatus(cell["status"].lower()),
        cases=_cases_of(cell),
        override=cell.get("override", "").lower() in _YES,
        password_hash=cell["password_hash"],
    )


def _check_text(cell: Mapping[str, str], _court: CourtType) -> str:
    """Plain text of a length that fits, with what a filer cannot be without."""
    together = "".join(cell.values())
    if _CONTROL.search(together):
        return "holds a control character"
    for name in ("first_name", "last_name"):
        if problem := plain_words.problem(cell[name]):
            return f"{name} {problem}"
    cells = {**cell, "email": _addresses(cell["email"])[0]}
    key = login_key(cell["login"])
    long = [name for name, most in LONGEST.items() if len(cells[name]) > most]
    if long or len(key) > LONGEST["login"]:
        return f"{' and '.join(long or ['login'])} too long"
    empty = [
        name for name in ("login", "last_name") if not (key if name == "login" else cell[name])
    ]
    return f"{' and '.join(empty)} missing" if empty else ""


def _check_email(cell: Mapping[str, str], _court: CourtType) -> str:
    wrong = cell["email"] and not _email(_addresses(cell["email"])[0])
    return "email is not an e-mail address" if wrong else ""


def _check_status(cell: Mapping[str, str], _court: CourtType) -> str:
    known = [status.value for status in LoginStatus]
    return "" if cell["status"].lower() in known else f"status must be {_either(known)}"


def _check_roles(cell: Mapping[str, str], court: CourtType) -> str:
    roles = _roles(cell)
    if not roles or any(role not in ROLES for role in roles):
        held = [row.role.value for row in ROLES.values() if court in row.courts]
        return f"unknown role: at this court it may be {_either(held)}"
    return problem_with(in_order(roles), _cases_of(cell), court)


def _check_cases(cell: Mapping[str, str], court: CourtType) -> str:
    cases = _cases_of(cell) or ()
    if len(cases) > MAX_CASES:
        return f"more than {MAX_CASES} cases"
    wrong = [str(n) for n, case in enumerate(cases, 1) if not is_case_number(case, court)]
    return f"case number {_either(wrong)} is not like {EXAMPLES[court]}" if wrong else ""


def _check_override(cell: Mapping[str, str], _court: CourtType) -> str:
    known = cell.get("override", "").lower() in _YES | _NO
    return "" if known else "override must be yes or no"


_CHECKS = (_check_text, _check_email, _check_status, _check_roles, _check_cases, _check_override)


def _notices(cell: Mapping[str, str]) -> Iterable[str]:
    """What is not as usual in a line that can be imported."""
    several = len([one for one in _addresses(cell["email"]) if one])
    if not cell["password_hash"] and not several:
        yield "neither password nor e-mail address: nobody can prove it"
    elif not cell["password_hash"]:
        yield "no password: it is proved by the mailed link only"
    elif not several:
        yield "no e-mail address: it cannot be proved by a mailed link"
    if several > 1:
        yield f"{several} e-mail addresses: the first is used"


def _addresses(text: str) -> list[str]:
    """One at least, which may be empty."""
    return _BETWEEN_ADDRESSES.split(text.strip("; ,|")) or [""]


def _roles(cell: Mapping[str, str]) -> list[str]:
    """As the house writes them: courts write `Pro Se` and `US Trustee` too."""
    tidy = re.sub(r"[\s-]+", "_", cell["role"].lower().replace("u.s.", "us"))
    return _several(tidy.replace("_;", ";").replace(";_", ";"))


def _email(text: str) -> str | None:
    """The address as mail carries it; names such as `.test` are fine in a rehearsal."""
    # Loads the tables of international domain names: only the importer needs them.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        return None
    return found.ascii_email


def _several(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(";")]
    return list(dict.fromkeys(part for part in parts if part))


def _cases_of(cell: Mapping[str, str]) -> tuple[str, ...] | None:
    return tuple(_several(tidied(cell.get("cases", "")))) or None


def _either(names: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
