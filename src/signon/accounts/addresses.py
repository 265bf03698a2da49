"""What is known of an account's mail address, and which one it may take."""

from sqlalchemy import Update, update

from signon.accounts.models import accounts
from signon.errors import InputError
from signon.notices import rehearsals
from signon.prepared import change
from signon.words.sentences import _


def require_same_side(email: str, wanted: str, *, field: str) -> None:
    """Mail to somebody invented for a rehearsal is held by the address, so they keep to such ones,
    and nobody else has one. Raises InputError.
    """
    if rehearsals.court_of(email) != rehearsals.court_of(wanted):
        raise InputError(
            _("The people of a rehearsal keep their addresses, and nobody else has one."),
            field=field,
        )


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
