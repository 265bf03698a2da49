"""Names that an account had until lately are kept for it: its owner may take them back."""

from sqlalchemy import bindparam, select

from signon.accounts.directory import username_key
from signon.accounts.models import held_usernames
from signon.accounts.repudiation import LASTS
from signon.db import Unit, insert_for


def hold(unit: Unit, account_id: str, username: str) -> None:
    """Keep a name that the account gives up, as long as the change can be disowned."""
    statement = insert_for(unit)(held_usernames).values(
        username_key=username_key(username), account_id=account_id, until=unit.now + LASTS
    )
    new = statement.excluded
    unit.execute(
        statement.on_conflict_do_update(
            index_elements=["username_key"],
            set_={"account_id": new.account_id, "until": new.until},
        )
    )


def is_held(unit: Unit, username: str, account_id: str) -> bool:
    """Whether the name is kept for another account.

    Asked after the name was written, so that of a name that is given up and taken at the same
    moment the unique index has settled the order.
    """
    values = {"key": username_key(username), "account": account_id, "now": unit.now}
    return unit.scalar(_HELD, values) is not None


_HELD = select(held_usernames.c.account_id).where(
    held_usernames.c.username_key == bindparam("key"),
    held_usernames.c.account_id != bindparam("account"),
    held_usernames.c.until > bindparam("now"),
)
