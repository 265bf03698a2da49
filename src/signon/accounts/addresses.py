"""What is known of an account's mail address."""

from sqlalchemy import Update, update

from signon.accounts.models import accounts
from signon.prepared import change


@change
def note_proved(account_id: str, email: str) -> Update:
    """Somebody has used a link that was mailed there: the address is theirs (`email_verified`)."""
    return (
        update(accounts)
        .where(
            accounts.c.id == account_id,
            accounts.c.email == email,
            accounts.c.email_verified.is_(False),
        )
        .values(email_verified=True)
    )
