"""`signon serve`: what it refuses to start on, what it bears, and how it stops."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from signon.config import Settings
from signon.db import Database
from tests.infra import forked

START_SECONDS = 150


@dataclass
class Served:
    """A running `signon serve`."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        """A connection to type into by hand."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts `signon serve …` in a process of its own; what still runs is ended."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **changed: str) -> subprocess.Popen[str]:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {
            "SIGNON_ISSUER": settings.issuer,
            "SIGNON_DATABASE_URL": settings.database_url.get_secret_value(),
            "SIGNON_SECRET_KEYS": settings.secret_keys[0].get_secret_value(),
            "SIGNON_SMTP_URL": settings.smtp_url.get_secret_value(),
            **{name: value for name, value in os.environ.items() if name == "PYTHONPATH"},
            **changed,
        }
        process = forked.Signon(
            "serve", *arguments, env=environment, cwd=tmp_path, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield run
    for process in started:
        # workers are ended too, whatever became of their parent
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextmanager
def served(start: Start, *arguments: str, **changed: str) -> Iterator[Served]:
    process = start("--port", "0", *arguments, **changed)
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+) ", line)
    assert found, line + process.stderr.read()
    server = Served(process, int(found[1]))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx2.get(f"{server.url}/livez")
            break
        except httpx2.TransportError:
            assert time.monotonic() < deadline, "it does not start"
            time.sleep(0.05)
    yield server


def refused(process: subprocess.Popen[str]) -> str:
    _, err = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert err.count("\n") == 1, err
    return err


# ── Refusing to start ────────────────────────────────────────────────────────


def test_bad_settings_stop_the_start(start: Start):
    """Which one, and how to mend it."""
    err = refused(start(SIGNON_ISSUER="http://signon.example"))
    assert err.startswith("signon: SIGNON_ISSUER may be http only on a loopback host")


def test_an_unmigrated_database_stops_the_start(start: Start, tmp_path: Path):
    """And nothing is made where the database should have been."""
    err = refused(start(SIGNON_DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}"))
    assert err == "signon: The database is empty: run `signon db upgrade`.\n"
    assert not (tmp_path / "new.db").exists()


def test_missing_keys_stop_the_start(start: Start):
    """A server that can sign nobody in is none."""
    err = refused(start())
    assert err == (
        "signon: There is no active signing key for RS256 and ES256. Run `signon keys rotate`.\n"
    )


def test_a_busy_port_stops_the_start(start: Start, with_keys: Database):
    """One line that names it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        err = refused(start("--port", str(port)))
    assert err == (
        f"signon: Port {port} on 127.0.0.1 cannot be listened on: Address already in use. "
        "Name another with --port or --host.\n"
    )


# ── Serving and stopping ─────────────────────────────────────────────────────


def test_what_is_running_at_a_stop_is_still_answered(start: Start, with_keys: Database):
    """A request that is half here when SIGTERM comes gets its answer; then the exit is clean."""
    with served(start) as server, server.connect() as client:
        _hear_that_it_lives(client)
        client.sendall(
            b"POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type"
        )
        time.sleep(1)
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + START_SECONDS
        while not _is_refused(server):
            assert time.monotonic() < deadline, "it still takes connections"
            time.sleep(0.05)
        client.sendall(b"=nonsense1")
        assert client.recv(100).startswith(b"HTTP/1.1 4")
        assert server.process.wait(START_SECONDS) == 0


def test_an_idle_connection_does_not_hold_up_a_stop(start: Start, with_keys: Database):
    """Browsers keep theirs open; they are closed."""
    with served(start) as server, server.connect() as client:
        _hear_that_it_lives(client)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(START_SECONDS) == 0


def test_workers_count_together(start: Start, with_keys: Database):
    """Whichever of them is asked for the metrics."""
    with served(start, "--workers", "2") as server:
        before = _counted(server)
        for _ in range(40):
            httpx2.get(f"{server.url}/livez")
        assert _counted(server) == before + 40
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(START_SECONDS) == 0


def test_their_supervisor_holds_nothing_that_a_fork_would_tear(start: Start, with_keys: Database):
    """One thread, and of sockets only the one that is listened at; it looked into the database."""
    with served(start, "--workers", "2") as server:
        held = Path(f"/proc/{server.process.pid}")
        assert len(list((held / "task").iterdir())) == 1
        opened = [str(file.readlink()) for file in (held / "fd").iterdir()]
        assert sum(name.startswith("socket:") for name in opened) == 1
        assert not any("signon.db" in name for name in opened)


def test_killed_workers_parents_leave_no_orphans(start: Start, with_keys: Database):
    """Else the port would stay taken, by a program that nobody looks after."""
    with served(start, "--workers", "2") as server:
        server.process.kill()
        server.process.wait()
        deadline = time.monotonic() + START_SECONDS
        while _is_taken(server.port):
            assert time.monotonic() < deadline, "somebody still listens"
            time.sleep(0.1)


def test_it_names_neither_itself_nor_its_version(start: Start, with_keys: Database):
    """No `server` header."""
    with served(start) as server:
        answer = httpx2.get(f"{server.url}/livez")
    assert "server" not in answer.headers
    assert "date" in answer.headers


def _hear_that_it_lives(client: socket.socket) -> None:
    client.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while not answer.endswith(b"alive\n"):
        more = client.recv(4096)
        assert more, answer
        answer += more


def _is_refused(server: Served) -> bool:
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def _counted(server: Served) -> int:
    found = httpx2.get(f"{server.url}/metrics").text
    lines = re.findall(r'requests_total\{method="GET",route="/livez",status="200"\} (\d+)', found)
    return sum(int(number) for number in lines)


def _is_taken(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False
