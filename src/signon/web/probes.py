"""What machines ask: is the process alive, may it be sent people, what has it counted.

`/livez` looks at nothing but the process. `/readyz` looks at the database, its schema and
whatever `app` adds, at most once a second however often it is asked. Neither names a version,
an address or a person.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic

from sqlalchemy import Select, String, literal_column, select, table
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signon import metrics, schema
from signon.config import Settings, is_loopback
from signon.db import Database, Unit
from signon.errors import BusyError
from signon.metrics import Gauge
from signon.prepared import value
from signon.web.answers import problem
from signon.web.visitor import peer

KEEP_SECONDS = 1.0
ANSWER_SECONDS = 3.0

Measure = Callable[[], Awaitable[Sequence[Gauge]]]
"""Answers what `/metrics` shows beside the counts. Raises BusyError when it cannot be told."""
Check = Callable[[Unit], str | None]
"""Answers a sentence when something is not ready, else None."""


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
        elif not _holds(request, self._metrics_token):
            answer = problem(401, "The metrics need their token: Authorization: Bearer ….")
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        body = await asyncio.to_thread(metrics.render, await self._measured())
        return Response(body, headers={"content-type": metrics.CONTENT_TYPE})

    async def _measured(self) -> list[Gauge]:
        """What can be measured; without a database the counts are still worth having."""
        gauges: list[Gauge] = []
        for measure in self._measures:
            with suppress(BusyError, DBAPIError):
                gauges += await measure()
        return gauges


class Readiness:
    """Why the server should not be sent people, asked at most once in `KEEP_SECONDS`."""

    def __init__(self, database: Database, checks: Sequence[Check]) -> None:
        self._database = database
        self._checks = (_check_schema, *checks)
        self._kept: tuple[float, list[str]] = (float("-inf"), [])
        self._asking = asyncio.Lock()

    async def reasons(self) -> list[str]:
        """One sentence for each thing that is not ready."""
        async with self._asking:
            if monotonic() - self._kept[0] >= KEEP_SECONDS:
                self._kept = (monotonic(), await self._ask())
        return self._kept[1]

    async def _ask(self) -> list[str]:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._database.read(self._look)
        except (BusyError, DBAPIError, TimeoutError):
            return ["The database does not answer."]

    def _look(self, unit: Unit) -> list[str]:
        for check in self._checks:
            if reason := check(unit):
                return [reason]
        return []


def _check_schema(unit: Unit) -> str | None:
    try:
        found = _revision(unit)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return "The database is empty."
    return None if found == schema.head() else "The database is not migrated to this program."


def _is_from_this_machine(request: Request) -> bool:
    # a proxy on this machine connects from loopback too, but says for whom
    forwarded = {"forwarded", "x-forwarded-for"} & set(request.headers)
    return is_loopback(peer(request)) and not forwarded


def _holds(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


@value
def _revision() -> Select[str]:
    return select(literal_column("version_num", String())).select_from(table("alembic_version"))
