"""The two engines of a database, one to read and one to write: pools, time-outs, durability.

SQLAlchemy opens and pools the connections and is told that each statement stands for itself;
transactions are ours, through the driver of `drivers` that every connection brings along.
"""

from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

from signon.drivers import PostgresqlDriver, SqliteDriver

POOL_WAIT_SECONDS = 2
# errors repeat a statement's parameters otherwise, and with them what the logs must not hold
POOL = {
    "max_overflow": 0,
    "pool_timeout": POOL_WAIT_SECONDS,
    "hide_parameters": True,
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    # a unit leaves nothing behind
    "pool_reset_on_return": None,
}
SQLITE_WAIT_SECONDS = 5
SQLITE = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""How SQLite works for us: readers beside the writer, what was committed stays, what was deleted
is overwritten."""
DRIVER = "driver"
"""Where a connection's `info` holds its `drivers.Driver`."""


def engine(url: str, pool: int, timeouts: dict[str, int], *, writes: bool) -> Engine:
    """An engine whose connections can write, or cannot."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, 1 if writes else pool, writes=writes)
    return _postgresql(url, pool, timeouts, writes=writes)


def _postgresql(url: str, pool: int, timeouts: dict[str, int], *, writes: bool) -> Engine:
    options = {**timeouts, "idle_in_transaction_session_timeout": 10_000, "timezone": "UTC"}
    options["default_transaction_read_only"] = "off" if writes else "on"
    made = create_engine(
        url,
        pool_size=pool,
        **POOL,
        pool_recycle=1800,
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            "connect_timeout": 5,
        },
    )
    begin = b"BEGIN ISOLATION LEVEL READ COMMITTED" if writes else None

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        record.info[DRIVER] = PostgresqlDriver(connection, begin)

    return made


def _sqlite(url: str, pool: int, *, writes: bool) -> Engine:
    connect_args = {"timeout": SQLITE_WAIT_SECONDS, "check_same_thread": False}
    made = create_engine(url, pool_size=pool, **POOL, connect_args=connect_args)
    query_only = "query_only=OFF" if writes else "query_only=ON"

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        for pragma in (*SQLITE, query_only):
            connection.execute(f"PRAGMA {pragma}")
        record.info[DRIVER] = SqliteDriver(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")

    return made
