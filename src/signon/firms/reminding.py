"""Mailing everybody once more who has not answered."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.sql.dml import ReturningUpdate

from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.firms import changes, invitations
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.invitations import BATCH, LASTS, PAUSE
from signon.firms.models import InvitationStatus
from signon.firms.models import invitations as table
from signon.prepared import every
from signon.web.acts import Act


def remind(unit: Unit, authority: Authority) -> int:
    """Send again whatever waits or has expired; answers how many. Older links are worth nothing.

    What was sent within the last minutes is passed over. Raises RefusedError (`nobody_waits`) when
    that is all, and ApiError as `changes.count_invited` does: a reminder is an invitation's mail.
    """
    before, until = unit.now - PAUSE, unit.now + LASTS
    again = [one.id for one in _remind(unit, authority.firm.id, before, unit.now, until)]
    if not again:
        sentence = "Nobody was reminded: all have answered, or were mailed within five minutes."
        raise RefusedError("nobody_waits", sentence)
    for start in range(0, len(again), BATCH):
        invitations.send(unit, again[start : start + BATCH])
    changes.record(
        unit,
        authority,
        Event.FIRM_INVITED_AGAIN,
        Change("invitations", after={"reminded": len(again)}),
        reminded=len(again),
    )
    changes.count_invited(unit, authority.firm.id, len(again))
    return len(again)


REMIND = Act("reminded", remind, done="Everybody who has not answered is mailed once more.")


class _Again(NamedTuple):
    id: str


@every(_Again)
def _remind(
    firm_id: str, sent_before: datetime, now: datetime, until: datetime
) -> ReturningUpdate[str]:
    return (
        update(table)
        .where(
            table.c.firm_id == firm_id,
            table.c.status == InvitationStatus.PENDING.value,
            table.c.sent_at <= sent_before,
        )
        .values(sent_at=now, expires_at=until, handled_at=None, digest=None)
        .returning(table.c.id)
    )
