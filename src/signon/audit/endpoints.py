"""`/audit/checkpoint`: the newest signed checkpoint of the record, for whoever keeps one."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signon.audit import tree
from signon.db import Database, Unit
from signon.errors import NotFoundError
from signon.snapshots import Snapshot

PATH = "/audit/checkpoint"
KEEP_SECONDS = 1.0


class CheckpointPage:
    """The note as the database has it; it tells how many records there are, and nothing of them."""

    def __init__(self, database: Database) -> None:
        self._note = Snapshot(_note, database, seconds=KEEP_SECONDS)

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route(PATH, self.newest, methods=["GET"])]

    async def newest(self, _request: Request) -> Response:
        """The note (C2SP tlog-checkpoint). Raises NotFoundError before there is one."""
        return PlainTextResponse(await self._note.get(), headers={"cache-control": "no-store"})


def _note(unit: Unit) -> str:
    if note := tree.look(unit).note:
        return note
    raise NotFoundError("Nothing has been sealed yet: try again in a second.")
