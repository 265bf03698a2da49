"""Finding accounts, and what an account is to the rest of the house."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, literal_column, select

from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.errors import NotFoundError
from signon.prepared import every, one, value
from signon.words.language import Language, tagged

LEGACY_BEFORE = date(2014, 8, 11)
"""Individual and firm accounts created before this day are legacy ones until upgraded."""

LEGACY_KINDS = frozenset({AccountKind.INDIVIDUAL, AccountKind.FIRM})
"""The kinds of which there are legacy accounts; the others are never upgraded."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as rules and pages see it; `id` is the `sub` of tokens.

    `filing_for`: courts at which it acts for somebody else, each with id, name and for whom, in
    the session that it was read with.
    """

    id: str
    number: str
    kind: AccountKind
    username: str
    status: AccountStatus
    valid_from: datetime
    password_changed_at: datetime | None
    password_skips: int
    has_factor: bool
    factor_skips: int
    upgraded_at: datetime | None
    email: str
    frozen_at: datetime | None
    frozen_since: datetime | None
    factor_reset_due_at: datetime | None
    client_code_required: bool
    client_code_pattern: str | None
    first_name: str | None
    last_name: str | None
    firm_name: str | None
    firm_number: str | None
    locale: str | None
    filing_for: tuple[tuple[str, str, str], ...] = ()

    @property
    def language(self) -> Language | None:
        """In which they signed in last, and are written to; None: nobody knows."""
        return tagged(self.locale)

    @property
    def display_name(self) -> str:
        """The person's or firm's name, else the username."""
        person = " ".join(part for part in (self.first_name, self.last_name) if part)
        if self.kind is AccountKind.FIRM:
            return self.firm_name or self.username
        return person or self.firm_name or self.username

    @property
    def is_upgraded(self) -> bool:
        """Whether it is an upgraded account; legacy and shared ones are not."""
        return self.upgraded_at is not None

    @property
    def is_legacy(self) -> bool:
        """Whether it is one that is still to be upgraded."""
        return self.kind in LEGACY_KINDS and not self.is_upgraded

    @property
    def is_active(self) -> bool:
        """Whether it may be used at all."""
        return self.status is AccountStatus.ACTIVE


ACCOUNT_COLUMNS: tuple[ColumnElement[Any], ...] = (
    accounts.c.id.label("account_id"),
    accounts.c.number,
    accounts.c.kind,
    accounts.c.username,
    accounts.c.status,
    accounts.c.valid_from,
    accounts.c.password_changed_at,
    accounts.c.password_skips,
    accounts.c.has_factor,
    accounts.c.factor_skips,
    accounts.c.upgraded_at,
    accounts.c.email,
    accounts.c.frozen_at,
    accounts.c.frozen_since,
    accounts.c.factor_reset_due_at,
    accounts.c.client_code_required,
    accounts.c.client_code_pattern,
    accounts.c.first_name,
    accounts.c.last_name,
    accounts.c.firm_name,
    accounts.c.firm_number,
    accounts.c.locale,
)
"""What `account_of` and `from_row` need; a hot statement of a higher feature may select it in a join,
as the last of its columns."""
_NAMES = [column.key for column in ACCOUNT_COLUMNS]


def username_key(username: str) -> str:
    """Usernames that differ only in case are one (RFC 8265 is more than PACER's alphabet needs)."""
    return username.strip().casefold()


def email_key(email: str) -> str:
    """Addresses that differ only in case or in a `+tag` are one person's (domain facts 1.4)."""
    local, _, domain = email.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def name_key(first_name: str | None, last_name: str | None) -> str | None:
    """Names that differ only in case or white space are one; None without a last name.

    Whoever has one name has it as the last one.
    """
    if not last_name:
        return None
    return " ".join(f"{first_name or ''} {last_name}".casefold().split())


def list_name(first_name: str | None, last_name: str | None, firm_name: str | None = None) -> str:
    """What lists of people are sorted by and found by the beginning of: `last, first`."""
    person = ", ".join(part for part in (last_name, first_name) if part)
    return " ".join((person or firm_name or "").casefold().split())


def by_username(unit: Unit, username: str) -> Account | None:
    """The account of that name, in any case."""
    return _by_username(unit, username_key(username))


def at_email(unit: Unit, email: str) -> list[Account]:
    """Every account with that address, in any case; addresses are not unique."""
    wanted = email.strip().casefold()
    found = _by_email(unit, email_key(email))
    return [account for account in found if account.email.casefold() == wanted]


def unknown_account(number: str) -> NotFoundError:
    """What an operator is told of a number that no account has."""
    return NotFoundError(
        f"There is no account {number[:16]!r}: `signon accounts list` shows them all."
    )


def listed(
    unit: Unit,
    *,
    kind: AccountKind | None = None,
    status: AccountStatus | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Account]:
    """Accounts by number, at most `limit`, from the one that follows `after`."""
    # composed of what is asked for
    statement = select(*ACCOUNT_COLUMNS).where(accounts.c.number > after)
    # written out, so that the indexes of the few are used
    if kind:
        statement = statement.where(accounts.c.kind == literal_column(f"'{kind.value}'"))
    if status:
        statement = statement.where(accounts.c.status == literal_column(f"'{status.value}'"))
    found = unit.execute(statement.order_by(accounts.c.number).limit(limit))
    return [account_of(*row) for row in found]


def details(unit: Unit, number: str) -> dict[str, Any]:
    """What an operator is shown of one account. Raises NotFoundError."""
    found = _details(unit, number)
    if found is None:
        raise unknown_account(number)
    return found._asdict()


def account_of(
    account_id: str, number: str, kind: str, username: str, status: str, *others: Any
) -> Account:
    """The account in the columns `ACCOUNT_COLUMNS`, in their order."""
    return Account(account_id, number, AccountKind(kind), username, AccountStatus(status), *others)


class Details(NamedTuple):
    """An account as operators see it; `sub` is its id."""

    account_number: str
    kind: str
    username: str
    status: str
    status_reason: str | None
    created_on: date
    upgraded_at: datetime | None
    search_status: str
    search_status_reason: str | None
    email: str
    email_verified: bool
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    firm_name: str | None
    user_type: str | None
    frozen_at: datetime | None
    has_factor: bool
    factor_reset_due_at: datetime | None
    last_signed_in_at: datetime | None
    date_of_birth: date | None
    password_changed_at: datetime | None
    sub: str


@one(account_of)
def _by_username(key: str) -> Select[Any]:
    return select(*ACCOUNT_COLUMNS).where(accounts.c.username_key == key)


@value
def holder(key: str) -> Select[str]:
    """The id of the account whose name has that `username_key`."""
    return select(accounts.c.id).where(accounts.c.username_key == key)


@one(account_of)
def by_number(number: str) -> Select[Any]:
    """The account of that 7-digit number."""
    return select(*ACCOUNT_COLUMNS).where(accounts.c.number == number)


@one(account_of)
def by_id(account_id: str) -> Select[Any]:
    """The account of that `sub`."""
    return select(*ACCOUNT_COLUMNS).where(accounts.c.id == account_id)


@one(account_of)
def locked(account_id: str) -> Select[Any]:
    """The account of that `sub`, which nobody else changes until the unit ends."""
    found = select(*ACCOUNT_COLUMNS).where(accounts.c.id == account_id)
    return found.with_for_update(key_share=True)


@every(account_of)
def _by_email(key: str) -> Select[Any]:
    found = select(*ACCOUNT_COLUMNS).where(accounts.c.email_key == key)
    return found.order_by(accounts.c.number)


@one(Details)
def _details(number: str) -> Select[Any]:
    return select(
        accounts.c.number.label("account_number"),
        *(accounts.c[name] for name in Details._fields[1:-1]),
        accounts.c.id.label("sub"),
    ).where(accounts.c.number == number)
