"""Events with a value in every column, sealed and verified as the house does it."""

from typing import Any

from sqlalchemy import select

from signon.audit import sealing, trail, tree, verifying
from signon.audit.events import Event
from signon.audit.models import events
from signon.audit.notes import Checkpoint, NoteKeys
from signon.audit.tree import BrokenError
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.web.visitor import Source

RING = KeyRing([bytes(range(32))])
KEYS = NoteKeys("http://localhost:8000", RING)
ORIGIN = Source("192.0.2.7", "Mozilla/5.0", "req-1")


def record(unit: Unit, number: int = 1) -> None:
    """An event with a value in every column."""
    trail.record(
        unit,
        Event.LINK_MADE,
        actor="acc-1",
        account_id="acc-1",
        client_id="client-1",
        court_id="casb",
        reason="asked",
        source=ORIGIN,
        number=number,
        roles=["attorney", "trustee"],
        name="Ünïcode",
    )


def fill(database: Database, number: int) -> None:
    """So many events, each in a unit of its own."""
    for index in range(number):
        with database.writing() as unit:
            record(unit, index)


def seal(database: Database, given_out: str = "") -> str:
    """Seal all that waits; answers the newest checkpoint."""
    sealed = None
    while True:
        with database.writing() as unit:
            step = sealing.seal(unit, KEYS, given_out)
        if step is None:
            return sealed.note if sealed else ""
        sealed = step
        given_out = given_out and step.note


def sealed(database: Database, number: int) -> str:
    """So many events more, and their checkpoint."""
    fill(database, number)
    return seal(database)


def all_rows(database: Database) -> list[Any]:
    """The events in the order of their numbers."""
    with database.reading() as unit:
        return list(unit.execute(select(*events.c).order_by(events.c.seq)).all())


def look(
    database: Database, since: Checkpoint | None = None, *, batch: int = 2
) -> BrokenError | None:
    """Verify; what is broken, if anything is."""
    with database.reading() as unit:
        try:
            list(verifying.verify(unit, KEYS, tree.look(unit), since, batch=batch))
        except BrokenError as error:
            return error
    return None
