"""Pools that are kept from one test to the next, with their connections.

Opening a connection to PostgreSQL costs both sides more than most tests: a process, its
catalogue, the plans of what it prepares. So a database that a test closes leaves its pools
here, and the next one over the same restored database takes them up. No two have one at a time.
"""

from collections import defaultdict
from typing import Any

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import event

from signon import engines, pools
from signon.pools import Pool

HARMLESS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_URLS: set[str] = set()
_IDLE: dict[tuple[Any, ...], list["_Kept"]] = defaultdict(list)
_TAKEN: list["_Kept"] = []


class _Kept:
    """A pool, and the connections that it has opened."""

    def __init__(self, pool: Pool, opener: engines.Opener, key: tuple[Any, ...]) -> None:
        self.pool = pool
        self.lines: list[engines.Line] = []
        self.is_spoilt = False
        event.listen(opener._engine, "before_cursor_execute", self._note)
        vars(pool)["_opener"] = lambda: self._opened(opener)

        def put_back() -> None:
            # closing twice is no sin
            if self in _IDLE[key]:
                return
            self.rest()
            if self in _TAKEN and self.is_whole():
                _IDLE[key].append(self)
            else:
                self.end()
            if self in _TAKEN:
                _TAKEN.remove(self)

        vars(pool)["close"] = put_back

    def rest(self) -> None:
        """Take back what loops have: those that are closed, and the one that closes it."""
        for bench in self.pool._benches.values():
            self.pool._resting += bench.leave()
        self.pool._benches.clear()

    def is_whole(self) -> bool:
        """Whether nobody uses a connection, and none has been ended by the server."""
        return not self.is_spoilt and all(map(_is_idle, self.lines))

    def end(self) -> None:
        """Close it, and what somebody still uses."""
        Pool.close(self.pool)
        for line in self.lines:
            line.close()

    def _opened(self, opener: engines.Opener) -> engines.Line:
        self.lines.append(opener())
        return self.lines[-1]

    def _note(self, *given: Any) -> None:
        """After DDL psycopg forgets what is prepared; a setting would stay for the next test."""
        statement: str = given[2]
        self.is_spoilt |= not statement.lstrip().upper().startswith(HARMLESS)


def keep_engines(url: str) -> None:
    """From now on keep the pools of this database, which somebody restores before each test."""
    _URLS.add(url)


def kept_pids() -> list[int]:
    """The server's processes that wait for the next test."""
    return [
        line.wire.info.backend_pid
        for idle in _IDLE.values()
        for kept in idle
        for line in kept.lines
        if line.wire is not None and not line.wire.closed
    ]


def close_forgotten() -> None:
    """End what a test has opened and not closed."""
    while _TAKEN:
        _TAKEN.pop().end()


def close_kept() -> None:
    """End everything, also what waits."""
    close_forgotten()
    for idle in _IDLE.values():
        for kept in idle:
            kept.end()
    _IDLE.clear()


def keeping(patched: pytest.MonkeyPatch) -> None:
    """Let every `Database` take up what is kept."""
    make = pools.pool

    def pool(
        url: str, size: int, timeouts: dict[str, int], *, writes: bool, prepares: bool
    ) -> Pool:
        if url not in _URLS:
            return make(url, size, timeouts, writes=writes, prepares=prepares)
        key = (url, size, writes, prepares, *sorted(timeouts.items()))
        if (kept := _waiting(key)) is None:
            opener = engines.Opener(url, timeouts, writes=writes, prepares=prepares)
            kept = _Kept(Pool(opener, size), opener, key)
        _TAKEN.append(kept)
        return kept.pool

    patched.setattr(pools, "pool", pool)


def _waiting(key: tuple[Any, ...]) -> _Kept | None:
    idle = _IDLE[key]
    while idle:
        kept = idle.pop()
        if kept.is_whole():
            return kept
        kept.end()
    return None


def _is_idle(line: engines.Line) -> bool:
    """A server that ends a connection says so in it: an idle one has nothing to read."""
    wire = line.wire
    if wire is None or wire.info.transaction_status != TransactionStatus.IDLE:
        return False
    return not wire.is_lost
