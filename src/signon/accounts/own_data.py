"""Everything that an account says about its own holder: read in one go, written field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from signon.accounts import found_by, own_changes, usernames
from signon.accounts.directory import (
    ACCOUNT_COLUMNS,
    Account,
    account_of,
    email_key,
    list_name,
    name_key,
    username_key,
)
from signon.accounts.models import accounts
from signon.db import Unit
from signon.errors import InputError
from signon.prepared import one
from signon.web.preconditions import etag_of
from signon.words.sentences import _


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
    created_on: date
    updated_at: datetime

    @property
    def version(self) -> str:
        """The entity tag of what is there now."""
        beside = (getattr(self, field.name) for field in fields(OwnData))
        return etag_of(*beside)

    def value(self, field: str) -> Any:
        """A changeable field by its name, wherever it stands."""
        return getattr(self if field in _BESIDE else self.account, field)


_BESIDE = [field.name for field in fields(OwnData)][1:]


def find(unit: Unit, account_id: str) -> OwnData:
    """The data of an account that is known to be there: its holder has just been identified."""
    found = _find(unit, account_id)
    assert found is not None
    return found


def lock(unit: Unit, account_id: str) -> OwnData:
    """The same, and nobody else changes the account until this unit ends."""
    found = _lock(unit, account_id)
    assert found is not None
    return found


def store(unit: Unit, own: OwnData, values: Mapping[str, Any]) -> OwnData:
    """Write these fields of an account that this unit has locked, with what is found by them.

    Raises InputError when another account has the username.
    """
    row: dict[str, Any] = {**values, "updated_at": unit.now}
    if "username" in values:
        row["username_key"] = username_key(values["username"])
    if "email" in values:
        row["email_key"] = email_key(values["email"])
    if {"first_name", "last_name", "firm_name"} & set(values):
        names = {name: own.value(name) for name in ("first_name", "last_name", "firm_name")} | row
        first, last = names["first_name"], names["last_name"]
        row["name_key"] = name_key(first, last)
        row["list_name"] = list_name(first, last, names["firm_name"])
    try:
        # the fields are those that are to change
        unit.execute(update(accounts).where(accounts.c.id == own.account.id).values(**row))
    except IntegrityError:
        # the unit is lost with it, so nothing has to be taken back
        raise _taken() from None
    if "username" in values:
        if usernames.is_held(unit, values["username"], own.account.id):
            raise _taken()
        usernames.hold(unit, own.account.id, own.account.username)
    if found_by.CHANGED & set(values):
        found_by.renew(unit, own.account.id)
    own_changes.announce(unit, [own.account.id], values)
    return find(unit, own.account.id)


def _taken() -> InputError:
    return InputError(_("Another account has that username: choose another."), field="username")


def _own_data(*columns: Any) -> OwnData:
    beside = len(_BESIDE)
    return OwnData(account_of(*columns[beside:]), *columns[:beside])


def _of(account_id: str) -> Select[Any]:
    found: Select[Any] = select(*(accounts.c[name] for name in _BESIDE), *ACCOUNT_COLUMNS)
    return found.where(accounts.c.id == account_id)


@one(_own_data)
def _find(account_id: str) -> Select[Any]:
    return _of(account_id)


@one(_own_data)
def _lock(account_id: str) -> Select[Any]:
    return _of(account_id).with_for_update(key_share=True)
