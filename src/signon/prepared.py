"""Prepared statements: SQL that SQLAlchemy writes once and the driver then runs without it.

A statement that every request runs is built with SQLAlchemy Core like any other, wrapped into
`Prepared`, and run by `Unit.row` or `Unit.change`::

    _FIND = Prepared(select(…).where(grants.c.id == bindparam("gid")))
    row = unit.row(_FIND, {"gid": grant_id})

SQLAlchemy writes its SQL for the dialect and names what converts parameters and columns, once.
From then on the driver sends it in one round trip: on PostgreSQL as a prepared statement of the
connection, through libpq's own call. SQLAlchemy's execution and psycopg's cursors would cost
three times as much. Transactions begin and end the same way, so both kinds of statements may
stand in one unit.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg as postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

if TYPE_CHECKING:
    import psycopg
    from psycopg import pq
    from psycopg.abc import Transformer

Row = dict[str, Any]
Values = Mapping[str, Any]

BYTEA = 17
"""PostgreSQL's number of the type; it finds out every other one by itself."""
LOST = "26000"
"""A prepared statement that the connection does not know: somebody between us swapped it."""


class Prepared:
    """A Core statement to be run by `Unit.row` or `Unit.change`.

    `given` names the columns of an INSERT that says only which table it is for.
    """

    def __init__(self, statement: Executable, *, given: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._given = given

    @cached_property
    def for_postgresql(self) -> "Compiled":
        """The statement with parameters $1, $2, …"""
        return Compiled(self._statement, _POSTGRESQL, self._given)

    @cached_property
    def for_sqlite(self) -> "Compiled":
        """The statement with parameters ?, ?, …"""
        return Compiled(self._statement, sqlite.dialect(), self._given)


class Compiled:
    """A statement's SQL for one dialect, with what converts its parameters and its columns."""

    def __init__(
        self, statement: Executable, dialect: Dialect, given: Sequence[str] | None
    ) -> None:
        assert isinstance(statement, ClauseElement)
        made: Any = statement.compile(dialect=dialect, column_keys=given)
        order: Sequence[str] = made.positiontup
        types = [made.binds[name].type for name in order]
        columns = getattr(statement, "exported_columns", ())
        self.name = f"signon_{next(_NUMBERS)}".encode()
        self.sql: str = str(made)
        self.types = [BYTEA if isinstance(kind, LargeBinary) else 0 for kind in types]
        self._parameters = [
            (name, _dumps(kind, dialect)) for name, kind in zip(order, types, strict=True)
        ]
        self._constants = {
            name: made.binds[name].value for name in order if not made.binds[name].required
        }
        self._names = [column.key for column in columns]
        self._loaders = [
            (column.key, load) for column in columns if (load := _loads(column.type, dialect))
        ]
        if len(set(self._names)) != len(self._names) or made.post_compile_params:
            raise ValueError(f"this statement cannot be prepared: {self.sql}")

    def arguments(self, values: Values) -> list[Any]:
        """The parameters in the order in which the SQL names them."""
        known = {**self._constants, **values} if self._constants else values
        return [dump(known[name]) if dump else known[name] for name, dump in self._parameters]

    def row(self, values: Sequence[Any]) -> Row:
        """A result's row by the columns' names."""
        row = dict(zip(self._names, values, strict=True))
        for name, load in self._loaders:
            row[name] = load(row[name])
        return row


class Driver(Protocol):
    """A connection as a unit of work drives it. Everything raises SQLAlchemy's DBAPIError."""

    def begin(self) -> None:
        """Begin the unit's transaction, if it has one."""

    def commit(self) -> None:
        """End it for good."""

    def rollback(self) -> bool:
        """Undo it; False when the connection cannot be used any more."""

    def run(self, statement: Prepared, values: Values) -> tuple[list[Row], int]:
        """The rows of a statement's answer, and how many rows it was about."""


class PostgresqlDriver:
    """psycopg's connection, used through the libpq that it is made of."""

    def __init__(self, connection: "psycopg.Connection[Any]", begin: bytes | None) -> None:
        from psycopg import pq
        from psycopg.adapt import PyFormat
        from psycopg.adapt import Transformer as new  # noqa: N813  # a variable, for types

        self._connection = connection
        self._libpq = connection.pgconn
        self._begin = begin
        self._prepared: set[Compiled] = set()
        self._readers: dict[Compiled, Transformer] = {}
        self._reader: Callable[[], Transformer] = lambda: new(connection)
        self._text = PyFormat.TEXT
        self._fine = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
        self._idle = pq.TransactionStatus.IDLE

    def begin(self) -> None:
        """Begin, in one round trip; nothing where every statement stands for itself."""
        if (begin := self._begin) is not None:
            self._send("BEGIN", lambda: self._libpq.exec_(begin))

    def commit(self) -> None:
        """Commit. A transaction that a caught error has spoilt is no success."""
        if self._begin is None:
            return
        if self._send("COMMIT", lambda: self._libpq.exec_(b"COMMIT")).command_status != b"COMMIT":
            raise RuntimeError("the unit caught an error of the database and went on")

    def rollback(self) -> bool:
        """Roll back; answers whether the connection is as good as new."""
        try:
            if self._libpq.transaction_status != self._idle:
                self._send("ROLLBACK", lambda: self._libpq.exec_(b"ROLLBACK"))
        except DBAPIError:
            return False
        return self._libpq.transaction_status == self._idle

    def run(self, statement: Prepared, values: Values) -> tuple[list[Row], int]:
        """One round trip; one more when the connection sees the statement for the first time."""
        compiled = statement.for_postgresql
        reader = self._readers.get(compiled)
        is_new = reader is None
        if compiled not in self._prepared:
            self._send(
                compiled.sql,
                lambda: self._libpq.prepare(compiled.name, compiled.sql.encode(), compiled.types),
            )
            # it stays prepared, also when its first execution fails
            self._prepared.add(compiled)
        if reader is None:
            reader = self._reader()
        arguments = compiled.arguments(values)
        dumped: Any = reader.dump_sequence(arguments, [self._text] * len(arguments))
        result = self._send(compiled.sql, lambda: self._libpq.exec_prepared(compiled.name, dumped))
        reader.set_pgresult(result, set_loaders=is_new)
        self._readers[compiled] = reader
        rows = reader.load_rows(0, result.ntuples, compiled.row)
        return rows, result.command_tuples or 0

    def _send(self, sql: str, send: "Callable[[], pq.abc.PGresult]") -> "pq.abc.PGresult":
        from psycopg import Error
        from psycopg.errors import error_from_result

        try:
            result = send()
        except Error as error:
            raise self._failure(sql, error, Error) from error
        if result.status not in self._fine:
            raise self._failure(sql, error_from_result(result), Error)
        return result

    def _failure(self, sql: str, error: "psycopg.Error", base: type[Exception]) -> BaseException:
        if error.sqlstate == LOST:
            self._connection.close()
        is_dead = self._connection.closed or self._connection.broken
        return DBAPIError.instance(
            sql, None, error, base, hide_parameters=True, connection_invalidated=is_dead
        )


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
        """Roll back."""
        if self._connection.in_transaction:
            self._send("ROLLBACK", ())
        return True

    def run(self, statement: Prepared, values: Values) -> tuple[list[Row], int]:
        """Run; the module keeps the connection's last 128 statements prepared."""
        compiled = statement.for_sqlite
        cursor = self._send(compiled.sql, compiled.arguments(values))
        rows = [compiled.row(values) for values in cursor.fetchall()]
        return rows, cursor.rowcount

    def _send(self, sql: str, arguments: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, arguments)
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                sql, None, error, sqlite3.Error, hide_parameters=True
            ) from error


def _dumps(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _loads(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


_NUMBERS = count(1)
_POSTGRESQL: Dialect = postgresql.dialect(  # type: ignore[no-untyped-call]
    paramstyle="numeric_dollar"
)
