"""The database: tables' common ground and units of work.

A unit of work is one transaction: **return commits, raise rolls back**, and nobody else calls
``commit``. The one exception is a refusal that the unit was told to `keep`: it is raised, and what
was written stays (decision 21). A route declares its unit: `Database.read` (PostgreSQL in
AUTOCOMMIT, SQLite deferred), `Database.write` (one transaction; on SQLite ``BEGIN IMMEDIATE`` on
a single connection) or `Database.spend` (the answer first, then one statement that changes all;
decision 23). Each hands the rule a `Unit`; on PostgreSQL it runs on the event loop (`pools`), on
SQLite in a thread.
"""

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    MetaData,
    String,
    TypeDecorator,
    make_url,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from signon import metrics, pools, tracing
from signon.clock import Clock, utc_now
from signon.crypto import KeyRing
from signon.engines import Line
from signon.metrics import Values
from signon.pools import Pool
from signon.units import DeadConnectionError, Opening, TransactionRequiredError, Unit, tell

__all__ = [
    "BULK", "SERVING", "Database", "Id", "Json", "Moment", "Unit", "metadata",
]  # fmt: skip

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SERVING = {"statement_timeout": 2500, "lock_timeout": 1000}
"""PostgreSQL's time-outs in milliseconds while people wait (DB-3 of the security rules)."""
LARGE_BYTES = 16 * 1024
"""Of a request's body: a file, a list of people."""
BULK = {"statement_timeout": 0, "lock_timeout": 10_000}
"""The same for imports, migrations and pruning, which bound their own work."""


class _SqliteUtc(TypeDecorator[datetime]):
    """SQLite has no time zones: naive UTC goes in, aware UTC comes out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


Moment: TypeEngine[datetime] = DateTime(timezone=True).with_variant(_SqliteUtc(), "sqlite")
"""A moment: aware datetimes in and out, `timestamptz` on PostgreSQL, UTC text on SQLite."""
Id = String(26)
"""The column type of `ids.new_id`."""
Json: TypeEngine[Any] = JSON(none_as_null=True)


P = ParamSpec("P")
R = TypeVar("R")
BeforeCommit = Callable[[Unit], None]


class Database:
    """Two bounded pools over one database, to read and to write, and who runs units on them."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = utc_now,
        pool: int = 8,
        before_commit: Sequence[BeforeCommit] = (),
        timeouts: dict[str, int] = SERVING,
        ring: KeyRing | None = None,
        prepares: bool = True,
    ) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.clock = clock
        self.before_commit = list(before_commit)
        self.ring = ring
        self.no_room = -math.inf, ""
        self._is_hasty = bool(timeouts["statement_timeout"])
        writers = 1 if self.is_sqlite else pool
        self._reading = pools.pool(url, pool, timeouts, writes=False, prepares=prepares)
        self._writing = pools.pool(url, writers, timeouts, writes=True, prepares=prepares)
        self._readers = ThreadPoolExecutor(pool, "read")
        self._writers = ThreadPoolExecutor(writers, "write")

    def reading(self) -> AbstractContextManager[Unit]:
        """A unit that changes nothing. Raises BusyError when the database is at a limit."""
        return self._unit(self._reading, writes=False)

    def writing(self) -> AbstractContextManager[Unit]:
        """A unit that is committed when the block ends, and rolled back when it raises anything
        but a refusal that it was told to keep.

        Raises BusyError when the database is at a limit.
        """
        return self._unit(self._writing, writes=True)

    async def read(
        self, rule: Callable[Concatenate[Unit, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a rule in a reading unit."""
        work = Opening(self, writes=False).work(rule, args, kwargs)
        if self.is_sqlite:
            return await _hop("read", self._readers, self._reading, work)
        return await self._on_loop("read", self._reading, work)

    async def write(
        self, rule: Callable[Concatenate[Unit, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a rule in a writing unit, and commit."""
        if self.is_sqlite:
            return await self.write_long(rule, *args, **kwargs)
        work = Opening(self, writes=True).work(rule, args, kwargs)
        return await self._on_loop("write", self._writing, work)

    async def write_long(
        self, rule: Callable[Concatenate[Unit, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """`write` in a thread: a rule that computes for long would hold up the loop."""
        work = Opening(self, writes=True).work(rule, args, kwargs)
        return await _hop("write", self._writers, self._writing, work)

    async def write_asked(
        self,
        size: int,
        rule: Callable[Concatenate[Unit, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """`write` for a request of so many bytes: a large one asks for much, and gets a thread."""
        write = self.write_long if size > LARGE_BYTES else self.write
        return await write(rule, *args, **kwargs)

    async def spend(
        self, rule: Callable[Concatenate[Unit, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a rule that makes its answer first and spends by one guarded statement at its end.

        It holds no lock while it computes, so that statement checks once more what must hold.
        Where more is to be done the rule says so (`Unit.require_transaction`) and runs anew as in
        `write`. On SQLite it does so from the start: its statements are cheap, and several.
        """
        if self.is_sqlite:
            return await self.write(rule, *args, **kwargs)
        work = Opening(self, writes=False, spends=True).work(rule, args, kwargs)
        try:
            return await self._on_loop("spend", self._writing, work)
        except TransactionRequiredError:
            return await self.write(rule, *args, **kwargs)

    def spending(self) -> AbstractContextManager[Unit]:
        """The unit of `spend` on PostgreSQL. Raises BusyError when the database is at a limit."""
        return self._unit(self._writing, writes=False, spends=True)

    def standing(self) -> Values:
        """Connections that are lent and waited for, for `/metrics`."""
        lent = {"read": self._reading.standing(), "write": self._writing.standing()}
        return {
            (name, state): number
            for name, numbers in lent.items()
            for state, number in zip(("in_use", "waiting"), numbers, strict=True)
        }

    def close(self) -> None:
        """Let the threads' units end, then close every connection."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._reading.close()
        self._writing.close()

    async def _on_loop(self, kind: str, pool: Pool, work: Callable[[Line], R]) -> R:
        bench = pool.bench()
        started = monotonic()
        span = tracing.now.begin(f"unit {kind}") if tracing.now else None
        ends = bench.loop.time() + (pools.UNIT_SECONDS if self._is_hasty else float("inf"))
        try:
            try:
                return await bench.run(work, ends)
            except DeadConnectionError:
                if bench.loop.time() >= ends:
                    raise
                return await bench.run(work, ends)
        except DBAPIError as error:  # no connection could be opened
            tell(error)
            raise
        finally:
            metrics.count_unit(kind, monotonic() - started)
            if span:
                span.end()

    @contextmanager
    def _unit(self, pool: Pool, *, writes: bool, spends: bool = False) -> Iterator[Unit]:
        with _borrowed(pool) as line, Opening(self, writes=writes, spends=spends).on(line) as unit:
            yield unit


async def _hop(kind: str, executor: ThreadPoolExecutor, pool: Pool, work: Callable[[Line], R]) -> R:
    """Run it in a thread."""
    asked = monotonic()
    span = tracing.now.begin(f"unit {kind}") if tracing.now else None

    def run() -> R:
        with _borrowed(pool) as line:
            return work(line)

    def in_turn() -> R:
        if monotonic() - asked > pools.WAIT_SECONDS:
            raise pools.no_turn()
        try:
            return run()
        except DeadConnectionError:
            return run()

    # a thread of its own would not know the request's language, nor its number
    within = copy_context()
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, within.run, in_turn)
    finally:
        metrics.count_unit(kind, monotonic() - asked)
        if span:
            span.end()


@contextmanager
def _borrowed(pool: Pool) -> Iterator[Line]:
    try:
        line = pool.borrow()
    except DBAPIError as error:
        tell(error)
        raise
    try:
        yield line
    finally:
        pool.give_back(line)
