"""The frame around every request: its id, headers, log line and count. Pure ASGI."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signon import ids, logs, metrics
from signon.web.headers import ALWAYS, HTTPS_ONLY

MAX_URL_BYTES = 8 * 1024


class Frame:
    """ASGI middleware; outermost, so that an error's answer has the headers too."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = ALWAYS + HTTPS_ONLY if is_https else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request within its frame."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = scope["signon.request_id"] = ids.new_id()
        logs.request_id.set(request_id)
        status = 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *self._headers,
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            if len(scope["path"]) + len(scope["query_string"]) > MAX_URL_BYTES:
                await _too_long(send_framed)
            else:
                await self._app(scope, receive, send_framed)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            metrics.count_request(scope["method"], route, status, seconds)
            logs.request_line(scope, route, status, seconds)


async def _too_long(send: Send) -> None:
    await send({"type": "http.response.start", "status": 414, "headers": []})
    await send({"type": "http.response.body", "body": b""})
