"""The database: tables' common ground and units of work.

A unit of work is one transaction: **return commits, raise rolls back**, and nobody else calls
``commit``. The one exception is a refusal that the unit was told to `keep`: it is raised, and what
was written stays (decision 21). A route declares its unit: `Database.read` (PostgreSQL in
AUTOCOMMIT, SQLite deferred) or `Database.write` (one transaction; on SQLite ``BEGIN IMMEDIATE`` on
a single connection). Both run the whole rule in one hop to a bounded executor and hand it a
`Unit`.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    make_url,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.types import TypeEngine

from signon import engines
from signon.clock import Clock, utc_now
from signon.crypto import KeyRing
from signon.drivers import Driver
from signon.engines import DRIVER, POOL_WAIT_SECONDS
from signon.errors import BusyError, RefusedError

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
BULK = {"statement_timeout": 0, "lock_timeout": 10_000}
"""The same for imports, migrations and pruning, which bound their own work."""
BUSY = "The service is busy. Try again in a moment."
PATIENCE_SECONDS = 0.5
"""How long a snapshot that is too old is waited for while something else may be told."""
LONGEST_SECONDS = 2.5
"""The same while nothing else may be told."""
RETRY_SECONDS = 1.0
"""How often a silent database is asked for what a snapshot has."""


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


E = TypeVar("E", bound=RefusedError)


class Unit:
    """One transaction, handed to a rule as its first argument.

    `now` is the unit's single moment; `execute` is the connection's, `row`, `rows` and `change`
    run what is prepared; `queue` holds what the `before_commit` writers put into the database as the
    unit's last statements.
    """

    __slots__ = (
        "_kept", "_ring", "connection", "dialect", "driver", "execute", "now", "queue", "scalar",
        "writes",
    )  # fmt: skip

    def __init__(
        self, connection: Connection, now: datetime, *, writes: bool, ring: KeyRing | None = None
    ) -> None:
        self._kept: RefusedError | None = None
        self._ring = ring
        self.connection = connection
        self.driver: Driver = connection.info[DRIVER]
        self.now = now
        self.writes = writes
        self.dialect = connection.dialect.name
        self.execute = connection.execute
        self.scalar = connection.scalar
        self.queue: list[object] = []

    def keep(self, refusal: E) -> E:
        """What this unit has written stays although it refuses: `raise unit.keep(RefusedError(…))`.

        For what must leave a trace: a counted attempt, an event, a mail, a link that is spent. If
        something else leaves the unit in the end, it is rolled back as ever.
        """
        self._kept = refusal
        return refusal

    def stays(self, error: RefusedError) -> bool:
        """Whether this very refusal was kept."""
        return error is self._kept

    @property
    def ring(self) -> KeyRing:
        """What seals and opens what rules leave for others to do. Raises RuntimeError: none here."""
        if self._ring is None:
            raise RuntimeError("this database was opened without a key ring")
        return self._ring


P = ParamSpec("P")
R = TypeVar("R")
BeforeCommit = Callable[[Unit], None]


class Database:
    """Two bounded pools over one database, and the executors that the units run in."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = utc_now,
        pool: int = 8,
        before_commit: Sequence[BeforeCommit] = (),
        timeouts: dict[str, int] = SERVING,
        ring: KeyRing | None = None,
    ) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.clock = clock
        self.before_commit = list(before_commit)
        self._ring = ring
        self._reading = engines.engine(url, pool, timeouts, writes=False)
        self._writing = engines.engine(url, pool, timeouts, writes=True)
        self._readers = ThreadPoolExecutor(pool, "read")
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else pool, "write")

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
        """Run a rule in a reading unit, in one hop to the readers' executor."""
        return await _hop(self._readers, self.reading, lambda unit: rule(unit, *args, **kwargs))

    async def write(
        self, rule: Callable[Concatenate[Unit, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a rule in a writing unit and commit, in one hop to the writers' executor."""
        return await _hop(self._writers, self.writing, lambda unit: rule(unit, *args, **kwargs))

    def close(self) -> None:
        """Let running units end, then close every connection."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._reading.dispose()
        self._writing.dispose()

    @contextmanager
    def _unit(self, engine: Engine, *, writes: bool) -> Iterator[Unit]:
        try:
            with engine.connect() as connection:
                unit = Unit(connection, self.clock(), writes=writes, ring=self._ring)
                try:
                    unit.driver.begin()
                    try:
                        yield unit
                    except RefusedError as error:
                        if unit.stays(error):
                            self._commit(unit)
                        raise
                    self._commit(unit)
                finally:
                    # undoes what was not committed; nothing else
                    if not unit.driver.rollback():
                        connection.invalidate()
        except (PoolTimeoutError, DBAPIError) as error:
            if (busy := _busy(error)) is None:
                raise
            raise busy from error

    def _commit(self, unit: Unit) -> None:
        if unit.writes:
            self._write_queue(unit)
            _commit(unit.driver)

    def _write_queue(self, unit: Unit) -> None:
        if unit.queue and not self.before_commit:
            raise RuntimeError("a unit has queued events, but no writer was wired")
        for write in self.before_commit:
            write(unit)


class Snapshot(Generic[R]):
    """A value read from the database and kept for at most `seconds` (keys, courts, clients).

    One reads it anew, everybody else waits for that one. While the database is silent, what was
    read at most `outage` seconds ago goes on: nobody waits longer than `PATIENCE_SECONDS` for a
    first failure, nor at all after it, and one attempt a second looks whether the silence is over.
    The clock is the process's own monotonic one: staleness is about real time.
    """

    def __init__(
        self,
        read: Callable[[Unit], R],
        database: Database,
        *,
        seconds: float,
        outage: float = 0.0,
    ) -> None:
        self._read = read
        self._database = database
        self._seconds = seconds
        self._outage = outage
        self._kept: tuple[float, R] | None = None
        self._began = -RETRY_SECONDS
        self._reading: asyncio.Task[R] | None = None
        self._is_silent = False

    async def get(self) -> R:
        """The value, read anew when the kept one is too old.

        Raises what the reading raised; BusyError when it is not done in time and nothing else
        may be told.
        """
        if (kept := self.fresh()) is not None:
            return kept
        known = self._younger_than(self._outage)
        if known is not None and self._is_silent and monotonic() - self._began < RETRY_SECONDS:
            return known
        reading = self._under_way()
        wait = LONGEST_SECONDS if known is None else 0 if self._is_silent else PATIENCE_SECONDS
        await asyncio.wait({reading}, timeout=max(0.0, self._began + wait - monotonic()))
        failure = reading.exception() if reading.done() else _late()
        if failure is None:
            return reading.result()
        self._is_silent = isinstance(failure, BusyError)
        if known is None or not self._is_silent:
            raise failure
        return known

    def fresh(self) -> R | None:
        """The kept value while it is young enough."""
        return self._younger_than(self._seconds)

    def forget(self) -> None:
        """Read anew at the next use (after a change in this very process)."""
        self._kept = self._reading = None

    def _younger_than(self, seconds: float) -> R | None:
        kept = self._kept
        return kept[1] if kept and monotonic() - kept[0] < seconds else None

    def _under_way(self) -> "asyncio.Task[R]":
        if self._reading is None:
            self._began = monotonic()
            self._reading = asyncio.create_task(self._database.read(self._read))
            self._reading.add_done_callback(self._done)
        return self._reading

    def _done(self, reading: "asyncio.Task[R]") -> None:
        """Keep what was read, unless it was to be forgotten meanwhile."""
        failure = None if reading.cancelled() else reading.exception()
        if reading is not self._reading:
            return
        self._reading = None
        if reading.cancelled():
            return
        self._is_silent = isinstance(failure, BusyError)
        if failure is None:
            self._kept = (self._began, reading.result())
        elif not self._is_silent:
            self._kept = None  # the database has spoken: it is not so any more


def _late() -> BusyError:
    return BusyError(BUSY, retry_after=1, detail="not read in time")


async def _hop(
    executor: ThreadPoolExecutor,
    opened: Callable[[], AbstractContextManager[Unit]],
    rule: Callable[[Unit], R],
) -> R:
    asked = monotonic()

    def run() -> R:
        if monotonic() - asked > POOL_WAIT_SECONDS:
            raise BusyError(BUSY, retry_after=POOL_WAIT_SECONDS, detail="no turn in time")
        try:
            with opened() as unit:
                return rule(unit)
        except _DeadConnectionError:
            with opened() as unit:
                return rule(unit)

    return await asyncio.get_running_loop().run_in_executor(executor, run)


class _DeadConnectionError(BusyError):
    """The connection died before the commit: nothing happened, so the unit may run again."""


def _busy(error: PoolTimeoutError | DBAPIError) -> BusyError | None:
    """What a limit or a dead connection means to whoever asked; None for a fault of ours."""
    if isinstance(error, PoolTimeoutError):
        return BusyError(BUSY, retry_after=POOL_WAIT_SECONDS, detail=str(error))
    if error.connection_invalidated:
        return _DeadConnectionError(BUSY, retry_after=1, detail=str(error.orig))
    if isinstance(error, OperationalError) and _is_limit(error):
        return BusyError(BUSY, retry_after=1, detail=str(error.orig))
    return None


def _is_limit(error: OperationalError) -> bool:
    """Locks, time-outs and refused connections; not a missing table (SQLite reports it so)."""
    text = str(error.orig)
    return bool(getattr(error.orig, "sqlstate", "")) or "locked" in text or "connection" in text


def _commit(driver: Driver) -> None:
    """Commit; an answer that never came must not make the unit run twice."""
    try:
        driver.commit()
    except DBAPIError as error:
        raise BusyError(
            "The database did not answer while saving: look whether it was saved, then try again.",
            retry_after=1,
            detail=str(error.orig),
        ) from error
