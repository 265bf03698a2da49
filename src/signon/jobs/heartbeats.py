"""Each serving process says that it runs, and which schema its program is of.

`signon db finish` takes away what older programs need only when none of them has spoken for a while.
"""

from datetime import datetime, timedelta

from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert

from signon import ids, schema
from signon.db import Database, Unit
from signon.jobs.models import heartbeats
from signon.prepared import change

EVERY = timedelta(seconds=15)


class Heart:
    """One serving process's word that it runs, under an id that it has made up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = ids.new_id()

    async def beat(self) -> None:
        """Say that it runs."""
        await self._database.write(_beat, self._process, schema.head())


def _beat(unit: Unit, process: str, revision: str) -> None:
    _say(unit, process, revision, unit.now)


@change
def _say(process: str, revision: str, now: datetime) -> Insert:
    row = insert(heartbeats).values(process=process, revision=revision, seen_at=now)
    return row.on_conflict_do_update(
        index_elements=["process"], set_={"seen_at": row.excluded.seen_at}
    )
