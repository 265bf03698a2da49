"""The frame around every request: its id, headers, log line and count. Pure ASGI, or for a plain
route that the connection answers itself, one call.
"""

import time
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from signon import ids, logs, metrics, tracing
from signon.web.direct import Direct, Plain
from signon.web.headers import ALWAYS, HTTPS_ONLY

CLIENT_GONE = 499
"""What the log and the count say when the client left before its request was whole."""

Unexpected = Callable[[Request, Exception], Awaitable[Response]]


class Frame:
    """ASGI middleware. `unexpected` answers for what nobody caught, within the frame: Starlette's
    own place for that stands outside of every middleware, where no header is added.
    """

    def __init__(self, app: Direct, *, is_https: bool, unexpected: Unexpected) -> None:
        self._app = app
        self.plain = app.find
        self._headers = ALWAYS + HTTPS_ONLY if is_https else ALWAYS
        self._lines = b"".join(b"%b: %b\r\n" % header for header in self._headers)
        self._unexpected = unexpected
        self._patterns: dict[object, str] = {}
        self._plain_paths: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request within its frame."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = [*self._headers, (b"x-request-id", _begin(scope))]
        status = None

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        try:
            await self._app(scope, receive, send_framed)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception as error:
            if status is not None:
                raise
            answer = await self._unexpected(Request(scope, receive), error)
            await answer(scope, receive, send_framed)
        finally:
            _end(scope, self._pattern(scope), status or 500, started)

    async def answer(self, plain: Plain, request: Request) -> tuple[Response, bytes]:
        """A plain route's answer, whole, and the lines of the headers that the frame adds."""
        started = time.perf_counter()
        request_id = _begin(request.scope)
        status = 500
        try:
            try:
                response = await self._app.answer(plain, request)
            except Exception as error:  # noqa: BLE001 - as above: nobody else answers for it
                response = await self._unexpected(request, error)
            status = response.status_code
        finally:
            _end(request.scope, plain.path, status, started)
        return response, self._framed(request_id)

    def at_hand(self, plain: Plain, request: Request) -> tuple[Response, bytes] | None:
        """The same without waiting, if the answer is there already."""
        started = time.perf_counter()
        response = plain.at_hand(request) if plain.at_hand else None
        if response is None:
            return None
        request_id = _begin(request.scope)
        _end(request.scope, plain.path, response.status_code, started)
        return response, self._framed(request_id)

    def _framed(self, request_id: bytes) -> bytes:
        return b"%bx-request-id: %b\r\n" % (self._lines, request_id)

    def _pattern(self, scope: Scope) -> str:
        """The route's pattern, so that neither label nor log holds what somebody typed."""
        if not self._patterns and "app" in scope:
            listed = (getattr(one, "routes", [one]) for one in scope["app"].routes)
            routes = [route for some in listed for route in some if isinstance(route, Route)]
            self._patterns = {route.endpoint: route.path for route in routes}
            self._plain_paths = {route.path for route in routes if "{" not in route.path}
        if "endpoint" in scope and scope["path"] in self._plain_paths:
            return str(scope["path"])  # two addresses may share an endpoint
        return self._patterns.get(scope.get("endpoint"), "unmatched")


def _begin(scope: Scope) -> bytes:
    request_id = scope["signon.request_id"] = ids.new_id()
    logs.request_id.set(request_id)
    if tracing.now:
        logs.trace_id.set(tracing.now.begin_request(scope["method"], scope["headers"]))
    return request_id.encode()


def _end(scope: Scope, route: str, status: int, started: float) -> None:
    seconds = time.perf_counter() - started
    metrics.count_request(scope["method"], route, status, seconds)
    if tracing.now:
        tracing.now.end_request(scope["method"], route, status)
    logs.request_line(scope, route, status, seconds)
