"""The desk has a password link mailed to somebody of its court; it never sees it.

What follows is what “Forgot your password?” does, with its bounds on mails to an address.
"""

from datetime import timedelta

from signon.accounts import own_account, recovery_wanted
from signon.accounts.directory import Account
from signon.accounts.recovery_wanted import Wanted
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import BusyError
from signon.filing.court.desk import Desk, Power
from signon.filing.rights import filers
from signon.limits import counters
from signon.web.acts import Act

SENT = "desk_password_links"
"""Bucket: links that a court's staff had mailed to an account."""
AN_HOUR = 3
HOUR = timedelta(hours=1)


def send(unit: Unit, desk: Desk, number: str) -> Account:
    """Raises NotFoundError, RefusedError (`own_account`), BusyError after several in an hour."""
    account = filers.known(unit, desk.court, number)
    if desk.actor == account.id:
        raise own_account.refused()
    counted = counters.hit(unit, SENT, counters.key(f"{desk.court.id}:{account.id}"), window=HOUR)
    if counted.count > AN_HOUR:
        assert counted.ends_at is not None
        raise BusyError(
            f"{AN_HOUR} links were mailed within an hour; the last ones work for thirty minutes "
            "each. Ask the caller to look into the mailbox, also among the junk.",
            retry_after=max(1, round((counted.ends_at - unit.now).total_seconds())),
        )
    asked = trail.record(
        unit,
        Event.RECOVERY_ASKED,
        actor=desk.actor,
        account_id=account.id,
        court_id=desk.court.id,
        source=desk.source,
        wanted=Wanted.PASSWORD.value,
    )
    recovery_wanted.put(unit, unit.ring, Wanted.PASSWORD, account.username, asked=asked)
    return account


SEND = Act(
    "password-link",
    send,
    needs=Power.MAIL_PROOFS,
    done="A link to choose a password is on its way to the account’s own address. You never see it.",
)
