"""A unit of work on one connection: how it is opened, what a rule is handed, how it ends."""

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any, Never, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from signon.clock import Clock
from signon.crypto import KeyRing
from signon.drivers import UNSURE, Driver, SpendingDriver
from signon.engines import Line
from signon.errors import BusyError, RefusedError
from signon.pools import BUSY

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
        self,
        connection: Connection,
        driver: Driver,
        now: datetime,
        *,
        writes: bool,
        spends: bool = False,
        ring: KeyRing | None = None,
    ) -> None:
        self._kept: RefusedError | None = None
        self._ring = ring
        self.connection = connection
        self.driver = driver
        self.now = now
        self.writes = writes
        self.dialect = connection.dialect.name
        self.execute = connection.execute
        self.scalar = connection.scalar
        self.queue: list[object] = []
        if spends:
            self.driver = SpendingDriver(self.driver)
            self.execute = self.scalar = _not_prepared
            self.queue = _NoQueue()

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

    def require_transaction(self) -> None:
        """Say that from here on one statement is not enough: events, a family to revoke, a page.

        In a unit that spends the rule ends here and runs once more, in a unit that writes; any
        other goes on. Raises RuntimeError when something was spent already.
        """
        if isinstance(self.driver, SpendingDriver):
            if self.driver.has_changed:
                raise RuntimeError("a unit that has spent something cannot begin anew")
            raise TransactionRequiredError

    @property
    def ring(self) -> KeyRing:
        """What seals and opens what rules leave for others to do. Raises RuntimeError: none here."""
        if self._ring is None:
            raise RuntimeError("this database was opened without a key ring")
        return self._ring


class TransactionRequiredError(Exception):
    """A unit that spends has to change more than one statement can."""


def _not_prepared(*_args: object, **_kwargs: object) -> Never:
    raise RuntimeError("a unit that spends runs prepared statements only")


class _NoQueue(list[object]):
    """Of a unit that spends: an event would be lost, or be told of what never happened."""

    def append(self, _entry: object) -> None:
        raise RuntimeError("a unit that spends queues nothing: it has to require a transaction")


R = TypeVar("R")


class House(Protocol):
    """What every unit of a database shares."""

    clock: Clock
    ring: KeyRing | None
    before_commit: list[Callable[[Unit], None]]
    no_room: tuple[float, str]
    """When, in monotonic time, something could last not be saved, and what the database said."""


class Opening:
    """Opens a unit on a connection and ends it: the commit or the roll back, and what failed."""

    __slots__ = ("_house", "_line", "_spends", "_unit", "_writes")

    def __init__(self, house: "House", *, writes: bool, spends: bool = False) -> None:
        self._house = house
        self._writes = writes
        self._spends = spends

    def work(
        self, rule: Callable[..., R], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Callable[[Line], R]:
        """What a pool runs on a connection of its choice."""

        def work(line: Line) -> R:
            with self.on(line) as unit:
                return rule(unit, *args, **kwargs)

        return work

    def on(self, line: Line) -> "Opening":
        """On this connection, which afterwards is as good as new, or not usable."""
        self._line = line
        return self

    def __enter__(self) -> Unit:
        house, line = self._house, self._line
        unit = self._unit = Unit(
            line.connection,
            line.driver,
            house.clock(),
            writes=self._writes,
            spends=self._spends,
            ring=house.ring,
        )
        try:
            unit.driver.begin()
        except DBAPIError as error:
            line.reset()
            tell(error)
            raise
        return unit

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is None or (isinstance(error, RefusedError) and self._unit.stays(error)):
                self._commit()
        except DBAPIError as failed:
            tell(failed)
            raise
        finally:
            # undoes what was not committed; nothing else
            self._line.reset()
        if isinstance(error, DBAPIError):
            if self._unit.writes or self._spends:
                tell_unsaved(self._house, error)
            tell(error)

    def _commit(self) -> None:
        unit, writers = self._unit, self._house.before_commit
        if not unit.writes:
            return
        if unit.queue and not writers:
            raise RuntimeError("a unit has queued events, but no writer was wired")
        for write in writers:
            write(unit)
        _commit(self._house, unit.driver)


class DeadConnectionError(BusyError):
    """The connection died before the commit: nothing happened, so the unit may run again."""


class NoRoomError(BusyError):
    """The database takes nothing: its disk is full or broken, or it is only read. Nothing happened."""


NO_ROOM = ("53100", "58030", "25006", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
"""Disk full, an error of the disk, a standby: how PostgreSQL and SQLite say so."""
NO_ROOM_RETRY_SECONDS = 5


def tell_unsaved(house: House, error: DBAPIError) -> None:
    """Raise NoRoomError when that is why nothing was saved, and note it for whoever asks."""
    told = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    if told and told.startswith(NO_ROOM):
        detail = str(error.orig)
        house.no_room = monotonic(), detail
        raise NoRoomError(BUSY, retry_after=NO_ROOM_RETRY_SECONDS, detail=detail) from error


def tell(error: DBAPIError) -> None:
    """Raise BusyError for a limit or a dead connection; a fault of ours is left as it is."""
    if error.connection_invalidated:
        raise DeadConnectionError(BUSY, retry_after=1, detail=str(error.orig)) from error
    if isinstance(error, OperationalError) and _is_limit(error):
        raise BusyError(BUSY, retry_after=1, detail=str(error.orig)) from error


def _is_limit(error: OperationalError) -> bool:
    """Locks, time-outs and refused connections; not a missing table (SQLite reports it so)."""
    text = str(error.orig)
    return bool(getattr(error.orig, "sqlstate", "")) or "locked" in text or "connection" in text


def _commit(house: House, driver: Driver) -> None:
    """Commit; an answer that never came must not make the unit run twice.

    Raises IntegrityError by what the commit took along: then nothing was committed.
    """
    try:
        driver.commit()
    except IntegrityError:
        raise
    except DBAPIError as error:
        tell_unsaved(house, error)
        raise BusyError(UNSURE, retry_after=1, detail=str(error.orig)) from error
