"""Reading a court's file of legacy logins: every line is checked, every bad one explained.

A reason names the column and never repeats a cell, which may be the password hash.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from signon import rows
from signon.accounts import plain_words
from signon.courts.registry import CourtType
from signon.filing.cases import EXAMPLES, MAX_CASES, is_case_number
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
OPTIONAL = ("cases",)
LONGEST = {"login": 64, "first_name": 100, "last_name": 100, "bar_id": 64, "email": 254}

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A line that can be imported, but for its password, which may not matter."""

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
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as read; `digest` is its SHA-256 in hexadecimal."""

    digest: str
    lines: Sequence[ImportLine]
    bad: Sequence[BadLine]


def read(data: bytes, court: CourtType) -> ImportFile:
    """Read a CSV file.

    Raises InputError: it is too large, empty, or its header is not the one asked for.
    """
    lines: dict[str, ImportLine] = {}
    bad: list[BadLine] = []
    for row in rows.read(data, REQUIRED, OPTIONAL):
        found = _line(row, court) if isinstance(row, Row) else row
        if isinstance(found, ImportLine) and found.key in lines:
            twice = f"the login stands in line {lines[found.key].number} already"
            found = BadLine(found.number, twice)
        if isinstance(found, BadLine):
            bad.append(found)
        else:
            lines[found.key] = found
    return ImportFile(rows.digest(data), list(lines.values()), bad)


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
        email=_email(cell["email"]) or "",
        roles=in_order(_several(cell["role"])),
        status=LoginStatus(cell["status"].lower()),
        cases=_cases_of(cell),
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
    long = [name for name, most in LONGEST.items() if len(cell[name]) > most]
    if long or len(login_key(cell["login"])) > LONGEST["login"]:
        return f"{' and '.join(long or ['login'])} too long"
    empty = [name for name in ("login", "last_name") if not cell[name]]
    return f"{' and '.join(empty)} missing" if empty else ""


def _check_email(cell: Mapping[str, str], _court: CourtType) -> str:
    if _email(cell["email"]):
        return ""
    return "email is not an e-mail address" if cell["email"] else "email missing"


def _check_status(cell: Mapping[str, str], _court: CourtType) -> str:
    known = [status.value for status in LoginStatus]
    return "" if cell["status"].lower() in known else f"status must be {_either(known)}"


def _check_roles(cell: Mapping[str, str], court: CourtType) -> str:
    roles = _several(cell["role"])
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


_CHECKS = (_check_text, _check_email, _check_status, _check_roles, _check_cases)


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
    return tuple(_several(cell.get("cases", ""))) or None


def _either(names: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
