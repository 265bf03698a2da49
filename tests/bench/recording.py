"""How many events a second the record takes in, and how soon they are sealed.

`.venv/bin/python -m tests.bench.recording [--seconds 10] [--writers 32] [--events 1] [--unsealed]`

Two processes write, half of the writers in each; each unit is an act of its own with `--events`
events and an origin, committed to a durable disk. A third process seals meanwhile, as a server's
job does; with `--unsealed` only when they have ended. Then 20,000 more are sealed while nobody writes.
"""

import argparse
import asyncio
import json
import logging
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.synchronize import Event as Stop
from typing import Any

import structlog

from signon.app import wire
from signon.audit import sealing, trail
from signon.audit.events import Event
from signon.audit.notes import NoteKeys
from signon.audit.sealing import Sealer
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.web.visitor import Source
from tests.infra import postgres
from tests.infra.databases import PostgresDatabases

PROCESSES = 2
ISSUER = "http://localhost:8000"
KEY = bytes(32)
LOOK_SECONDS = 0.05
BATCHES = 20


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--events", type=int, default=1, help="events of each act")
    parser.add_argument("--unsealed", action="store_true", help="seal when all is written")
    asked = parser.parse_args()
    _hush()
    with postgres.running() as cluster:
        url = PostgresDatabases(cluster).restored()
        print(json.dumps(measured(url, asked), indent=2))


def measured(url: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Write for so long, sealing meanwhile; then seal by itself."""
    seconds, writers, events = asked.seconds, asked.writers, asked.events
    context = multiprocessing.get_context("spawn")
    waits: Any = context.Queue()
    stop = context.Event()
    hands = [
        context.Process(target=_write, args=(url, seconds, writers // PROCESSES, events, waits))
        for _ in range(PROCESSES)
    ]
    sealer = context.Process(target=_seal, args=(url, stop))
    for one in hands if asked.unsealed else (*hands, sealer):
        one.start()
    with _opened(url, 1) as database:
        most, took = _told(database, waits)
        if asked.unsealed:
            sealer.start()
        ended = time.monotonic()
        while _waiting(database):
            time.sleep(LOOK_SECONDS)
        late = time.monotonic() - ended
        stop.set()
        for one in (*hands, sealer):
            one.join()
        alone = _sealed_alone(database)
    return {
        "events_a_second": round(len(took) * events / seconds),
        "acts_a_second": round(len(took) / seconds),
        "act_p50_ms": round(statistics.median(took) * 1e3, 1),
        "act_p99_ms": round(took[int(len(took) * 0.99)] * 1e3, 1),
        "most_unsealed": most,
        "sealed_after_s": round(late, 2),
        "sealing_alone_a_second": alone,
    }


def _hush() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


@contextmanager
def _opened(url: str, pool: int) -> Iterator[Database]:
    with closing(wire(Database(url, pool=pool, ring=KeyRing([KEY])))) as database:
        yield database


def _write(url: str, seconds: float, writers: int, events: int, waits: Any) -> None:
    source = Source("192.0.2.1", "Mozilla/5.0", "recording")

    def act(unit: Unit) -> None:
        for _ in range(events):
            trail.record(
                unit, Event.SIGN_IN_SUCCEEDED, actor="nobody", account_id="nobody", source=source
            )

    async def writer(database: Database, until: float) -> list[float]:
        took = []
        while (begun := time.monotonic()) < until:
            await database.write(act)
            took.append(time.monotonic() - begun)
        return took

    async def all_of_them() -> list[float]:
        with _opened(url, writers) as database:
            await database.write(act)
            until = time.monotonic() + seconds
            found = await asyncio.gather(*(writer(database, until) for _ in range(writers)))
        return [wait for each in found for wait in each]

    waits.put(asyncio.run(all_of_them()))


def _seal(url: str, stop: Stop) -> None:
    async def until_stopped() -> None:
        with _opened(url, 2) as database:
            sealer = _sealer(database)
            while not stop.is_set():
                await sealer.settle()
                await asyncio.sleep(sealing.EVERY.total_seconds())

    _hush()
    asyncio.run(until_stopped())


def _told(database: Database, waits: Any) -> tuple[int, list[float]]:
    """The most that waited to be sealed while the hands wrote, and how long each act took."""
    most, took = 0, []
    for _ in range(PROCESSES):
        while waits.empty():
            most = max(most, _waiting(database))
            time.sleep(LOOK_SECONDS)
        took += waits.get()
    return most, sorted(took)


def _sealed_alone(database: Database) -> int:
    """How many a second are sealed when nobody writes."""
    for _ in range(BATCHES):
        with database.writing() as unit:
            for _ in range(sealing.BATCH):
                trail.record(unit, Event.SIGN_IN_SUCCEEDED, actor="nobody")
    begun = time.monotonic()
    asyncio.run(_sealer(database).settle())
    return round(BATCHES * sealing.BATCH / (time.monotonic() - begun))


def _sealer(database: Database) -> Sealer:
    return Sealer(database, NoteKeys(ISSUER, KeyRing([KEY])), None)


def _waiting(database: Database) -> int:
    with database.reading() as unit:
        return sealing.waiting(unit).number


if __name__ == "__main__":
    main()
