"""Engines that are kept from one test to the next, with their connections.

Opening a connection to PostgreSQL costs both sides more than most tests: a process, its
catalogue, the plans of what it prepares. So a database that a test closes leaves its engines
here, and the next one over the same restored database takes them up. No two have one at a time.
"""

import select
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

from signon import engines

HARMLESS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_URLS: set[str] = set()
_IDLE: dict[tuple[Any, ...], list["_Kept"]] = defaultdict(list)
_TAKEN: list["_Kept"] = []


class _Kept:
    """An engine and the connections that it has opened."""

    def __init__(self, engine: Engine, key: tuple[Any, ...]) -> None:
        self.engine = engine
        self.connections: list[Connection[Any]] = []
        self.is_spoilt = False
        event.listen(engine, "before_cursor_execute", self._note)
        event.listen(engine, "connect", lambda opened, _: self.connections.append(opened))
        event.listen(engine, "close", lambda closed, _: self._forget(closed))
        event.listen(engine, "invalidate", lambda closed, _record, _error: self._forget(closed))

        def put_back() -> None:
            # closing twice is no sin
            if self in _IDLE[key]:
                return
            if self in _TAKEN and self.is_whole():
                _IDLE[key].append(self)
            else:
                Engine.dispose(engine)
            if self in _TAKEN:
                _TAKEN.remove(self)

        vars(engine)["dispose"] = put_back

    def is_whole(self) -> bool:
        """Whether nobody uses a connection, and none has been ended by the server."""
        return not self.is_spoilt and all(map(_is_idle, self.connections))

    def _note(self, *given: Any) -> None:
        """After DDL psycopg forgets what is prepared; a setting would stay for the next test."""
        statement: str = given[2]
        self.is_spoilt |= not statement.lstrip().upper().startswith(HARMLESS)

    def _forget(self, closed: Connection[Any]) -> None:
        if closed in self.connections:
            self.connections.remove(closed)


def keep_engines(url: str) -> None:
    """From now on keep the engines of this database, which somebody restores before each test."""
    _URLS.add(url)


def kept_pids() -> list[int]:
    """The server's processes that wait for the next test."""
    return [
        connection.info.backend_pid
        for idle in _IDLE.values()
        for kept in idle
        for connection in kept.connections
        if not connection.closed
    ]


def close_forgotten() -> None:
    """End what a test has opened and not closed."""
    while _TAKEN:
        kept = _TAKEN.pop()
        Engine.dispose(kept.engine)
        for connection in kept.connections[:]:
            connection.close()


def close_kept() -> None:
    """End everything, also what waits."""
    close_forgotten()
    for idle in _IDLE.values():
        for kept in idle:
            Engine.dispose(kept.engine)
    _IDLE.clear()


def keeping(patched: pytest.MonkeyPatch) -> None:
    """Let every `Database` take up what is kept."""
    make: Callable[..., Engine] = engines.engine

    def engine(url: str, pool: int, timeouts: dict[str, int], *, writes: bool) -> Engine:
        key = (url, pool, writes, *sorted(timeouts.items()), *engines.POOL.items())
        if url not in _URLS:
            return make(url, pool, timeouts, writes=writes)
        kept = _waiting(key) or _Kept(make(url, pool, timeouts, writes=writes), key)
        _TAKEN.append(kept)
        return kept.engine

    patched.setattr(engines, "engine", engine)


def _waiting(key: tuple[Any, ...]) -> _Kept | None:
    idle = _IDLE[key]
    while idle:
        kept = idle.pop()
        if kept.is_whole():
            return kept
        Engine.dispose(kept.engine)
    return None


def _is_idle(connection: Connection[Any]) -> bool:
    """A server that ends a connection says so in it: an idle one has nothing to read."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    return not select.select([connection.fileno()], [], [], 0)[0]
