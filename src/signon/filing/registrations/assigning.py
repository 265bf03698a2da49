"""Who of a court's staff looks after a registration: a word among colleagues that decides nothing."""

from collections.abc import Sequence

from sqlalchemy import Update, update

from signon.audit import trail
from signon.audit.events import Event
from signon.courts import staff
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing.court.desk import POWERS, Desk, Power
from signon.filing.models import efile_registrations as table
from signon.filing.registrations import queue, registrations
from signon.filing.registrations.queue import File
from signon.prepared import change
from signon.web.acts import Act

DECIDED = "decided_meanwhile"


def candidates(unit: Unit, desk: Desk) -> dict[str, str]:
    """Usernames of those who may decide registrations, by the accounts' ids."""
    return {
        one.account.id: one.account.username
        for one in staff.members(unit, desk.court.id)
        if Power.DECIDE in POWERS[one.role]
    }


def assign(unit: Unit, desk: Desk, registration_id: str, account_id: str) -> File:
    """Give it to somebody, or with an empty id to nobody.

    Raises NotFoundError, InputError (they may not decide it), RefusedError: it is decided.
    """
    there = registrations.at_court(unit, desk.court.id, registration_id)
    if account_id and account_id not in candidates(unit, desk):
        raise InputError("Choose somebody who may decide registrations.", field="assigned_to")
    if account_id == there.account_id:
        raise InputError("Nobody looks after their own registration.", field="assigned_to")
    if not _assign(unit, there.id, account_id or None):
        raise RefusedError(DECIDED, "The registration is decided already.")
    trail.record(
        unit,
        Event.REGISTRATION_ASSIGNED,
        actor=desk.actor,
        account_id=there.account_id,
        court_id=desk.court.id,
        registration=there.id,
        to=account_id,
    )
    return queue.file(unit, desk, there.id)


def assign_all(unit: Unit, desk: Desk, ids: Sequence[str], account_id: str) -> None:
    """Give several to somebody at once: all of them, or none where one is refused as above."""
    if not ids:
        raise InputError("Choose at least one registration.")
    for one in sorted(set(ids)):
        assign(unit, desk, one, account_id)


ASSIGN = Act(
    "assign", assign, needs=Power.DECIDE, done="Who looks after it is as it stands here now."
)
ASSIGN_ALL = Act(
    "assign_all", assign_all, needs=Power.DECIDE, done="Who looks after them stands below."
)


@change
def _assign(registration_id: str, account_id: str | None) -> Update:
    open_one = table.c.id == registration_id, table.c.decided_at.is_(None)
    return update(table).where(*open_one).values(assigned_to=account_id)
