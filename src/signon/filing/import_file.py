"""Reading a court's file of legacy logins: every line is checked, every bad one explained.

A reason names the column and never repeats a cell: where columns are shifted, any of them
may hold the password hash.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from signon.accounts import plain_words
from signon.courts.registry import CourtType
from signon.errors import InputError
from signon.filing.cases import EXAMPLES, MAX_CASES, is_case_number
from signon.filing.legacy_logins import LoginStatus, login_key
from signon.filing.roles import ROLES, Role, in_order, problem_with

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
MAX_BYTES = 32 * 1024 * 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_UTF8 = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be imported; `line` is its number in the file, the header's is 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
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
    lines: Sequence[Line]
    bad: Sequence[BadLine]


def read(data: bytes, court: CourtType) -> ImportFile:
    """Read a CSV file in UTF-8, with or without a byte order mark.

    Raises InputError: it is too large, empty, or its header is not the one asked for.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB: split it.")
    rows = _rows(data)
    _, header = next(rows, (0, None))
    names = _checked_header(header or [])
    lines: dict[str, Line] = {}
    bad: list[BadLine] = []
    for number, cells in rows:
        found = _read(number, names, cells, court)
        if isinstance(found, Line) and found.key in lines:
            found = f"the login stands in line {lines[found.key].number} already"
        if isinstance(found, str):
            bad.append(BadLine(number, found))
        else:
            lines[found.key] = found
    return ImportFile(hashlib.sha256(data).hexdigest(), list(lines.values()), bad)


def _rows(data: bytes) -> Iterator[tuple[int, list[str] | None]]:
    """Line numbers and cells; None for what is no CSV, nothing for empty lines."""
    # decoded as it is read: the text of a large file takes four times its bytes
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", "surrogateescape", newline="")
    reader = csv.reader(text, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            yield number, None
        else:
            if any(cells):
                yield number, cells


def _checked_header(header: Sequence[str]) -> list[str]:
    names = [name.lower() for name in header]
    missing = [name for name in REQUIRED if name not in names]
    unknown = len([name for name in names if name not in REQUIRED + OPTIONAL])
    if missing or unknown or len(set(names)) != len(names):
        wrong = f"{', '.join(missing)} missing" if missing else "unknown or repeated columns"
        raise InputError(
            f"The file's first line must name the columns {','.join(REQUIRED)} and, where logins "
            f"are limited to cases, {','.join(OPTIONAL)}, separated by commas: {wrong}.",
            field="file",
        )
    return names


def _read(
    number: int, names: Sequence[str], cells: Sequence[str] | None, court: CourtType
) -> Line | str:
    """The line, or why it cannot be imported."""
    if cells is None:
        return "cannot be read as CSV: check its quotation marks"
    if len(cells) != len(names):
        return f"has {len(cells)} columns, the header has {len(names)}"
    cell = dict(zip(names, cells, strict=True))
    problems = [problem for check in _CHECKS if (problem := check(cell, court))]
    return "; ".join(problems) if problems else _made(number, cell)


def _made(number: int, cell: Mapping[str, str]) -> Line:
    return Line(
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
    if _NOT_UTF8.search(together):
        return "is not UTF-8"
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
