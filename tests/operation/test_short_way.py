"""Plain routes on a real connection: the short way and uvicorn's, and nobody can tell which it was.

A request that comes whole is answered by `web.connection`, any other goes through uvicorn and the
application's frame. What is shown here is shown of both.
"""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signon import logs, metrics
from signon.app import create_app
from signon.config import Settings
from signon.errors import BusyError
from signon.tokens import keys
from signon.web import connection, serving
from signon.web.direct import MAX_URL_BYTES
from tests.infra.databases import ON_ONE

pytestmark = ON_ONE

Answer = tuple[int, list[tuple[str, str]], bytes]
WAYS = pytest.mark.parametrize("way", ["short", "long"])


async def busy(_request: Request) -> Response:
    raise BusyError("Come back later.", retry_after=7)


async def gone(_request: Request) -> Response:
    raise HTTPException(410, headers={"x-why": "moved"})


async def broken(_request: Request) -> Response:
    raise LookupError("a secret of ours")


async def empty(_request: Request) -> Response:
    return Response(status_code=204)


async def split(_request: Request) -> Response:
    return Response("x", headers={"x-split": "a\nset-cookie: evil=1"})


async def pieces(_request: Request) -> Response:
    answer = Response()
    del answer.body
    return answer


async def told(request: Request) -> Response:
    """What an endpoint sees of the request."""
    seen = [
        *(request.method, request.url.path, request.url.query, request.headers.get("host")),
        *(request.client is not None, request.scope["http_version"], request.scope["raw_path"]),
        *(request.app is request.scope["app"], len(await request.body())),
    ]
    assert logs.request_id.get() == request.scope["signon.request_id"]
    return PlainTextResponse(repr(seen))


async def slow(_request: Request) -> Response:
    async with asyncio.timeout(60):
        await asyncio.sleep(0.5)
    return PlainTextResponse("slow\n")


@dataclass
class Site:
    """The application on a port, and what it has counted and logged of requests."""

    server: serving.Server
    address: tuple[str, int]
    counted: list[tuple[str, str, int]]
    logged: list[tuple[str, int]]
    short: list[str]
    """The plain routes that the connection answered."""
    way: str = "short"
    """Or `long`: as if nothing could be answered by the connection."""

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(self.address, timeout=20)


@pytest.fixture
def site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The application with a few routes more; its background work is not started."""
    app = create_app(settings)
    extra: list[Callable[..., object]] = [busy, gone, broken, empty, split, pieces, told, slow]
    for endpoint in extra:
        methods = ["GET", "POST"]
        app.router.routes.append(Route(f"/{endpoint.__name__}", endpoint, methods=methods))
    app.middleware_stack = app.build_middleware_stack()
    configured = serving.configuration(lambda: app)
    configured.lifespan = "off"
    server = serving.Server(configured)
    listener = serving.listen("127.0.0.1", 0)
    made = Site(server, listener.getsockname(), [], [], [])
    monkeypatch.setattr(metrics, "count_request", lambda *given: made.counted.append(given[:3]))
    monkeypatch.setattr(logs, "request_line", lambda *given: made.logged.append(given[1:3]))
    begin = connection.Connection._begin

    def begun(self: connection.Connection, run: connection.Run) -> None:
        made.short.append(run.plain.path)
        begin(self, run)

    monkeypatch.setattr(connection.Connection, "_begin", begun)
    find = connection.Connection._short_way
    monkeypatch.setattr(
        connection.Connection,
        "_short_way",
        lambda self: find(self) if made.way == "short" else None,
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield made
    server.stop()
    thread.join()


def receive(client: socket.socket, *, has_body: bool = True) -> Answer:
    """One answer, by its content-length."""
    read = client.makefile("rb", buffering=0)
    status = int(read.readline().split()[1])
    headers = []
    while line := read.readline().strip():
        name, _, value = line.decode().partition(": ")
        headers.append((name, value))
    size = int(dict(headers).get("content-length", 0)) if has_body else 0
    body = b""
    while len(body) < size:
        body += read.read(size - len(body)) or b""
    return status, headers, body


def ask(site: Site, request: bytes) -> Answer:
    with site.connect() as client:
        client.sendall(request)
        return receive(client, has_body=not request.startswith(b"HEAD"))


def same(answer: Answer) -> Answer:
    """Without what differs from one request to the next."""
    status, headers, body = answer
    assert len(dict(headers)["x-request-id"]) == 26
    kept = [(n, v) for n, v in headers if n not in {"x-request-id", "date"}]
    cookies = [(n, re.sub(r"=[\w-]{20,}", "=random", v)) for n, v in kept]
    return status, cookies, re.sub(rb"\b[a-z2-7]{26}\b", b"ID", body)


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    if body:
        headers = (*headers, f"Content-Length: {len(body)}")
    return "\r\n".join([f"{line} HTTP/1.1", "Host: signon.test", *headers, "", ""]).encode() + body


FORM = "Content-Type: application/x-www-form-urlencoded"
REQUESTS = {
    "livez": request("GET /livez"),
    "head": request("HEAD /livez"),
    "query": request("GET /told?a=1&b=%20?c"),
    "bare question mark": request("GET /told?"),
    "discovery": request("GET /.well-known/openid-configuration"),
    "keys": request("GET /oauth2/jwks"),
    "busy": request("GET /busy"),
    "gone": request("GET /gone"),
    "broken": request("GET /broken", "Accept: application/json"),
    "in pieces": request("GET /pieces", "Accept: application/json"),
    "empty": request("GET /empty"),
    "body": request("POST /told", body=b"x" * 1000),
    "chunked": request("POST /told", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n",
    "token": request("POST /oauth2/token", FORM, body=b"grant_type=nonsense"),
    "large body": request("POST /oauth2/token", FORM, body=b"x" * 70_000),
    "closing": request("GET /livez", "Connection: close"),
    "long address": request("GET /livez?" + "x" * MAX_URL_BYTES),
    "page": request("GET /broken", "Accept: text/html"),
}
LONG = {"long address", "large body"}
"""The second only where the system hands it over in pieces."""


@pytest.mark.parametrize("name", REQUESTS)
def test_the_answer_is_the_same(site: Site, name: str):
    """To the last header, in their order; and so are what is counted and what is logged."""
    short = ask(site, REQUESTS[name])
    assert len(site.short) == 1 or name in LONG
    site.way = "long"
    before = len(site.short)
    assert same(short) == same(ask(site, REQUESTS[name]))
    assert len(site.short) == before
    wait_until(lambda: len(site.logged) == 2)
    assert len(set(site.counted)) == len(set(site.logged)) == 1


AT_HAND = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
AT_HAND += ["/oauth2/jwks"]


@pytest.mark.usefixtures("with_keys")
@pytest.mark.parametrize("path", AT_HAND)
def test_what_is_at_hand_needs_no_task(site: Site, path: str, monkeypatch: pytest.MonkeyPatch):
    """The answer is the same to the last header, counted and logged; so is the next one's."""
    asked = ask(site, request(f"GET {path}"))
    tasks: list[str] = []
    answer = connection.Connection._answer

    async def answered(self: connection.Connection, run: connection.Run) -> None:
        tasks.append(run.plain.path)
        await answer(self, run)

    monkeypatch.setattr(connection.Connection, "_answer", answered)
    with site.connect() as client:
        client.sendall(request(f"GET {path}") * 2 + request("GET /livez"))
        assert same(receive(client)) == same(receive(client)) == same(asked)
        assert receive(client)[2] == b"alive\n"
        client.sendall(request(f"GET {path}", "Connection: close"))
        assert ("connection", "close") in receive(client)[1]
        assert client.recv(1) == b""
    assert tasks == ["/livez"]
    wait_until(lambda: len(site.logged) == 5)
    assert site.counted.count(("GET", path, 200)) == site.logged.count((path, 200)) == 4
    assert logs.request_id.get() == ""


@pytest.mark.usefixtures("with_keys")
def test_what_has_to_be_read_anew_is_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch):
    """Whoever comes while the keys are too old gets those that are read."""
    asked = ask(site, request("GET /oauth2/jwks"))
    assert asked[0] == 200
    monkeypatch.setattr(keys.SigningKeys, "at_hand", lambda _self: None)
    assert same(ask(site, request("GET /oauth2/jwks"))) == same(asked)


def test_a_body_that_comes_later_goes_the_long_way(site: Site):
    """The application reads it as it comes; the next request is short again."""
    with site.connect() as client:
        client.sendall(request("POST /told", "Content-Length: 8") + b"abc")
        time.sleep(0.1)
        client.sendall(b"defgh")
        assert receive(client)[2].endswith(b" 8]")
        assert site.short == []
        client.sendall(request("POST /told", body=b"abc"))
        assert receive(client)[2].endswith(b" 3]")
    assert site.short == ["/told"]


@WAYS
def test_a_connection_stays_for_the_next(site: Site, way: str):
    """Any number, until somebody asks to close it."""
    site.way = way
    with site.connect() as client:
        for _ in range(5):
            client.sendall(request("GET /livez"))
            assert receive(client)[2] == b"alive\n"
        client.sendall(request("GET /livez", "Connection: close"))
        assert ("connection", "close") in receive(client)[1]
        assert client.recv(1) == b""
    assert len(site.short) == (6 if way == "short" else 0)


@WAYS
def test_a_head_without_a_body_leaves_the_connection_in_step(site: Site, way: str):
    """The next answer begins where it should."""
    site.way = way
    with site.connect() as client:
        for _ in range(2):
            client.sendall(request("HEAD /livez"))
            status, headers, _ = receive(client, has_body=False)
            assert (status, dict(headers)["content-length"]) == (200, "6")


def test_requests_on_each_others_heels_are_answered_in_order(site: Site):
    """However long the first one takes, and whatever each of them is."""
    asked = [b"GET /slow", b"GET /livez", b"POST /told", b"GET /nowhere", b"GET /slow"]
    lines = [one.decode() for one in asked]
    with site.connect() as client:
        client.sendall(b"".join(request(line) for line in lines) + request("GET /livez")[:20])
        got = [receive(client) for _ in lines]
        client.sendall(request("GET /livez")[20:])
        assert receive(client)[2] == b"alive\n"
    assert [status for status, _, _ in got] == [200, 200, 200, 404, 200]
    assert (got[0][2], got[1][2], got[4][2]) == (b"slow\n", b"alive\n", b"slow\n")


def test_who_waits_for_a_sign_to_go_on_gets_it(site: Site):
    """`Expect: 100-continue`, RFC 9110 section 10.1.1; and HTTP/1.0, which closes."""
    with site.connect() as client:
        client.sendall(request("POST /told", "Expect: 100-continue", "Content-Length: 3"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert receive(client)[2].endswith(b" 3]")
    with site.connect() as client:
        client.sendall(b"GET /livez HTTP/1.0\r\n\r\n")
        assert receive(client)[0] == 200
        assert client.recv(1) == b""
    assert site.short == []


@WAYS
def test_a_header_cannot_be_split(site: Site, way: str):
    """What would make two headers of one is never sent."""
    site.way = way
    with site.connect() as client:
        client.sendall(request("GET /split"))
        answer = b""
        while more := client.recv(4096):
            answer += more
    assert b"evil" not in answer
    assert ask(site, request("GET /livez"))[0] == 200


@WAYS
def test_who_leaves_before_the_answer_is_counted_all_the_same(site: Site, way: str):
    """The work is done; nobody else is bothered."""
    site.way = way
    with site.connect() as client:
        client.sendall(request("GET /slow"))
        time.sleep(0.2)
    wait_until(lambda: bool(site.counted))
    assert site.counted == [("GET", "/slow", 200)]
    assert ask(site, request("GET /livez"))[0] == 200


def test_who_leaves_in_the_middle_of_a_request_is_counted_too(site: Site):
    """As 499: it never came whole."""
    with site.connect() as client:
        client.sendall(request("POST /told", "Content-Length: 10") + b"half")
        time.sleep(0.2)
    wait_until(lambda: bool(site.counted))
    assert site.counted == [("POST", "/told", 499)]


@WAYS
def test_what_runs_at_a_stop_is_answered(site: Site, way: str):
    """And told that the connection ends."""
    site.way = way
    with site.connect() as client:
        client.sendall(request("GET /slow"))
        time.sleep(0.1)
        site.server.stop()
        status, headers, body = receive(client)
        assert (status, body) == (200, b"slow\n")
        assert ("connection", "close") in headers
        assert client.recv(1) == b""


@WAYS
def test_a_crowd_is_sent_away_but_not_the_probe(
    site: Site, way: str, monkeypatch: pytest.MonkeyPatch
):
    """Too many requests at once: 503; `/livez` says that the loop turns, and it does."""
    site.way = way
    monkeypatch.setattr(site.server.config, "limit_concurrency", 3)
    with site.connect() as first, site.connect() as second:
        for client in (first, second):
            client.sendall(request("GET /slow"))
        time.sleep(0.1)
        assert ask(site, request("GET /told"))[0] == 503
        assert ask(site, request("GET /livez"))[0] == 200
        assert receive(first)[0] == receive(second)[0] == 200


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


OFFER = (
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
)
"""What Java's HttpClient sends with every request over plain http."""
_TOLD = request("POST /told", *OFFER, "Content-Length: 5")
OFFERED: dict[str, tuple[list[bytes], int]] = {
    "with its length": ([_TOLD, b"hello"], 5),
    "in chunks": (
        [request("POST /told", *OFFER, "Transfer-Encoding: chunked"), b"5\r\nhello\r\n0\r\n\r\n"],
        5,
    ),
    "in pieces": (
        [_TOLD[:40], _TOLD[40:] + b"he", b"llo"],
        5,
    ),
    "without a body": ([request("GET /told", *OFFER)], 0),
    "of what nobody knows": (
        [request("POST /told", "Connection: upgrade", "Upgrade: x/1", "Content-Length: 1"), b"h"],
        1,
    ),
}


@WAYS
@pytest.mark.parametrize("why", OFFERED)
@pytest.mark.parametrize("together", [True, False])
def test_an_offer_of_another_protocol_changes_nothing(
    site: Site, way: str, why: str, together: bool
):
    """RFC 9110 7.8: the body is read as usual, and so is whatever follows on the connection."""
    site.way = way
    pieces, size = OFFERED[why]
    with site.connect() as client:
        for _ in range(2):
            for piece in [b"".join(pieces)] if together else pieces:
                client.sendall(piece)
                time.sleep(0 if together else 0.05)
            status, headers, body = receive(client)
            assert status == 200
            assert body.endswith(b", %d]" % size)
            assert "upgrade" not in dict(headers)
        client.sendall(request("GET /livez"))
        assert receive(client)[0] == 200


def test_many_offers_in_one_piece_are_answered_in_turn(site: Site):
    """Each is a head of its own."""
    many = 300
    with site.connect() as client:
        sender = threading.Thread(
            target=client.sendall,
            args=(request("GET /livez", "Connection: Upgrade", "Upgrade: x") * many,),
        )
        sender.start()
        assert {receive(client)[0] for _ in range(many)} == {200}
        sender.join()


def test_a_tunnel_is_none_of_ours(site: Site):
    """CONNECT (RFC 9110 9.3.6) is answered like any method that a path does not have."""
    with site.connect() as client:
        client.sendall(b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert receive(client)[0] in {400, 404, 405}
