"""What a connection may do: how large a request's head is, and how long it takes."""

import hashlib
import inspect
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from uvicorn.protocols.http import httptools_impl

from signon.web import serving, waiting


async def echo(scope, receive, send) -> None:
    """Answers with the number of bytes in the body."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def client() -> Iterator[socket.socket]:
    """A connection to a server that runs in this process, as `signon serve` sets it up."""
    settings = serving.configuration(lambda: echo)
    settings.lifespan = "off"
    server = serving.Server(settings)
    listener = serving.listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with socket.create_connection(listener.getsockname(), timeout=10) as connection:
        yield connection
    server.stop()
    thread.join()


def ask(client: socket.socket, *, filler: int = 0) -> bytes:
    request = b"GET / HTTP/1.1\r\nHost: x\r\nFiller: " + b"x" * filler + b"\r\n\r\n"
    client.sendall(request)
    return client.recv(65536)


def test_nobody_is_let_in_before_somebody_can_answer():
    """A proxy then asks another instance at once, instead of waiting for this one's start."""
    with serving.listen("127.0.0.1", 0) as bound, pytest.raises(ConnectionRefusedError):
        socket.create_connection(bound.getsockname())


def test_a_large_head_is_refused(client: socket.socket):
    """16 KiB are enough for everybody."""
    assert ask(client, filler=15 * 1024).startswith(b"HTTP/1.1 200")
    assert ask(client, filler=17 * 1024).startswith(b"HTTP/1.1 400")


def test_a_head_without_end_is_refused(client: socket.socket):
    """Before it fills the memory: the parser would wait for its end."""
    client.sendall(b"GET / HTTP/1.1\r\nFiller: ")
    client.sendall(b"x" * 17 * 1024)
    assert client.recv(4096).startswith(b"HTTP/1.1 400")


def test_many_small_requests_are_no_large_head(client: socket.socket):
    """The count begins anew with every request of a connection."""
    for _ in range(100):
        assert ask(client, filler=1000).startswith(b"HTTP/1.1 200")


def test_a_body_is_no_head(client: socket.socket):
    """Its own limit is the application's."""
    size = 100_000
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
    client.sendall(b"x" * size)
    assert client.recv(4096).endswith(b"100000")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_request_that_does_not_come_is_given_up(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, sent: bytes
):
    """Slow senders would hold connections until there are none left."""
    monkeypatch.setattr(waiting, "REQUEST_SECONDS", 0.3)
    client: socket.socket = request.getfixturevalue("client")
    client.settimeout(5)
    client.sendall(sent)
    assert client.recv(4096) == b""


def test_a_request_in_pieces_is_answered(client: socket.socket):
    """Slow is allowed, within the time."""
    for piece in (b"GET / HT", b"TP/1.1\r\nHo", b"st: x\r\n\r", b"\n"):
        client.sendall(piece)
    assert client.recv(4096).startswith(b"HTTP/1.1 200")
    assert ask(client).startswith(b"HTTP/1.1 200")


def test_an_answer_may_take_longer_than_a_request(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    """The time is for what the client sends; after it the connection stays for the next one."""
    monkeypatch.setattr(waiting, "REQUEST_SECONDS", 0.3)
    client: socket.socket = request.getfixturevalue("client")
    assert ask(client).startswith(b"HTTP/1.1 200")
    client.settimeout(0.6)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(5)
    assert ask(client).startswith(b"HTTP/1.1 200")


def test_what_is_leant_on_is_what_was_read():
    """`web.connection` stands within this module of uvicorn's (decision 25).

    It has changed: read it again beside `web.connection`, then write its digest here.
    """
    source = inspect.getsource(httptools_impl).encode()
    assert hashlib.sha256(source).hexdigest() == READ


READ = "1d4e1c579df4168433a61a01f10c628b31c1790e72dd9769d2b8633b22214033"
