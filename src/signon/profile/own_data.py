"""Everything that an account says about its own holder, in one read."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row
from signon.accounts.models import AccountKind, accounts
from signon.db import Unit
from signon.web.preconditions import etag_of


@dataclass(frozen=True, slots=True)
class OwnData:
    """An account as its holder may see it; `account` is the same as the rest of the house sees."""

    account: Account
    middle_name: str | None
    user_type: str | None
    date_of_birth: date | None
    email_verified: bool
    phone: str | None
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    county: str | None
    country: str | None
    search_status: str
    search_status_reason: str | None
    password_changed_at: datetime | None
    created_on: date
    updated_at: datetime

    @property
    def is_legacy(self) -> bool:
        """Whether it must be upgraded before anything but its password may be changed."""
        kinds = {AccountKind.INDIVIDUAL, AccountKind.FIRM}
        return self.account.kind in kinds and not self.account.is_upgraded

    @property
    def version(self) -> str:
        """The entity tag of what is there now."""
        return etag_of(self.account.id, self.updated_at.isoformat())

    def value(self, field: str) -> Any:
        """A changeable field by its name, wherever it stands."""
        return getattr(self if field in _BESIDE else self.account, field)


_BESIDE = frozenset(field.name for field in fields(OwnData)) - {"account"}


def find(unit: Unit, account_id: str) -> OwnData:
    """The data of an account that is known to be there: its holder has just been identified."""
    return _from_row(unit.execute(_FIND, {"id": account_id}).mappings().one())


def lock(unit: Unit, account_id: str) -> OwnData:
    """The same, and nobody else changes the account until this unit ends."""
    return _from_row(unit.execute(_LOCK, {"id": account_id}).mappings().one())


def _from_row(row: Mapping[Any, Any]) -> OwnData:
    return OwnData(from_row(row), **{name: row[name] for name in _BESIDE})


_FIND = select(*ACCOUNT_COLUMNS, *(accounts.c[name] for name in sorted(_BESIDE))).where(
    accounts.c.id == bindparam("id")
)
_LOCK = _FIND.with_for_update(key_share=True)
