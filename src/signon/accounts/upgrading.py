"""What an account says of its holder, and making a legacy account an upgraded one."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from signon.accounts import usernames
from signon.accounts.checks import CONTACT_LENGTHS, Contact
from signon.accounts.directory import LEGACY_KINDS, Account, list_name, name_key, username_key
from signon.accounts.models import AccountStatus, accounts
from signon.db import Unit
from signon.errors import RefusedError

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
        flat = asdict(self)
        return {**flat, **flat.pop("contact")}


def particulars(unit: Unit, account_id: str) -> Particulars:
    """Those of an account that exists."""
    row = dict(unit.execute(_PARTICULARS, {"account": account_id}).mappings().one())
    contact = Contact(**{name: row.pop(name) for name in CONTACT_LENGTHS})
    return Particulars(**row, contact=contact)


def is_username_free(unit: Unit, username: str, account_id: str) -> bool:
    """Whether the account may have this name as things stand; the constraint has the last word."""
    holder = unit.scalar(_HOLDER, {"key": username_key(username)})
    return holder in {None, account_id} and not usernames.is_held(unit, username, account_id)


def upgrade(unit: Unit, account: Account, new: Particulars) -> bool:
    """Make it an upgraded account that says this; False when it is none that can be upgraded now.

    One guarded statement: of any number at once, one does it, and none once the account was
    signed out everywhere since it was read. Search rights are left alone.
    Raises RefusedError (`username_taken`), and then nothing of the unit may be kept.
    """
    values = {
        **new.columns(),
        "account": account.id,
        "username_key": username_key(new.username),
        "name_key": name_key(new.first_name, new.last_name),
        "list_name": list_name(new.first_name, new.last_name, account.firm_name),
        "read": account.valid_from,
        "at": unit.now,
    }
    try:
        is_done = unit.execute(_UPGRADE, values).rowcount == 1
    except IntegrityError:
        raise username_taken(new.username) from None
    if usernames.is_held(unit, new.username, account.id):
        raise username_taken(new.username)
    if is_done:
        usernames.hold(unit, account.id, account.username)
    return is_done


def username_taken(username: str) -> RefusedError:
    """What somebody is told who wants a name that another account has."""
    return RefusedError(
        USERNAME_TAKEN, f"The username {username!r} is taken (in some case): choose another."
    )


_PARTICULARS = select(
    accounts.c.username,
    accounts.c.first_name,
    accounts.c.middle_name,
    accounts.c.last_name,
    accounts.c.date_of_birth,
    accounts.c.user_type,
    *(accounts.c[name] for name in CONTACT_LENGTHS),
).where(accounts.c.id == bindparam("account"))
_HOLDER = select(accounts.c.id).where(accounts.c.username_key == bindparam("key"))
_UPGRADE = (
    update(accounts)
    .where(
        accounts.c.id == bindparam("account"),
        accounts.c.upgraded_at.is_(None),
        accounts.c.kind.in_([kind.value for kind in LEGACY_KINDS]),
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.frozen_at.is_(None),
        accounts.c.valid_from == bindparam("read"),
    )
    .values(
        upgraded_at=bindparam("at"),
        updated_at=bindparam("at"),
        **{
            name: bindparam(name)
            for name in (
                "username",
                "username_key",
                "first_name",
                "middle_name",
                "last_name",
                "name_key",
                "list_name",
                "date_of_birth",
                "user_type",
                *CONTACT_LENGTHS,
            )
        },
    )
)
