"""Opening connections: time-outs, durability, and what SQLAlchemy is told.

SQLAlchemy opens a connection and executes on it what is no prepared statement; transactions are
ours, through the driver of `drivers`. `pools` keeps what is open.
"""

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url

from signon.drivers import Control, Driver, PostgresqlDriver, SqliteDriver

if TYPE_CHECKING:
    from signon.wires import Wire

# errors repeat a statement's parameters otherwise, and with them what the logs must not hold
SQLALCHEMY: dict[str, Any] = {
    "poolclass": NullPool,
    "pool_reset_on_return": None,
    "hide_parameters": True,
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
}
SQLITE_WAIT_SECONDS = 5
SQLITE = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""How SQLite works for us: readers beside the writer, what was committed stays, what was deleted
is overwritten."""
CONNECT_SECONDS = 2
"""For each address of the server; libpq knows no less."""
SILENCE_SECONDS = 0.25
"""How much later than the server's own time-out we give up waiting for it."""
PATH = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""When the kernel takes a path to PostgreSQL for dead (libpq's parameters)."""
RECYCLE_SECONDS = 1800


@dataclass(eq=False, slots=True)
class Line:
    """An open connection: SQLAlchemy's for what is executed, the driver for what is prepared."""

    connection: Connection
    driver: Driver
    opened_at: float = field(default_factory=monotonic)

    @property
    def wire(self) -> "Wire | None":
        """PostgreSQL's connection; None on SQLite, which nobody waits for on a loop."""
        return self.driver.wire if isinstance(self.driver, PostgresqlDriver) else None

    @property
    def is_usable(self) -> bool:
        """Whether it may be lent once more."""
        wire = self.wire
        if wire is None:
            return True
        return not wire.is_lost and monotonic() - self.opened_at < RECYCLE_SECONDS

    def reset(self) -> None:
        """Undo what was not committed."""
        if not self.driver.rollback():
            self.close()
        elif self.connection.in_transaction():
            self.connection.rollback()

    def close(self) -> None:
        """End it, from whichever thread has it."""
        self.connection.close()


class Opener:
    """Opens connections that can write, or cannot."""

    def __init__(
        self, url: str, timeouts: dict[str, int], *, writes: bool, prepares: bool = True
    ) -> None:
        self._writes = writes
        self._prepares = prepares
        self._timeouts = timeouts
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._engine = _sqlite(url, writes=writes) if is_sqlite else _postgresql(url, prepares)
        self._drive = self._on_sqlite if is_sqlite else self._on_postgresql

    def __call__(self) -> Line:
        """A new connection. Raises SQLAlchemy's DBAPIError."""
        connection = self._engine.connect()
        try:
            return Line(connection, self._drive(connection))
        except BaseException:
            connection.close()
            raise

    def _on_sqlite(self, connection: Connection) -> Driver:
        opened: Any = connection.connection.dbapi_connection
        return SqliteDriver(opened, "BEGIN IMMEDIATE" if self._writes else "BEGIN")

    def _on_postgresql(self, connection: Connection) -> Driver:
        wire: Any = connection.connection.dbapi_connection
        limits = {**self._timeouts, "idle_in_transaction_session_timeout": 10_000}
        begin = [Control("BEGIN ISOLATION LEVEL READ COMMITTED")]
        wire.execute("SET TimeZone = 'UTC'")  # poolers carry this one
        # a pooler answers for itself with a number that no process of PostgreSQL has
        served_by = wire.execute("SELECT pg_backend_pid()").fetchone()
        wire.is_pooled = served_by != (wire.info.backend_pid,)
        if not wire.is_pooled:
            limits["default_transaction_read_only"] = not self._writes
            wire.execute("; ".join(f"SET {name} = {value}" for name, value in limits.items()))
        else:
            begin.append(_within_transaction(limits))
        if timeout := self._timeouts["statement_timeout"]:
            wire.silence = timeout / 1000 + SILENCE_SECONDS
        return PostgresqlDriver(wire, begin if self._writes else (), prepares=self._prepares)


def _within_transaction(limits: dict[str, int]) -> Control:
    """The limits for a connection that a pooler lends for one transaction."""
    settings = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in limits.items())
    return Control(f"SELECT {settings}")


def _postgresql(url: str, prepares: bool) -> Engine:
    given = make_url(url).query
    options: dict[str, Any] = {name: value for name, value in PATH.items() if name not in given}
    if not prepares:
        options["prepare_threshold"] = None
    made = create_engine(url, **SQLALCHEMY, connect_args=options)

    @event.listens_for(made, "do_connect")
    def _connect(_dialect: Any, _record: Any, given: Any, options: Any) -> "Wire":
        from signon.wires import Wire

        return Wire.connect(*given, **options)

    return made


def _sqlite(url: str, *, writes: bool) -> Engine:
    options = {"timeout": SQLITE_WAIT_SECONDS, "check_same_thread": False}
    made = create_engine(url, **SQLALCHEMY, connect_args=options)
    query_only = "query_only=OFF" if writes else "query_only=ON"

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in (*SQLITE, query_only):
            connection.execute(f"PRAGMA {pragma}")

    return made
