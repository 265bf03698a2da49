"""Idle connections: bounded by address and in all, so that they silence nobody."""

import asyncio
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from signon.web import serving, waiting
from signon.web.waiting import Waiting

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HERE = (ipaddress.ip_network("127.0.0.1/32"),)

Connect = Callable[..., socket.socket]


async def application(scope, receive, send) -> None:
    """Answers `/slow` after half a second, everything else when it has come whole."""
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(0.5)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def serving_with(bounds: Waiting, *, at_once: int = 1000) -> Iterator[Connect]:
    """A server in this process; connects from any address of this machine's own network."""
    configured = serving.configuration(lambda: application, bounds)
    configured.lifespan, configured.limit_concurrency = "off", at_once
    server = serving.Server(configured)
    listener = serving.listen("127.0.0.1", 0)
    there = listener.getsockname()
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with ExitStack() as opened:

        def connect(source: str = "127.0.0.1") -> socket.socket:
            made = socket.create_connection(there, timeout=10, source_address=(source, 0))
            return opened.enter_context(made)

        yield connect
    server.stop()
    thread.join()


def is_answered(client: socket.socket, request: bytes = REQUEST) -> bool:
    """Whether it was still there."""
    try:
        client.sendall(request)
        return client.recv(1000).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def test_an_address_holds_so_many_and_no_more():
    """The oldest one goes, nobody is refused: an office behind one address goes on working."""
    with serving_with(Waiting(most_of_an_address=5)) as connect:
        clients = [connect() for _ in range(8)]
        other = connect("127.0.0.2")
        time.sleep(0.2)
        assert [is_answered(client) for client in clients] == [False] * 3 + [True] * 5
        assert is_answered(other)
        assert is_answered(connect())


def test_who_asks_and_waits_for_an_answer_is_not_idle():
    """However many others there are of the same address."""
    with serving_with(Waiting(most_of_an_address=2)) as connect:
        asking = [connect() for _ in range(2)]
        for client in asking:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        for _ in range(5):
            connect()
        assert [client.recv(1000)[:12] for client in asking] == [b"HTTP/1.1 200"] * 2


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_who_sends_half_a_request_is_waited_for_like_anybody(sent: bytes):
    """Else a few bytes would be enough to hold a place."""
    with serving_with(Waiting(most_of_an_address=3)) as connect:
        clients = []
        for _ in range(6):
            clients.append(connect())
            clients[-1].sendall(sent)
            time.sleep(0.05)
        assert [_is_open(client) for client in clients] == [False] * 3 + [True] * 3
        assert is_answered(connect())


def test_a_proxy_of_ours_holds_as_many_as_it_likes():
    """Everybody comes through it."""
    with serving_with(Waiting(HERE, most_of_an_address=3)) as connect:
        clients = [connect() for _ in range(10)]
        time.sleep(0.2)
        assert all(is_answered(client) for client in clients)


def test_in_all_strangers_go_before_proxies():
    """Those who have waited longest first, from however many addresses they come."""
    with serving_with(Waiting(HERE, most=10)) as connect:
        proxies = [connect() for _ in range(5)]
        strangers = [connect(f"127.0.1.{number}") for number in range(1, 9)]
        time.sleep(0.2)
        assert [is_answered(client) for client in strangers] == [False] * 3 + [True] * 5
        assert all(is_answered(client) for client in proxies)


def test_a_flood_of_idle_connections_silences_nobody():
    """Many times what a process bears, from hundreds of addresses, all of them opened and kept."""
    with serving_with(Waiting(most=45), at_once=50) as connect:
        for number in range(400):
            connect(f"127.0.{number % 200}.{1 + number % 7}")
            if number % 50 == 0:
                assert is_answered(connect("127.1.0.1"), b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert is_answered(connect("127.1.0.1"))


def test_a_connection_that_is_kept_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch):
    """After an answer it may be used again for a while."""
    monkeypatch.setattr(waiting, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(waiting, "KEEP_ALIVE_SECONDS", 1.5)
    with serving_with(Waiting()) as connect:
        client = connect()
        assert is_answered(client)
        began = time.monotonic()
        assert client.recv(1) == b""
        assert time.monotonic() - began >= 1.4


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::2%eth0", "2001:db8::/64"),
        ("127.0.0.1", ""),
        ("::ffff:127.0.0.1", ""),
    ],
)
def test_what_counts_as_one_address(host: str, network: str):
    """As everywhere else (`web.visitor`); nothing for a proxy of ours."""
    assert Waiting(HERE).network(host) == network


def _is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
