"""A client's connection: uvicorn's, with bounds, and with a short way to plain routes.

A request to a plain route (`web.application.Direct`) that arrives whole in one piece is answered
here, without ASGI's messages (decision 25). Every other takes uvicorn's own way.
"""

import asyncio
import re
from contextvars import Context
from itertools import chain
from typing import Any

import uvicorn
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from signon.web.direct import Plain
from signon.web.frame import Frame
from signon.web.upgrades import without_offer
from signon.web.waiting import Waiting

MAX_HEAD_BYTES = 16 * 1024
_UNFIT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
ALIVE = b"/livez"
"""Answered however many requests there are: it only says that the loop turns."""


class Configuration(uvicorn.Config):
    """uvicorn's, with what bounds the connections."""

    def __init__(self, waiting: Waiting, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self.waiting = waiting


class Run:
    """A request on the short way; to uvicorn it is the connection's present cycle."""

    __slots__ = (
        "_body", "disconnected", "keep_alive", "message_event", "more_body", "plain",
        "response_complete", "scope",
    )  # fmt: skip

    def __init__(self, plain: Plain, scope: Any, *, keep_alive: bool) -> None:
        self._body: bytes | None = b""
        self.plain = plain
        self.scope = scope
        self.keep_alive = keep_alive
        self.message_event = asyncio.Event()
        self.disconnected = False
        self.more_body = True
        self.response_complete = False

    def add(self, body: bytes) -> None:
        """A piece of the body."""
        self._body = (self._body or b"") + body

    def taken(self) -> bytes:
        """The body, once."""
        body, self._body = self._body, None
        return body or b""

    async def receive(self) -> Message:
        """ASGI's: the whole body, then nothing until the client is gone or has its answer."""
        if self._body is not None:
            return {"type": "http.request", "body": self.taken(), "more_body": False}
        await self.message_event.wait()
        return {"type": "http.disconnect"}


class Connection(HttpToolsProtocol):
    """uvicorn's connection within our bounds: a head's size, a request's time, how many wait."""

    cycle: RequestResponseCycle | Run | None  # type: ignore[assignment]

    def __init__(
        self,
        config: Configuration,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        stack = getattr(self.app, "middleware_stack", None)
        self._frame = stack if isinstance(stack, Frame) else None
        self._waiting = config.waiting
        self._network = ""
        self._held: Run | None = None
        self._head_bytes = 0
        self._piece_bytes = 0
        self._in_head = True
        self._is_offered = False
        self._is_waiting = False
        self.has_begun = True

    # ── Who waits for whom ───────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected: from now on its request is awaited."""
        super().connection_made(transport)
        self._network = self._waiting.network(self.client[0]) if self.client else ""
        self._waiting.make_room(len(self.connections))
        self._await_client()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._await_nothing()
        super().connection_lost(exc)

    def let_go(self) -> None:
        """Close, without waiting for a client that may never read what is left."""
        self._await_nothing()
        self.connections.discard(self)
        self.transport.abort()

    def on_response_complete(self) -> None:
        """The answer is written: the next word is the client's, unless it has spoken already."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            # uvicorn would set a timer for each request
            self.server_state.total_requests += 1
            self.flow.resume_reading()
        if not self.transport.is_closing() and (self._is_free() or self._is_incomplete()):
            self.has_begun = False
            self._await_client()

    def _await_client(self) -> None:
        self._await_nothing()
        self._is_waiting = True
        self._waiting.add(self, self._network, self.loop.time())

    def _await_nothing(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            self._waiting.discard(self, self._network)

    def _is_free(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_incomplete(self) -> bool:
        return self.cycle is not None and self.cycle.more_body

    # ── A request arrives ────────────────────────────────────────────────────

    def data_received(self, data: bytes) -> None:
        """Bytes arrived; those of a head that is not complete yet are counted."""
        self._piece_bytes = len(data)
        if self._in_head:
            self._head_bytes += self._piece_bytes
        self._feed(data)
        if self._is_waiting and not self.has_begun and (self._head_bytes or not self._in_head):
            self.has_begun = True
            self._await_client()
        if self._held:
            self._take_the_long_way(self._held)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too large.")

    def _feed(self, data: bytes) -> None:
        """As uvicorn does, but whatever another protocol was offered for is read anew."""
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        try:
            while rest := rest[self._fed(rest) :]:
                pass
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def _fed(self, data: memoryview) -> int:
        """How much of it was taken. After an offer the parser takes nothing: a new one goes on."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as stopped:
            if not self._is_offered:
                return len(data)
            self._begin_anew()
            return int(stopped.args[0])
        return len(data)

    def _begin_anew(self) -> None:
        self._is_offered = False
        method, version = self.parser.get_method(), self.parser.get_http_version()
        line = b"%b %b HTTP/%b" % (method, self.url, version.encode("ascii"))
        head = without_offer(line, self.headers)
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(head)

    def on_headers_complete(self) -> None:
        """The head is complete; raising makes uvicorn answer 400 and close."""
        if self._head_bytes + self._piece_bytes > MAX_HEAD_BYTES:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > MAX_HEAD_BYTES:
                raise ValueError("the request's head is too large")
        self._is_offered = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if self._is_offered:
            return
        self._in_head, self._head_bytes = False, 0
        self.limit_concurrency = None if self.url == ALIVE else self.config.limit_concurrency
        self._held = self._short_way()
        if self._held is None:
            self._begin_the_long_way()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._held:
            self._held.add(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request: the answer is ours to make."""
        if self._is_offered:
            return
        self._in_head = True
        if self._held:
            self._begin(self._held)
        else:
            super().on_message_complete()
        if not self._is_free():
            self._await_nothing()

    # ── The short way ────────────────────────────────────────────────────────

    def _short_way(self) -> Run | None:
        """What answers this request here, or None for everything out of the ordinary."""
        if self._frame is None or not self._is_free() or self.expect_100_continue:
            return None
        path, _, query = self.url.partition(b"?")
        method = self.parser.get_method().decode("ascii")
        plain = self._frame.plain(method, path.decode("latin-1"), query)
        if (
            plain is None
            or b"#" in query
            or self.parser.get_http_version() != "1.1"
            or self._is_crowded()
        ):
            return None
        scope: Any = self.scope
        scope["method"], scope["path"], scope["raw_path"] = method, plain.path, path
        scope["query_string"] = query
        scope["app"] = self.app
        return Run(plain, scope, keep_alive=self.parser.should_keep_alive())

    def _is_crowded(self) -> bool:
        limit = self.limit_concurrency
        return limit is not None and max(len(self.connections), len(self.tasks)) >= limit

    def _take_the_long_way(self, run: Run) -> None:
        """It did not come whole: uvicorn waits for the rest, and the application reads it."""
        self._held = None
        self._begin_the_long_way()
        super().on_body(run.taken())

    def _begin_the_long_way(self) -> None:
        super().on_headers_complete()
        if self._waiting.is_leaving and self.cycle:
            self.cycle.keep_alive = False

    def _begin(self, run: Run) -> None:
        self._held = None
        run.more_body = False
        self.cycle = run
        context = Context()
        if run.plain.at_hand and not self.flow.write_paused and context.run(self._hand_out, run):
            return
        task = self.loop.create_task(self._answer(run), context=context)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _hand_out(self, run: Run) -> bool:
        """Answer without a task, if the answer is there."""
        assert self._frame is not None
        found = self._frame.at_hand(run.plain, Request(run.scope, run.receive))
        if found is not None:
            self._write(run, *found)
        return found is not None

    async def _answer(self, run: Run) -> None:
        """Whatever happens, the client is answered or the connection ends."""
        assert self._frame is not None
        try:
            request = Request(run.scope, run.receive)
            response, framed = await self._frame.answer(run.plain, request)
            if self.flow.write_paused and not run.disconnected:
                await self.flow.drain()
            self._write(run, response, framed)
        except BaseException:  # as uvicorn does: a request that is cancelled is answered too
            self.logger.exception("A plain route's answer could not be given.")
            run.keep_alive = False
            self._write(run, PlainTextResponse("Internal Server Error", 500), b"")

    def _write(self, run: Run, response: Response, framed: bytes) -> None:
        given = response.raw_headers
        if _UNFIT.search(b"".join(chain.from_iterable(given))):
            raise RuntimeError("a header has control characters")
        headers = [*self.server_state.default_headers, *given]
        lines = [b"%b: %b\r\n" % header for header in headers]
        run.keep_alive = run.keep_alive and not self._waiting.is_leaving
        ending = b"\r\n" if run.keep_alive else b"connection: close\r\n\r\n"
        body = b"" if run.plain.method == "HEAD" else response.body
        run.response_complete = True
        run.message_event.set()
        if not self.transport.is_closing():
            status = STATUS_LINE[response.status_code]
            self.transport.write(b"".join((status, *lines, framed, ending, body)))
            if not run.keep_alive:
                self.transport.close()
        self.on_response_complete()
