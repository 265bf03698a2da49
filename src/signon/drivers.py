"""The drivers: a connection as a unit of work drives it, without SQLAlchemy's execution.

A statement comes with its SQL and with what converts its values (`prepared`); a driver only sends.
On PostgreSQL that is a prepared statement of the connection, in one round trip through libpq's own
call: SQLAlchemy's execution and psycopg's cursors would cost three times as much
(docs/decisions/0020-a-statement-is-a-function.md). Transactions begin and end the same way, so
what SQLAlchemy executes and what is prepared may stand in one unit.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.exc import DBAPIError

from signon.errors import BusyError

if TYPE_CHECKING:
    import psycopg
    from psycopg import pq
    from psycopg.abc import Buffer, Transformer

    from signon.wires import Wire

LOST = "26000"
"""A prepared statement that the connection does not know: somebody between us swapped it."""
UNSURE = "The database did not answer while saving: look whether it was saved, then try again."


class Statement(Protocol):
    """What a driver must know of a statement: what to send, and how values go in and out."""

    name: bytes
    sql: str
    types: Sequence[int]
    """PostgreSQL's number of each parameter's type; 0 where it finds out by itself."""
    changes: bool
    """Whether it inserts, updates or deletes."""

    def dump(self, values: Sequence[Any]) -> Sequence[Any]:
        """The parameters in the order in which the SQL names them."""

    def load(self, values: Sequence[Any]) -> Any:
        """One row of the answer."""


class Driver(Protocol):
    """A connection as a unit of work drives it. Everything raises SQLAlchemy's DBAPIError."""

    def begin(self) -> None:
        """Begin the unit's transaction, if it has one."""

    def commit(self) -> None:
        """End it for good."""

    def rollback(self) -> bool:
        """Undo it; False when the connection cannot be used any more."""

    def run(self, statement: Statement, values: Sequence[Any]) -> tuple[list[Any], int]:
        """The rows of a statement's answer, and how many rows it was about."""

    def leave(self, statement: Statement, values: Sequence[Any]) -> None:
        """Run it as the unit's last, at the latest with the commit."""


@dataclass(frozen=True)
class Control:
    """A statement about the transaction."""

    sql: str
    types: Sequence[int] = ()


COMMIT = Control("COMMIT")
ROLLBACK = Control("ROLLBACK")


class PostgresqlDriver:
    """psycopg's connection, used through the libpq that it is made of.

    `begin` is what a unit's first statement takes along; nothing where every statement stands for
    itself. Without `prepares` each statement is sent with its SQL, for a pooler that does not carry
    prepared ones.
    """

    def __init__(self, wire: "Wire", begin: Sequence[Control], *, prepares: bool) -> None:
        from psycopg import pq
        from psycopg.adapt import PyFormat
        from psycopg.adapt import Transformer as new  # noqa: N813  # a variable, for types

        self.wire = wire
        self._libpq = wire.pgconn
        self._begin = begin
        self._is_begun = True
        self._left: tuple[Statement, Sequence[Buffer | None]] | None = None
        self._prepares = prepares
        self._prepared: set[Statement] = set()
        self._readers: dict[Statement, Transformer] = {}
        self._reader: Callable[[], Transformer] = lambda: new(wire)
        self._text = PyFormat.TEXT
        self._fine = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
        self._idle = pq.TransactionStatus.IDLE
        wire.before_cursor = self._begin_now

    def begin(self) -> None:
        """Let the unit's first statement begin the transaction."""
        self._is_begun = not self._begin

    def commit(self) -> None:
        """Commit, with what was left for it. A transaction that a caught error has spoilt is no
        success.
        """
        last, self._left = self._left, None
        if not self._begin or not (self._is_begun or last):
            return
        wanted = ((COMMIT, None),) if last is None else (last, (COMMIT, None))
        if self._round_trip(*wanted).command_status != b"COMMIT":
            raise RuntimeError("the unit caught an error of the database and went on")

    def rollback(self) -> bool:
        """Roll back; answers whether the connection is as good as new."""
        self._is_begun = True
        self._left = None
        try:
            if self._libpq.transaction_status != self._idle:
                self._send(ROLLBACK)
        except DBAPIError:
            return False
        return self._libpq.transaction_status == self._idle

    def run(self, statement: Statement, values: Sequence[Any]) -> tuple[list[Any], int]:
        """One round trip, also when it begins the transaction or prepares the statement."""
        reader = self._readers.get(statement)
        is_new = reader is None
        if reader is None:
            reader = self._reader()
        result = self._send(statement, self._dumped(reader, statement, values))
        reader.set_pgresult(result, set_loaders=is_new)
        self._readers[statement] = reader
        rows = reader.load_rows(0, result.ntuples, statement.load)
        return rows, result.command_tuples or 0

    def leave(self, statement: Statement, values: Sequence[Any]) -> None:
        """Send it in the commit's own round trip: one such statement for each unit."""
        if self._left is not None:
            raise RuntimeError("a unit leaves one statement to its commit")
        if (reader := self._readers.get(statement)) is None:
            reader = self._readers[statement] = self._reader()
        self._left = statement, self._dumped(reader, statement, values)

    def _dumped(
        self, reader: "Transformer", statement: Statement, values: Sequence[Any]
    ) -> "Sequence[Buffer | None]":
        arguments = statement.dump(values)
        return reader.dump_sequence(arguments, [self._text] * len(arguments))

    def _begin_now(self) -> None:
        if not self._is_begun:
            self._round_trip()

    def _send(
        self, statement: "Control | Statement", arguments: "Sequence[Buffer | None] | None" = None
    ) -> "pq.abc.PGresult":
        return self._round_trip((statement, arguments))

    def _round_trip(
        self, *wanted: "tuple[Control | Statement, Sequence[Buffer | None] | None]"
    ) -> "pq.abc.PGresult":
        """The last result; the transaction begins before, if it has not yet."""
        from psycopg import Error
        from psycopg.errors import error_from_result

        if not self._is_begun:
            self._is_begun = True
            wanted = (*((control, None) for control in self._begin), *wanted)
        sql = wanted[-1][0].sql
        try:
            preparing = self._queue(wanted)
            results = self.wire.exchange()
        except Error as error:
            raise self._failure(sql, error, Error) from error
        for place, result in enumerate(results):
            if result.status not in self._fine:
                raise self._failure(sql, error_from_result(result), Error)
            if place in preparing:
                # it stays prepared, also when its first execution fails
                self._prepared.add(preparing[place])
        return results[-1]

    def _queue(
        self, wanted: "Sequence[tuple[Control | Statement, Sequence[Buffer | None] | None]]"
    ) -> Mapping[int, Statement]:
        """Into the pipeline; answers at which place of the results something is prepared."""
        preparing: dict[int, Statement] = {}
        self.wire.enter_pipeline()
        for place, (statement, arguments) in enumerate(wanted):
            # psycopg forgets what is prepared after DDL; a transaction must end all the same
            if not self._prepares or isinstance(statement, Control):
                self._libpq.send_query_params(
                    statement.sql.encode(), arguments, param_types=statement.types
                )
                continue
            if statement not in self._prepared:
                self._libpq.send_prepare(statement.name, statement.sql.encode(), statement.types)
                preparing[place + len(preparing)] = statement
            self._libpq.send_query_prepared(statement.name, arguments)
        return preparing

    def _failure(self, sql: str, error: "psycopg.Error", base: type[Exception]) -> BaseException:
        if error.sqlstate == LOST:
            self.wire.close()
        is_dead = self.wire.closed or self.wire.broken
        return DBAPIError.instance(
            sql, None, error, base, hide_parameters=True, connection_invalidated=is_dead
        )


class SpendingDriver:
    """A writer's connection on which each statement stands for itself, and one, the last, changes.

    `has_changed` is whether it has: from then on there is nothing left to do, and no way back.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._is_over = False
        self.has_changed = False

    def begin(self) -> None:
        """Nothing: no transaction is longer than a statement."""

    def commit(self) -> None:
        """Nothing: what was changed is committed."""

    def rollback(self) -> bool:
        """Answers whether the connection is as good as new."""
        return self._driver.rollback()

    def run(self, statement: Statement, values: Sequence[Any]) -> tuple[list[Any], int]:
        """Run. An answer that never came to what changes must not make it run twice.

        Raises RuntimeError after that one, BusyError when nobody knows whether it was done.
        """
        if self._is_over:
            raise RuntimeError("a unit that spends ends with the statement that changes something")
        self._is_over = statement.changes
        try:
            rows, count = self._driver.run(statement, values)
        except DBAPIError as error:
            if statement.changes and error.connection_invalidated:
                raise BusyError(UNSURE, retry_after=1, detail=str(error.orig)) from error
            raise
        self.has_changed = statement.changes and count > 0
        return rows, count

    def leave(self, statement: Statement, values: Sequence[Any]) -> None:
        """Raises RuntimeError: there is no commit that could take it along."""
        raise RuntimeError("a unit that spends leaves nothing for later")


class SqliteDriver:
    """The standard library's connection, in which BEGIN is ours."""

    def __init__(self, connection: sqlite3.Connection, begin: str) -> None:
        self._connection = connection
        self._begin = begin

    def begin(self) -> None:
        """Begin; a writer takes the one write lock now, so that what it reads is not stale."""
        self._send(self._begin, ())

    def commit(self) -> None:
        """Commit, to the disk."""
        self._send("COMMIT", ())

    def rollback(self) -> bool:
        """Undo what is not committed; answers that the connection is as good as new."""
        if self._connection.in_transaction:
            self._send("ROLLBACK", ())
        return True

    def run(self, statement: Statement, values: Sequence[Any]) -> tuple[list[Any], int]:
        """Run; the module keeps the connection's last 128 statements prepared."""
        cursor = self._send(statement.sql, statement.dump(values))
        rows = [statement.load(row) for row in cursor.fetchall()]
        return rows, cursor.rowcount

    def leave(self, statement: Statement, values: Sequence[Any]) -> None:
        """Run it now: a statement costs no round trip here."""
        self._send(statement.sql, statement.dump(values))

    def _send(self, sql: str, arguments: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, arguments)
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                sql, None, error, sqlite3.Error, hide_parameters=True
            ) from error
