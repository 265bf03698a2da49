"""Reading a file of accounts line by line, so that a million of them need no more memory than one.

A reason names the column and never repeats a cell, which may be the password hash.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from signon import rows
from signon.accounts import creation, foreign_hashes, user_types
from signon.accounts.checks import CONTACT_LENGTHS, Contact
from signon.accounts.creation import NewAccount
from signon.accounts.directory import LEGACY_BEFORE
from signon.accounts.foreign_hashes import UnknownNotation
from signon.accounts.models import AccountKind, AccountStatus
from signon.errors import InputError
from signon.rows import BadLine, Row

REQUIRED = ("username", "email", "kind")
OPTIONAL = (
    "account_number",
    "first_name",
    "middle_name",
    "last_name",
    "date_of_birth",
    "firm_name",
    "user_type",
    "created_on",
    "upgraded_on",
    "last_signed_in_on",
    "status",
    "password_hash",
    "email_verified",
    *CONTACT_LENGTHS,
)
COLUMNS = REQUIRED + OPTIONAL
KINDS = (AccountKind.INDIVIDUAL, AccountKind.SHARED, AccountKind.FIRM)
"""Operators are made one by one."""
STATUSES = (AccountStatus.ACTIVE, AccountStatus.DISABLED)
_DIGITS = 7


class Answer(StrEnum):
    """Whether whoever sends the file answers for an address."""

    YES = "yes"
    NO = "no"


Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be imported, if its username and number are free."""

    number: int
    new: NewAccount
    account_number: str | None
    status: AccountStatus
    upgraded_on: date | None
    last_signed_in_on: date | None
    is_weak: bool
    email_verified: bool
    password_hash: str = field(repr=False)


def read(path: Path, today: date, encoding: str = "") -> Iterator[Line | BadLine]:
    """Every line of a CSV file, in its order. Raises InputError: it is none of accounts."""
    for row in rows.read(path, REQUIRED, OPTIONAL, encoding=encoding):
        yield _line(row, today) if isinstance(row, Row) else row


def moment(day: date | None) -> datetime | None:
    """The start of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


def _line(row: Row, today: date) -> Line | BadLine:
    cell = {name: text for name, text in row.cells.items() if text}
    try:
        return _made(row.line, cell, today)
    except InputError as error:
        # the sentence of an e-mail address repeats it
        name = error.field or "line"
        said = "email is not an e-mail address" if name == "email" else f"{name}: {error.sentence}"
        return BadLine(row.line, said)
    except UnknownNotation as error:
        return BadLine(row.line, f"password_hash: {error}")


def _made(number: int, cell: Mapping[str, str], today: date) -> Line:
    """Raises InputError or UnknownNotation."""
    kind = _one_of(cell, "kind", KINDS) or AccountKind.INDIVIDUAL
    upgraded_on = _day(cell, "upgraded_on")
    made = creation.checked(
        NewAccount(
            kind=kind,
            username=_needed(cell, "username"),
            email=_needed(cell, "email"),
            first_name=cell.get("first_name"),
            middle_name=cell.get("middle_name"),
            last_name=cell.get("last_name"),
            date_of_birth=_day(cell, "date_of_birth"),
            firm_name=cell.get("firm_name"),
            user_type=user_types.user_type(cell["user_type"]) if "user_type" in cell else None,
            created_on=_day(cell, "created_on"),
            contact=Contact(**{name: cell.get(name) for name in CONTACT_LENGTHS}),
        ),
        today,
    )
    if upgraded_on and (not made.is_legacy or upgraded_on < LEGACY_BEFORE):
        raise InputError(
            f"Only a legacy account is upgraded, since {LEGACY_BEFORE}.", field="upgraded_on"
        )
    notation = cell.get("password_hash", "")
    return Line(
        number=number,
        new=made,
        account_number=_account_number(cell),
        status=_one_of(cell, "status", STATUSES) or AccountStatus.ACTIVE,
        upgraded_on=upgraded_on,
        last_signed_in_on=_day(cell, "last_signed_in_on"),
        email_verified=_one_of(cell, "email_verified", tuple(Answer)) is Answer.YES,
        is_weak=bool(notation) and foreign_hashes.parse(notation).is_weak,
        password_hash=notation,
    )


def _needed(cell: Mapping[str, str], name: str) -> str:
    if name not in cell:
        raise InputError("It is missing.", field=name)
    return cell[name]


def _one_of(cell: Mapping[str, str], name: str, choices: Sequence[Choice]) -> Choice | None:
    text = cell.get(name, "").lower()
    for choice in choices:
        if choice == text:
            return choice
    if not text and name != "kind":
        return None
    raise InputError(f"It must be one of {', '.join(choices)}.", field=name)


def _day(cell: Mapping[str, str], name: str) -> date | None:
    if name not in cell:
        return None
    try:
        return date.fromisoformat(cell[name])
    except ValueError:
        raise InputError("It must be a day such as 1975-12-10.", field=name) from None


def _account_number(cell: Mapping[str, str]) -> str | None:
    number = cell.get("account_number")
    if number and not (len(number) == _DIGITS and number.isascii() and number.isdigit()):
        raise InputError(f"It must have {_DIGITS} digits.", field="account_number")
    return number
