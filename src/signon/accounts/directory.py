"""Finding accounts, and what an account is to the rest of the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select

from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.errors import NotFoundError

LEGACY_BEFORE = date(2014, 8, 11)
"""Individual and firm accounts created before this day are legacy ones until upgraded."""

LEGACY_KINDS = frozenset({AccountKind.INDIVIDUAL, AccountKind.FIRM})
"""The kinds of which there are legacy accounts; the others are never upgraded."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as rules and pages see it; `id` is the `sub` of tokens."""

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


ACCOUNT_COLUMNS = (
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
)
"""What `from_row` needs; a hot statement of a higher feature may select it in a join."""


def username_key(username: str) -> str:
    """Usernames that differ only in case are one (RFC 8265 is more than PACER's alphabet needs)."""
    return username.strip().casefold()


def email_key(email: str) -> str:
    """Addresses that differ only in case or in a `+tag` are one person's (domain facts 1.4)."""
    local, _, domain = email.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def name_key(first_name: str | None, last_name: str | None) -> str | None:
    """Names that differ only in case or white space are one; None without both."""
    if not first_name or not last_name:
        return None
    return " ".join(f"{first_name} {last_name}".casefold().split())


def list_name(first_name: str | None, last_name: str | None, firm_name: str | None = None) -> str:
    """What lists of people are sorted by and found by the beginning of: `last, first`."""
    person = ", ".join(part for part in (last_name, first_name) if part)
    return " ".join((person or firm_name or "").casefold().split())


def by_username(unit: Unit, username: str) -> Account | None:
    """The account of that name, in any case."""
    return _one(unit, _BY_USERNAME, {"value": username_key(username)})


def by_number(unit: Unit, number: str) -> Account | None:
    """The account of that 7-digit number."""
    return _one(unit, _BY_NUMBER, {"value": number})


def by_id(unit: Unit, account_id: str) -> Account | None:
    """The account of that `sub`."""
    return _one(unit, _BY_ID, {"value": account_id})


def locked(unit: Unit, account_id: str) -> Account | None:
    """The account of that `sub`, which nobody else changes until the unit ends."""
    return _one(unit, _LOCKED, {"value": account_id})


def at_email(unit: Unit, email: str) -> list[Account]:
    """Every account with that address, in any case; addresses are not unique."""
    wanted = email.strip().casefold()
    rows = unit.execute(_BY_EMAIL_KEY, {"value": email_key(email)}).mappings()
    found = [from_row(row) for row in rows]
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
    statement = select(*ACCOUNT_COLUMNS).where(accounts.c.number > after)
    if kind:
        statement = statement.where(accounts.c.kind == kind.value)
    if status:
        statement = statement.where(accounts.c.status == status.value)
    rows = unit.execute(statement.order_by(accounts.c.number).limit(limit)).mappings()
    return [from_row(row) for row in rows]


def details(unit: Unit, number: str) -> dict[str, Any]:
    """What an operator is shown of one account. Raises NotFoundError."""
    row = unit.execute(_DETAILS, {"value": number}).mappings().one_or_none()
    if row is None:
        raise unknown_account(number)
    return dict(row)


def account_of(
    account_id: str, number: str, kind: str, username: str, status: str, *others: Any
) -> Account:
    """The account in the columns `ACCOUNT_COLUMNS`, in their order."""
    return Account(account_id, number, AccountKind(kind), username, AccountStatus(status), *others)


def from_row(row: Mapping[Any, Any]) -> Account:
    """The account in a row that selected `ACCOUNT_COLUMNS`."""
    return Account(
        id=row["account_id"],
        number=row["number"],
        kind=AccountKind(row["kind"]),
        username=row["username"],
        status=AccountStatus(row["status"]),
        valid_from=row["valid_from"],
        password_changed_at=row["password_changed_at"],
        password_skips=row["password_skips"],
        has_factor=row["has_factor"],
        factor_skips=row["factor_skips"],
        upgraded_at=row["upgraded_at"],
        email=row["email"],
        frozen_at=row["frozen_at"],
        frozen_since=row["frozen_since"],
        factor_reset_due_at=row["factor_reset_due_at"],
        client_code_required=row["client_code_required"],
        client_code_pattern=row["client_code_pattern"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        firm_name=row["firm_name"],
        firm_number=row["firm_number"],
    )


def _one(unit: Unit, statement: Any, values: Mapping[str, str]) -> Account | None:
    row = unit.execute(statement, values).mappings().one_or_none()
    return from_row(row) if row else None


def _by(column: ColumnElement[str]) -> Any:
    return select(*ACCOUNT_COLUMNS).where(column == bindparam("value"))


_DETAILS = select(
    accounts.c.number.label("account_number"),
    accounts.c.kind,
    accounts.c.username,
    accounts.c.status,
    accounts.c.status_reason,
    accounts.c.created_on,
    accounts.c.upgraded_at,
    accounts.c.search_status,
    accounts.c.search_status_reason,
    accounts.c.email,
    accounts.c.email_verified,
    accounts.c.first_name,
    accounts.c.middle_name,
    accounts.c.last_name,
    accounts.c.firm_name,
    accounts.c.user_type,
    accounts.c.frozen_at,
    accounts.c.has_factor,
    accounts.c.factor_reset_due_at,
    accounts.c.last_signed_in_at,
    accounts.c.date_of_birth,
    accounts.c.password_changed_at,
    accounts.c.id.label("sub"),
).where(accounts.c.number == bindparam("value"))
_BY_USERNAME = _by(accounts.c.username_key)
_BY_NUMBER = _by(accounts.c.number)
_BY_ID = _by(accounts.c.id)
_LOCKED = _BY_ID.with_for_update(key_share=True)
_BY_EMAIL_KEY = _by(accounts.c.email_key).order_by(accounts.c.number)
