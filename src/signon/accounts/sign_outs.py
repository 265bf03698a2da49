"""Signing an account out everywhere, by an act: a new password, a freeze, an operator."""

from datetime import datetime

from sqlalchemy import Update, update

from signon.accounts.models import accounts
from signon.db import Unit
from signon.outbox import events
from signon.prepared import change

SIGNED_OUT = "account:signed_out"
"""Kind of the outbox event that tells whoever has the person signed in."""


def sign_out_everywhere(unit: Unit, account_id: str, *, keep_session: str | None = None) -> None:
    """End every session, grant and token of the account, but let it sign in again at once.

    `valid_from` moves, and whoever uses a session or a token joins it. `keep_session` is not
    told as ended: its caller begins it anew in the same unit.
    """
    _move(unit, account_id, unit.now)
    events.put(unit, SIGNED_OUT, {"account": account_id, "keep": keep_session})


@change
def _move(account_id: str, now: datetime) -> Update:
    return update(accounts).where(accounts.c.id == account_id).values(valid_from=now)
