"""Names that an account had until lately are kept for it: its owner may take them back."""

from datetime import datetime

from sqlalchemy import Insert, Select, select
from sqlalchemy.dialects.postgresql import insert

from signon.accounts.directory import username_key
from signon.accounts.models import held_usernames
from signon.accounts.repudiation import LASTS
from signon.db import Unit
from signon.prepared import change, value


def hold(unit: Unit, account_id: str, username: str) -> None:
    """Keep a name that the account gives up, as long as the change can be disowned."""
    _hold(unit, username_key(username), account_id, unit.now + LASTS)


def is_held(unit: Unit, username: str, account_id: str) -> bool:
    """Whether the name is kept for another account.

    Asked after the name was written, so that of a name that is given up and taken at the same
    moment the unique index has settled the order.
    """
    return _holder(unit, username_key(username), account_id, unit.now) is not None


@change
def _hold(key: str, account_id: str, until: datetime) -> Insert:
    held = insert(held_usernames).values(username_key=key, account_id=account_id, until=until)
    new = held.excluded
    return held.on_conflict_do_update(
        index_elements=["username_key"], set_={"account_id": new.account_id, "until": new.until}
    )


@value
def _holder(key: str, account_id: str, now: datetime) -> Select[str]:
    return select(held_usernames.c.account_id).where(
        held_usernames.c.username_key == key,
        held_usernames.c.account_id != account_id,
        held_usernames.c.until > now,
    )
