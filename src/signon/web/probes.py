"""What machines ask: is the process alive, may it be sent people, what has it counted.

`/livez` looks at nothing but the process. `/readyz` looks whether the database answers and takes
what is written, at its schema and at whatever `app` adds, at most once a second however often it is
asked. Neither names a version, an address or a person.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic

from sqlalchemy import Select, String, Update, literal_column, select, table, update
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signon import logs, metrics, schema
from signon.config import Settings, is_loopback
from signon.db import Database, Unit
from signon.errors import BusyError
from signon.metrics import Gauge
from signon.prepared import change, value
from signon.web.answers import problem
from signon.web.models import readiness
from signon.web.visitor import peer

KEEP_SECONDS = 1.0
"""How old a judgement may be."""
LOOK_SECONDS = 2.0
"""How long a look may take: then it is itself the judgement that something does not answer."""
AGAIN_SECONDS = 0.25
"""How long a look is waited for while the last judgement is a bad one."""
MEASURE_SECONDS = 1.0
"""How long `/metrics` waits for what has to be measured."""
SILENT = "The database does not answer."
LEAVING = "This process stops in a moment."
UNWRITABLE = "Nothing can be saved in the database."
NO_ROOM = "The database has no room left for what is new."
NO_ROOM_SECONDS = 15.0
"""For how long after something found no room: the row that a look writes needs none."""

Measure = Callable[[], Awaitable[Sequence[Gauge]]]
"""Answers what `/metrics` shows beside the counts. Raises BusyError when it cannot be told."""
Check = Callable[[Unit], str | None]
"""Answers a sentence when something is not ready, else None."""

_log = logs.get(__name__)


class Probes:
    """`/livez`, `/readyz` and `/metrics`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        checks: Sequence[Check],
        measures: Sequence[Measure] = (),
    ) -> None:
        token = settings.metrics_token
        self._metrics_token = token.get_secret_value() if token else None
        self._readiness = Readiness(database, checks)
        self._measures = measures

    def leave(self) -> None:
        """Say from now on that nobody should be sent here: the process stops soon."""
        self._readiness.leave()

    def routes(self) -> list[Route]:
        """The three addresses, for GET and HEAD."""
        return [
            Route("/livez", self.livez),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
        ]

    async def livez(self, _request: Request) -> Response:
        """200 as long as the loop turns."""
        return PlainTextResponse("alive\n", headers={"cache-control": "no-store"})

    async def readyz(self, _request: Request) -> Response:
        """200, or 503 with the reasons."""
        reasons = await self._readiness.reasons()
        body = {"status": "not_ready" if reasons else "ready", "reasons": reasons}
        return Response(
            json.dumps(body),
            503 if reasons else 200,
            {"cache-control": "no-store"},
            media_type="application/json",
        )

    async def metrics(self, request: Request) -> Response:
        """Everything counted, for whoever holds the token; without one, for this machine only."""
        if self._metrics_token is None:
            if not _is_from_this_machine(request):
                return problem(404, "There is no such page.")
        elif not holds(request, self._metrics_token):
            answer = problem(401, "The metrics need their token: Authorization: Bearer ….")
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        request.app.state.standing.tell()
        body = await asyncio.to_thread(metrics.render, await self._measured())
        return Response(body, headers={"content-type": metrics.CONTENT_TYPE})

    async def _measured(self) -> list[Gauge]:
        """What can be measured; without a database the counts are still worth having."""
        is_ready = not await self._readiness.reasons()
        gauges = [Gauge("signon_ready", "Whether /readyz says so", (), {(): float(is_ready)})]
        with suppress(TimeoutError):
            async with asyncio.timeout(MEASURE_SECONDS):
                for measure in self._measures:
                    with suppress(BusyError, DBAPIError):
                        gauges += await measure()
        return gauges


class Readiness:
    """Why the server should not be sent people, judged at most once in `KEEP_SECONDS`.

    A look goes on by itself: whoever asks waits for a moment at most, and one that does not come
    back in time is a judgement too. What changes is logged once.
    """

    def __init__(self, database: Database, checks: Sequence[Check]) -> None:
        self._database = database
        self._checks = (check_schema, *checks)
        self._looking: asyncio.Task[None] | None = None
        self._began = self._judged = float("-inf")
        self._reasons: list[str] = []
        self._if_overdue = SILENT
        self._is_leaving = False

    def leave(self) -> None:
        """From now on it is not ready, whatever it finds."""
        self._is_leaving = True

    async def reasons(self) -> list[str]:
        """One sentence for each thing that is not ready."""
        if self._is_leaving:
            return [LEAVING]
        if monotonic() - self._judged >= KEEP_SECONDS:
            look = self._under_way()
            patience = AGAIN_SECONDS if self._reasons else LOOK_SECONDS
            wait = self._began + patience - monotonic()
            await asyncio.wait({look}, timeout=max(0.0, wait))
            if not look.done() and not self._reasons:
                self._judge([self._if_overdue], f"no answer in {LOOK_SECONDS} seconds")
        return self._reasons

    def _under_way(self) -> "asyncio.Task[None]":
        if self._looking is None or self._looking.done():
            self._began = monotonic()
            self._looking = asyncio.create_task(self._look())
        return self._looking

    async def _look(self) -> None:
        self._if_overdue = SILENT
        try:
            reasons = await self._database.read(self._check)
            if not reasons:
                self._if_overdue = UNWRITABLE
                await self._database.write(write_nothing)
        except BusyError as error:
            self._judge([self._if_overdue], error.detail or "")
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody should be sent here
            self._judge([self._if_overdue], str(getattr(error, "orig", error)))
        else:
            found_at, said = self._database.no_room
            if reasons or monotonic() - found_at >= NO_ROOM_SECONDS:
                self._judge(reasons)
            else:
                self._judge([NO_ROOM], said)

    def _judge(self, reasons: list[str], detail: str = "") -> None:
        if reasons and reasons != self._reasons:
            _log.error("not ready", reasons=reasons, detail=detail)
        elif self._reasons and not reasons:
            _log.info("ready again")
        self._reasons, self._judged = reasons, monotonic()

    def _check(self, unit: Unit) -> list[str]:
        for check in self._checks:
            if reason := check(unit):
                return [reason]
        return []


def write_nothing(unit: Unit) -> None:
    """Write a row as it is, which nobody else wants.

    Raises BusyError or DBAPIError: the disk is full, the database is a standby that is only read.
    """
    _write(unit)


def check_schema(unit: Unit) -> str | None:
    """A sentence when the database is at no schema that this program works with, else None."""
    try:
        found = _revision(unit)
        # a newer one says with which programs it works
        oldest = _works_with(unit) if found and found > schema.head() else None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return "The database is empty."
    if found and schema.works_on(found, oldest or found):
        return None
    return "The database is not migrated to this program."


def _is_from_this_machine(request: Request) -> bool:
    # a proxy on this machine connects from loopback too, but says for whom
    forwarded = {"forwarded", "x-forwarded-for"} & set(request.headers)
    return is_loopback(peer(request)) and not forwarded


def holds(request: Request, token: str) -> bool:
    """Whether a request carries that bearer token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


@value
def _revision() -> Select[str]:
    return select(literal_column("version_num", String())).select_from(table("alembic_version"))


@value
def _works_with() -> Select[str]:
    return select(literal_column("works_with", String())).select_from(table("schema_state"))


@change
def _write() -> Update:
    return update(readiness).values(written=readiness.c.written)
