"""A statement's SQL for one dialect, with what converts its values: what a driver sends.

SQLAlchemy writes the one and names the other when a statement is built, once; see `prepared`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    Select,
    String,
    UpdateBase,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg as postgresql
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

BYTEA = 17
"""PostgreSQL's number of the type; it finds out every other one by itself."""
DIALECTS: Mapping[str, Dialect] = {
    "postgresql": postgresql.dialect(  # type: ignore[no-untyped-call]
        paramstyle="numeric_dollar"
    ),
    "sqlite": sqlite.dialect(),
}
"""What statements are written for; PostgreSQL's parameters are $1, $2, …"""
WIDE = 8
"""From so many columns on a row comes from PostgreSQL as one JSON value: printing, describing and
converting each of them costs both sides more (docs/performance.md)."""
_NUMBERS = count(1)


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal[2:])


FROM_JSON: Mapping[type[TypeEngine[Any]], Callable[[Any], Any] | None] = {
    String: None,
    Integer: None,
    Boolean: None,
    JSON: None,
    DateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    LargeBinary: _bytes,
}
"""What makes a column's value of PostgreSQL's `row_to_json`; of other types no row is made so."""


class Compiled:
    """A statement's SQL for one dialect, with what converts its parameters and its columns.

    `keys` are its parameters in the order in which they will be given, `row` makes what is answered
    of the columns, which must have the `names`, if there are any.
    """

    def __init__(
        self,
        statement: Any,
        dialect: Dialect,
        keys: Sequence[str],
        row: Callable[..., Any] | None,
        names: Sequence[str] | None = None,
    ) -> None:
        if not isinstance(statement, ClauseElement):
            raise TypeError("it must return a statement of SQLAlchemy's")
        made: Any = statement.compile(dialect=dialect)
        order: list[str] = made.positiontup
        binds = {name: made.binds[name] for name in order}
        columns = list(getattr(statement, "exported_columns", ()))
        self.name = f"signon_{next(_NUMBERS)}".encode()
        self.sql = str(made)
        parts = (statement, *(each.element for each in made.ctes or ()))
        self.changes = any(isinstance(each, UpdateBase) for each in parts)
        self.types: Sequence[int] = [
            BYTEA if isinstance(binds[name].type, LargeBinary) else 0 for name in order
        ]
        self.keys = keys
        self.columns = [column.key for column in columns]
        _check(made, set(self.keys), self.columns, names)
        constants = [name for name in binds if name not in self.keys]
        places = {name: place for place, name in enumerate((*self.keys, *constants))}
        dumps = {name: _dumps(bind.type, dialect) for name, bind in binds.items()}
        self._constants = [_dumped(binds[name].value, dumps[name]) for name in constants]
        self._dumps = [(places[name], dump) for name in self.keys if (dump := dumps[name])]
        self._order = [places[name] for name in order]
        self._is_in_order = self._order == list(range(len(self.keys)))
        # what changes something must stand at the top
        self._is_json = not self.changes and _goes_as_json(statement, dialect, columns)
        if self._is_json:
            self.sql = f"SELECT row_to_json(wide)::text FROM ({made}) AS wide"  # noqa: S608  # our own
            loads = [_from_json(column.type) for column in columns]
        else:
            loads = [_loads(column.type, dialect) for column in columns]
        self._loads = [(place, load) for place, load in enumerate(loads) if load]
        self._row: Callable[..., Any] = row or _nothing

    def dump(self, values: Sequence[Any]) -> Sequence[Any]:
        """The parameters in the order in which the SQL names them."""
        if self._is_in_order and not self._dumps:
            return values
        given = [*values, *self._constants]
        for place, dump in self._dumps:
            given[place] = dump(given[place])
        return given if self._is_in_order else [given[place] for place in self._order]

    def load(self, values: Sequence[Any]) -> Any:
        """One row of the answer."""
        if self._is_json:
            values = list(json.loads(values[0]).values())
            for place, load in self._loads:
                if (value := values[place]) is not None:
                    values[place] = load(value)
        elif self._loads:
            values = list(values)
            for place, load in self._loads:
                values[place] = load(values[place])
        return self._row(*values)


def _goes_as_json(statement: ClauseElement, dialect: Dialect, columns: Sequence[Any]) -> bool:
    return (
        dialect.name == "postgresql"
        and isinstance(statement, Select)
        and len(columns) >= WIDE
        and all(isinstance(column.type, tuple(FROM_JSON)) for column in columns)
    )


def _from_json(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    return next(load for known, load in FROM_JSON.items() if isinstance(kind, known))


def _check(made: Any, keys: set[str], columns: list[str], names: Sequence[str] | None) -> None:
    """Raise ValueError for what would go wrong only later, or never be noticed."""
    if made.post_compile_params:
        raise ValueError("a list of any length cannot be prepared: take *rows, or unit.execute")
    if made.insert_prefetch or made.update_prefetch:
        raise ValueError("a column's Python default does not run here: give its value")
    required = {name for name, bind in made.binds.items() if bind.required}
    if required != keys:
        raise ValueError(f"parameters that are not given or not used: {sorted(required ^ keys)}")
    if len(set(columns)) < len(columns):
        raise ValueError(f"this cannot be prepared: two of its columns have one name: {columns}")
    if names is not None and list(names) != columns:
        raise ValueError(f"its columns are {columns}, but the row's fields are {list(names)}")


def _dumped(value: Any, dump: Callable[[Any], Any] | None) -> Any:
    return dump(value) if dump else value


def _nothing(*_values: object) -> None:
    """What a statement answers that is asked only how many rows it changed."""


def _dumps(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _loads(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
