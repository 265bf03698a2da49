"""What a server holds at this moment, told by several workers together, whatever becomes of them."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import httpx2
import pytest

from signon import metrics, shared_counts
from signon.accounts.hashing import HashingGate
from signon.db import Database
from signon.metrics import Standing
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE, is_postgresql
from tests.operation.test_serving import START_SECONDS, Start, served, start

__all__ = ["start"]


def samples(text: str, name: str) -> dict[str, float]:
    """A metric's values by its labels."""
    lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith(name + "{")]
    return {labels.removeprefix(name): float(value) for labels, _, value in lines}


def test_hashes_are_told():
    """Those that run, and those that wait."""

    async def look() -> None:
        gate, end = HashingGate(threads=1, queue_seconds=30), Event()
        three = asyncio.gather(*(gate.run(end.wait, 20) for _ in range(3)))
        await asyncio.sleep(0.1)
        assert gate.standing() == {("waiting",): 2, ("running",): 1}
        end.set()
        await three
        assert gate.standing() == {("waiting",): 0, ("running",): 0}
        gate.close()

    asyncio.run(look())


def test_connections_of_the_database_are_told(database_url: str, clock: FrozenClock):
    """Lent to threads and to units on the loop; and who waits."""
    database = Database(database_url, clock=clock, pool=1)
    with database.reading():
        assert database.standing()["read", "in_use"] == 1
    found = []

    async def read_twice() -> None:
        def look(_unit: object) -> None:
            found.append(database.standing())

        await asyncio.gather(*(database.read(look) for _ in range(2)))

    asyncio.run(read_twice())
    assert [one["read", "in_use"] for one in found] == [1, 1]
    if is_postgresql(database_url):
        assert [one["read", "waiting"] for one in found] == [1, 0]
    assert set(database.standing().values()) == {0}
    database.close()


@ON_ONE
def test_a_dead_worker_holds_nothing(start: Start, with_keys: Database):
    """Its connections vanish from the sum, what it has counted stays, and its files go."""
    with (
        served(start, "--workers", "2") as server,
        server.connect() as one,
        server.connect() as other,
    ):
        for client in (one, other):
            client.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"200" in client.recv(4096)
        text = until(server.url, lambda text: _open(text) >= 2)
        alive = _answered(text)
        workers = _children(server.process.pid)
        folder = _folder(server.process.pid)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        text = until(server.url, lambda text: _open(text) <= 1)
        assert _answered(text) >= alive
        assert not [file for pid in workers for file in folder.glob(f"*_{pid}.db")]
        # the parent leaves it behind; the next one cleans up, and counts from the beginning
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
    with served(start, "--workers", "2") as server:
        assert not folder.exists()
        assert _answered(httpx2.get(f"{server.url}/metrics").text) < alive


def test_what_is_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Of two servers of one user, and of somebody whose folder has such a name."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with shared_counts.folder() as used:
        link = tmp_path / f"{shared_counts.PREFIX}link"
        link.symlink_to(used)
        left = tmp_path / f"{shared_counts.PREFIX}left"
        left.mkdir()
        with shared_counts.folder():
            assert used.exists()
            assert link.is_symlink()
            assert not left.exists()
    assert not used.exists()


def test_a_level_is_looked_at_when_it_is_asked_for():
    """Nothing ticks in between."""
    values: dict[tuple[str, ...], float] = {("waiting",): 3.0}
    standing = Standing({metrics.connections: lambda: values})
    for number in (3.0, 1.0):
        values["waiting",] = number
        standing.tell()
        assert f'signon_http_connections{{state="waiting"}} {number}' in metrics.render().decode()
        assert standing.in_words() == [("Clients' connections, waiting", number)]


def until(url: str, holds: Callable[[str], bool]) -> str:
    """The metrics, once that holds; a worker that is not there yet is waited for."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            text = httpx2.get(f"{url}/metrics").text
        except httpx2.TransportError:
            text = ""
        if text and holds(text):
            return text
        assert time.monotonic() < deadline, text
        time.sleep(0.1)


def _open(text: str) -> float:
    return sum(samples(text, "signon_http_connections").values())


def _answered(text: str) -> float:
    return sum(samples(text, "signon_http_requests_total").values())


def _folder(pid: int) -> Path:
    """Where it counts with its workers: it has it open."""
    [found] = {
        path
        for one in Path(f"/proc/{pid}/fd").iterdir()
        if (path := one.readlink()).name.startswith(shared_counts.PREFIX)
    }
    return found


def _children(pid: int) -> list[int]:
    return [
        int(one)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for one in (task / "children").read_text().split()
    ]
