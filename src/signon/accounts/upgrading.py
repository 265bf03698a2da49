"""What an account says of its holder, and making a legacy account an upgraded one."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, select, update
from sqlalchemy.exc import IntegrityError

from signon.accounts import found_by, usernames
from signon.accounts.checks import Contact
from signon.accounts.directory import (
    LEGACY_KINDS,
    Account,
    holder,
    list_name,
    name_key,
    username_key,
)
from signon.accounts.models import AccountStatus, accounts
from signon.db import Unit
from signon.errors import RefusedError
from signon.prepared import change, constants, one
from signon.words.sentences import _

USERNAME_TAKEN = "username_taken"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an account says of its holder, but for the password and the e-mail address."""

    username: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    date_of_birth: date | None
    user_type: str | None
    contact: Contact

    def columns(self) -> dict[str, Any]:
        """The same by the names of the account's columns."""
        contact = asdict(self.contact)
        own = {name: value for name, value in asdict(self).items() if name != "contact"}
        return own | contact


def particulars(unit: Unit, account_id: str) -> Particulars:
    """Those of an account that exists."""
    found = _particulars(unit, account_id)
    assert found is not None
    return found


def is_username_free(unit: Unit, username: str, account_id: str) -> bool:
    """Whether the account may have this name as things stand; the constraint has the last word."""
    has = holder(unit, username_key(username))
    return has in {None, account_id} and not usernames.is_held(unit, username, account_id)


def upgrade(unit: Unit, account: Account, new: Particulars) -> bool:
    """Make it an upgraded account that says this; False when it is none that can be upgraded now.

    One guarded statement: of any number at once, one does it, and none once the account was
    signed out everywhere since it was read. Search rights are left alone.
    Raises RefusedError (`username_taken`), and then nothing of the unit may be kept.
    """
    row = _Row(
        **new.columns(),
        username_key=username_key(new.username),
        name_key=name_key(new.first_name, new.last_name),
        list_name=list_name(new.first_name, new.last_name, account.firm_name),
        upgraded_at=unit.now,
        updated_at=unit.now,
    )
    try:
        is_done = _upgrade(unit, account.id, account.valid_from, row) == 1
    except IntegrityError:
        raise username_taken(new.username) from None
    if usernames.is_held(unit, new.username, account.id):
        raise username_taken(new.username)
    if is_done:
        usernames.hold(unit, account.id, account.username)
        found_by.renew(unit, account.id)
    return is_done


def username_taken(username: str) -> RefusedError:
    """What somebody is told who wants a name that another account has."""
    return RefusedError(
        USERNAME_TAKEN,
        _("The username {username} is taken (in some case): choose another.", username=username),
    )


class _Row(NamedTuple):
    username: str
    username_key: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    name_key: str | None
    list_name: str
    date_of_birth: date | None
    user_type: str | None
    phone: str | None
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    county: str | None
    country: str | None
    upgraded_at: datetime
    updated_at: datetime


def _of_columns(
    username: str,
    first_name: str | None,
    middle_name: str | None,
    last_name: str | None,
    date_of_birth: date | None,
    user_type: str | None,
    *contact: str | None,
) -> Particulars:
    return Particulars(
        username, first_name, middle_name, last_name, date_of_birth, user_type, Contact(*contact)
    )


@one(_of_columns)
def _particulars(account_id: str) -> Select[Any]:
    names = [each.name for each in fields(Particulars) if each.name != "contact"]
    names += [each.name for each in fields(Contact)]
    return select(*(accounts.c[name] for name in names)).where(accounts.c.id == account_id)


@change
def _upgrade(account_id: str, read: datetime, row: _Row) -> Update:
    legacy = (
        accounts.c.upgraded_at.is_(None),
        accounts.c.kind.in_(constants(*sorted(LEGACY_KINDS))),
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.frozen_at.is_(None),
        accounts.c.valid_from == read,
    )
    return update(accounts).where(accounts.c.id == account_id, *legacy).values(**row._asdict())
