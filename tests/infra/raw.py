"""Requests as no well-behaved client makes them: handed to the application byte for byte."""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from tests.infra.declared_problems import PROBLEM, check


@dataclass(frozen=True)
class RawRequest:
    """A request before anything has looked at it."""

    method: str
    path: str
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class RawAnswer:
    """Status, headers and body as they went out."""

    status: int
    headers: dict[str, str]
    body: bytes


def send(client: TestClient, request: RawRequest) -> RawAnswer:
    """Send it to the application behind a running test client."""
    assert client.portal is not None
    answer: RawAnswer = client.portal.call(_call, client.app, request)
    return answer


async def _call(app: Any, request: RawRequest) -> RawAnswer:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode("utf-8", "surrogatepass"),
        "query_string": request.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
    sent: list[dict[str, Any]] = []
    received = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return received.pop() if received else {"type": "http.disconnect"}

    async def send_(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send_)
    start = sent[0]
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    if body and headers.get("content-type") == PROBLEM:
        check(request.method, request.path, start["status"], body)
    return RawAnswer(start["status"], headers, body)
