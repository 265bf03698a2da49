"""Prepared statements: a statement is a function with typed parameters and a typed row.

A decorator says what comes back, the function below it builds the statement::

    class Found(NamedTuple):
        id: str
        created_at: datetime


    @one(Found)
    def _find(grant_id: str) -> Select[str, datetime]:
        return select(grants.c.id, grants.c.created_at).where(grants.c.id == grant_id)


    found = _find(unit, grant_id)

`one` answers a row or None, `every` a list of rows; `value` and `values` the same of a single
column; `change` how many rows an INSERT, UPDATE or DELETE was about. The function is called once
for each dialect, with parameters of SQL in place of its arguments, so nothing in it may depend on
what they are. From then on the driver sends what SQLAlchemy wrote.
(docs/decisions/0020-a-statement-is-a-function.md)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import update_wrapper
from inspect import Parameter, signature
from itertools import chain
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Concatenate,
    ParamSpec,
    TypeVar,
    TypeVarTuple,
    Union,
    Unpack,
    get_args,
    get_origin,
    get_type_hints,
)

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    LargeBinary,
    String,
    UpdateBase,
    bindparam,
    literal,
)
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeEngine

from signon.compiled import DIALECTS, Compiled
from signon.db import Json, Moment, Unit

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
Ts = TypeVarTuple("Ts")
Function = Callable[Concatenate[Unit, P], R]

HANDFUL = 16
"""The most rows that a statement takes: each number of them is a statement of its own."""
TYPES: Mapping[Any, TypeEngine[Any]] = {
    str: String(),
    bool: Boolean(),
    int: BigInteger(),
    bytes: LargeBinary(),
    datetime: Moment,
    date: Date(),
    dict: Json,
    list: Json,
    Mapping: Json,
    Sequence: Json,
}
"""What a parameter is in SQL, by its annotation; `Annotated[…, a type of SQLAlchemy's]` says another."""


# ── The decorators ───────────────────────────────────────────────────────────


def one(
    row: Callable[[Unpack[Ts]], R],
) -> Callable[[Callable[P, TypedReturnsRows[*Ts]]], Function[P, R | None]]:
    """The one row that the statement finds, or None. Raises MultipleResultsFound."""

    def decorate(build: Callable[P, TypedReturnsRows[*Ts]]) -> Function[P, R | None]:
        statement = Declared(build, row)

        def found(unit: Unit, /, *args: P.args, **named: P.kwargs) -> R | None:
            rows = statement.run(unit, args, named)[0]
            if len(rows) > 1:
                raise MultipleResultsFound
            return rows[0] if rows else None

        return statement.named(found)

    return decorate


def every(
    row: Callable[[Unpack[Ts]], R],
) -> Callable[[Callable[P, TypedReturnsRows[*Ts]]], Function[P, list[R]]]:
    """All rows that the statement finds, or changed with RETURNING."""

    def decorate(build: Callable[P, TypedReturnsRows[*Ts]]) -> Function[P, list[R]]:
        statement = Declared(build, row)

        def found(unit: Unit, /, *args: P.args, **named: P.kwargs) -> list[R]:
            return statement.run(unit, args, named)[0]

        return statement.named(found)

    return decorate


def value(build: Callable[P, TypedReturnsRows[R]]) -> Function[P, R | None]:
    """The only column of the one row that the statement finds, or None.

    Raises MultipleResultsFound.
    """
    return one(_same)(build)


def values(build: Callable[P, TypedReturnsRows[R]]) -> Function[P, list[R]]:
    """The only column of all rows that the statement finds."""
    return every(_same)(build)


def change(build: Callable[P, UpdateBase]) -> Function[P, int]:
    """How many rows the statement inserted, updated or deleted: a guarded one lives by it."""
    statement = Declared(build, None)

    def changed(unit: Unit, /, *args: P.args, **named: P.kwargs) -> int:
        return statement.run(unit, args, named)[1]

    return statement.named(changed)


def parting(build: Callable[P, UpdateBase]) -> Function[P, None]:
    """What the unit's COMMIT takes along, in one round trip with it: nobody learns what it did.

    What it violates is raised by the commit, which then has not happened.
    """
    statement = Declared(build, None)

    def left(unit: Unit, /, *args: P.args, **named: P.kwargs) -> None:
        unit.driver.leave(*statement.ready(unit, args, named))

    return statement.named(left)


def given(argument: R) -> ColumnElement[R]:
    """The argument as the expression that it is, for mypy: where SQLAlchemy takes no plain value."""
    return argument  # type: ignore[return-value]  # what stands for it when the statement is built


def constants(*each: str) -> Sequence[ColumnElement[str]]:
    """What never changes, for `IN`: SQLAlchemy takes a plain list for one of any length."""
    return [literal(one) for one in each]


def _same(value: R) -> R:
    return value


# ── The statement ────────────────────────────────────────────────────────────


class Declared:
    """A statement as it was written: the function that builds it, and what its rows become.

    A parameter may be a NamedTuple, which stands for its fields. `*rows` takes a handful of values
    or of NamedTuples: each number of them is a statement of its own.
    """

    known: ClassVar[list["Declared"]] = []
    """All there are; a test builds every one for both databases."""

    def __init__(self, build: Callable[..., object], row: Callable[..., Any] | None) -> None:
        self._build = build
        self._row = row
        self._built: dict[tuple[str, int], Compiled] = {}
        parameters = signature(build).parameters.values()
        rows = [each.name for each in parameters if each.kind is Parameter.VAR_POSITIONAL]
        self.rows = rows[0] if rows else None
        self._names = [each.name for each in parameters if each.name != self.rows]
        self._places = sum(each.kind is Parameter.POSITIONAL_OR_KEYWORD for each in parameters)
        # so many arguments are all, and in their order
        self._at_once = self._places if self._places == len(self._names) else None
        self._defaults = {
            each.name: each.default for each in parameters if each.default is not Parameter.empty
        }
        self._spreads = any(hasattr(each.annotation, "_fields") for each in parameters)
        self.known.append(self)

    def __repr__(self) -> str:
        return f"{self._build.__module__}.{self._build.__qualname__}"

    def named(self, run: F) -> F:
        """The function that callers see, under its name."""
        update_wrapper(run, self._build)
        return run

    def run(
        self, unit: Unit, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[list[Any], int]:
        """The rows of its answer, and how many rows it was about."""
        return unit.driver.run(*self.ready(unit, args, named))

    def ready(
        self, unit: Unit, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[Compiled, Sequence[Any]]:
        """The statement for the unit's database, with its values in their order."""
        rows: tuple[Any, ...] = ()
        if self.rows:
            args, rows = args[: self._places], args[self._places :]
        if named or len(args) != self._at_once:
            args = self._in_order(args, named)
        statement = self._built.get((unit.dialect, len(rows))) or self.built(
            unit.dialect, len(rows)
        )
        if rows:
            args = (*args, *rows)
        return statement, _flat(args) if self._spreads else args

    def built(self, dialect: str, rows: int = 0) -> Compiled:
        """The statement for a dialect and so many rows.

        Raises TypeError or ValueError: it cannot be prepared, with what to write instead.
        """
        try:
            made = self._compiled(DIALECTS[dialect], rows)
        except (TypeError, ValueError) as error:
            error.add_note(f"in the statement {self}")
            raise
        self._built[dialect, rows] = made
        return made

    def _in_order(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        rest = self._names[len(args) :]
        if len(rest) > len(named):
            named = {**self._defaults, **named}
        try:
            if len(args) <= self._places and len(rest) >= len(named):
                return (*args, *[named[name] for name in rest])
        except KeyError:
            pass
        signature(self._build).bind(*args, **named)  # raises, in Python's own words
        raise TypeError(f"{self} was not called as it is declared")

    def _compiled(self, dialect: Dialect, rows: int) -> Compiled:
        if rows > HANDFUL:
            raise ValueError(f"more than {HANDFUL} rows: run it by unit.execute with a list")
        hints = get_type_hints(self._build, include_extras=True)
        given = [_row(name, hints.get(name)) for name in self._names]
        several = [_row(f"{self.rows}{place}", hints.get(self.rows or "")) for place in range(rows)]
        named = dict(zip(self._names[self._places :], given[self._places :], strict=True))
        statement = self._build(*given[: self._places], *several, **named)
        keys = [each.key for each in _flat((*given, *several))]
        if self._row is None:
            return Compiled(statement, dialect, keys, None)
        return Compiled(statement, dialect, keys, self._row, _field_names(self._row))


def _parameter(name: str, annotation: Any) -> BindParameter[Any]:
    """What stands in the statement for an argument; its name is no column's."""
    return bindparam(f"p_{name}", type_=_type(name, annotation))


def _row(name: str, annotation: Any) -> Any:
    """What stands for an argument: a parameter, or a NamedTuple of them."""
    if not hasattr(annotation, "_fields"):
        return _parameter(name, annotation)
    hints = get_type_hints(annotation, include_extras=True)
    return annotation(*(_parameter(f"{name}_{each}", hints[each]) for each in annotation._fields))


def _flat(arguments: Sequence[Any]) -> list[Any]:
    spread = (each if hasattr(each, "_fields") else (each,) for each in arguments)
    return list(chain.from_iterable(spread))


def _type(name: str, annotation: Any) -> TypeEngine[Any]:
    if get_origin(annotation) is Annotated:
        for said in annotation.__metadata__:
            if isinstance(said, TypeEngine):
                return said
        annotation = annotation.__origin__
    if get_origin(annotation) in {Union, UnionType}:
        plain = [each for each in get_args(annotation) if each is not NoneType]
        annotation = plain[0] if len(plain) == 1 else None
    annotation = get_origin(annotation) or annotation
    for base in getattr(annotation, "__mro__", ()):
        if base in TYPES:
            return TYPES[base]
    raise TypeError(
        f"what {name} is in SQL cannot be told from {annotation}: annotate it with one of "
        f"{[each.__name__ for each in TYPES]}, or with Annotated[…, a type of SQLAlchemy's]"
    )


def _field_names(row: Callable[..., Any]) -> Sequence[str] | None:
    """The columns that a row must have; None for a function, which takes what comes."""
    if is_dataclass(row):
        return [each.name for each in fields(row) if each.init]
    return getattr(row, "_fields", None)
