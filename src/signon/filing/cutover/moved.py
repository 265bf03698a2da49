"""A court's day has moved: everybody who was told the old one is told the new one, once each.

Who was told stands with what told them. Each such source finds its own, whose court has another day
than they know, and notes the new one by a guarded statement, so that of two processes one mails it.
"""

from collections.abc import Callable, Sequence

from signon.courts.registry import read_all
from signon.db import Database, Unit
from signon.filing.cutover.waves import telling
from signon.filing.linking import prepared_links, preparing

BATCH = 50
"""So many are told in one unit."""
Tell = Callable[[Unit, str], Sequence[str]]
"""Tell some of a source, behind a place in the order of their ids; answers the ids, none at the end.

Whoever is of two sources is told by the first one: a later one leaves them out."""


async def tell(database: Database) -> int:
    """Tell everybody of every source; answers how many were looked at."""
    told = 0
    for source in SOURCES:
        after = ""
        while some := await database.write(source, after):
            told += len(some)
            after = some[-1]
    return told


def prepared(unit: Unit, after: str) -> Sequence[str]:
    """Those who have prepared a login."""
    found = prepared_links.moved(unit, unit.now, after, BATCH)
    courts = read_all(unit) if found else {}
    for one in found:
        preparing.tell_moved(unit, courts[one.court_id], one)
    return [one.id for one in found]


SOURCES: tuple[Tell, ...] = (prepared, telling.reminded)
"""In the order in which they tell."""
