"""A stop that nobody notices: unready first, then nobody is let in, then the end."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from signon.web import serving, supervised
from signon.web.serving import Server
from signon.web.waiting import Waiting

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
PLENTY = 60


async def _application(scope: Any, receive: Any, send: Any) -> None:
    """Answers everything."""
    if scope["type"] == "lifespan":
        for said in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{said}.complete"})
        return
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body"})


@pytest.fixture
def notified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd would hear."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(PLENTY)
        monkeypatch.setenv(supervised.ADDRESS, str(tmp_path / "notify"))
        yield heard


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(REQUEST)
    async with asyncio.timeout(PLENTY):
        return await reader.readuntil(b"\r\n\r\n")


def test_a_stop_lets_everybody_in_for_a_while(
    notified: socket.socket, monkeypatch: pytest.MonkeyPatch
):
    """Told first; then each answer is its connection's last; whoever was let in last is answered."""
    monkeypatch.setattr(signal, "alarm", lambda _: 0)
    monkeypatch.setattr(serving, "LEAVE_SECONDS", 3600.0)
    told: list[str] = []

    async def run() -> None:
        listener = serving.listen("127.0.0.1", 0)
        server = Server(
            serving.configuration(lambda: _application, Waiting()),
            leaving=lambda: told.append("leaving"),
        )
        server.config.loop = "asyncio"
        running = asyncio.create_task(server.serve(sockets=[listener]))
        assert await asyncio.to_thread(notified.recv, 100) == b"READY=1"
        address = listener.getsockname()
        open_before = await asyncio.open_connection(*address)
        assert b"connection: close" not in (await _ask(*open_before)).lower()

        server.handle_exit(signal.SIGTERM, None)
        assert await asyncio.to_thread(notified.recv, 100) == b"STOPPING=1"
        assert told == ["leaving"]
        late = await asyncio.open_connection(*address)
        for connection in (open_before, late):
            assert b"connection: close" in (await _ask(*connection)).lower()
            assert await connection[0].read() == b""

        monkeypatch.setattr(serving, "LAST_SECONDS", 1.0)
        last = await asyncio.open_connection(*address)
        await asyncio.sleep(0.1)
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
        assert (await _ask(*last)).startswith(b"HTTP/1.1 200")
        server._captured_signals.clear()
        async with asyncio.timeout(PLENTY):
            await running
        for _, writer in (open_before, late, last):
            writer.close()
            await writer.wait_closed()

    asyncio.run(run())


def test_whoever_stands_at_the_port_is_let_in(notified: socket.socket):
    """The kernel has taken the connection, the loop has not come round, and the port closes."""

    async def run() -> None:
        listener = serving.listen("127.0.0.1", 0)
        server = Server(serving.configuration(lambda: _application, Waiting()))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        assert await asyncio.to_thread(notified.recv, 100) == b"READY=1"
        # both without letting the loop come round
        with closing(socket.create_connection(listener.getsockname())) as client:
            client.sendall(REQUEST)
            client.settimeout(PLENTY)
            await server._close_the_port([listener])
            assert (await asyncio.to_thread(client.recv, 1000)).startswith(b"HTTP/1.1 200")
        server.stop()
        async with asyncio.timeout(PLENTY):
            await running

    asyncio.run(run())


def test_nobody_is_told_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Without systemd, or when its socket is gone."""
    monkeypatch.delenv(supervised.ADDRESS, raising=False)
    supervised.tell(supervised.READY)
    monkeypatch.setenv(supervised.ADDRESS, str(tmp_path / "gone"))
    supervised.tell(supervised.READY)


def test_an_abstract_address_is_known(monkeypatch: pytest.MonkeyPatch):
    """Systemd names one with an @."""
    name = f"signon-{os.getpid()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as heard:
        heard.bind(f"\0{name}")
        monkeypatch.setenv(supervised.ADDRESS, f"@{name}")
        supervised.tell(supervised.STOPPING)
        assert heard.recv(100) == b"STOPPING=1"
