"""What is known of an account's mail address."""

from sqlalchemy import bindparam, update

from signon.accounts.models import accounts
from signon.db import Unit


def note_proved(unit: Unit, account_id: str, email: str) -> None:
    """Somebody has used a link that was mailed there: the address is theirs (`email_verified`)."""
    unit.execute(_NOTE_PROVED, {"account": account_id, "proved": email})


_NOTE_PROVED = (
    update(accounts)
    .where(
        accounts.c.id == bindparam("account"),
        accounts.c.email == bindparam("proved"),
        accounts.c.email_verified.is_(False),
    )
    .values(email_verified=True)
)
