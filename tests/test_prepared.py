"""A statement is a function: what goes in and comes out, what cannot be built, and its unit."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any, NamedTuple

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Delete,
    Insert,
    LargeBinary,
    MetaData,
    Select,
    SmallInteger,
    Table,
    Text,
    Update,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError, MultipleResultsFound
from sqlalchemy.sql.dml import ReturningInsert

from signon.db import SERVING, Database, Json, Moment, Unit
from signon.errors import BusyError
from signon.ids import new_id
from signon.jobs.models import jobs
from signon.journeys.models import journeys
from signon.limits.models import counters
from signon.prepared import Declared, change, every, one, parting, value, values


class Found(NamedTuple):
    name: str
    due: datetime
    ran_at: datetime | None


class _New(NamedTuple):
    name: str
    due_at: datetime


@dataclass(frozen=True)
class Turn:
    name: str
    due_at: datetime


@change
def _put(name: str, due_at: datetime, *, error: str | None = None) -> Insert:
    return insert(jobs).values(name=name, due_at=due_at, last_error=error)


@one(Found)
def _find(name: str) -> Select[str, datetime, datetime | None]:
    return select(jobs.c.name, jobs.c.due_at.label("due"), jobs.c.ran_at).where(
        jobs.c.name == name, jobs.c.name != "constant"
    )


@every(Turn)
def _turns() -> Select[str, datetime]:
    return select(jobs.c.name, jobs.c.due_at).order_by(jobs.c.name)


@value
def _name() -> Select[str]:
    return select(jobs.c.name)


@values
def _names() -> Select[str]:
    return select(jobs.c.name).order_by(jobs.c.name)


@change
def _move(now: datetime, later: datetime) -> Update:
    return update(jobs).where(jobs.c.due_at <= now).values(due_at=later)


@change
def _remove(name: str) -> Delete:
    return delete(jobs).where(jobs.c.name == name)


@values
def _put_all(*turns: _New) -> ReturningInsert[str]:
    return insert(jobs).values([turn._asdict() for turn in turns]).returning(jobs.c.name)


@change
def _put_one(turn: _New, error: str) -> Insert:
    return insert(jobs).values(**turn._asdict(), last_error=error)


class Asked(NamedTuple):
    request: dict[str, Any]
    return_to: str | None


@change
def _start(
    key: str, request: dict[str, Any], *, now: datetime, back: str | None, kind: str = "x"
) -> Insert:
    return insert(journeys).values(
        id=key, kind=kind, request=request, return_to=back, created_at=now, expires_at=now
    )


@one(Asked)
def _asked(key: str) -> Select[dict[str, Any], str | None]:
    return select(journeys.c.request, journeys.c.return_to).where(journeys.c.id == key)


@change
def _count(bucket: str, key: bytes, hits: int, until: datetime) -> Insert:
    return insert(counters).values(bucket=bucket, key=key, hits=hits, expires_at=until)


@value
def _counted(key: bytes, now: datetime) -> Select[bytes]:
    """A moment that no column stands beside is one all the same."""
    since = func.coalesce(now, counters.c.expires_at)
    return select(counters.c.key).where(counters.c.key == key, counters.c.expires_at <= since)


@parting
def _leave(name: str, due_at: datetime) -> Insert:
    return insert(jobs).values(name=name, due_at=due_at)


@value
def _lease(name: str, now: datetime, later: datetime) -> ReturningInsert[str]:
    turn = postgresql.insert(jobs).values(name=name, due_at=later)
    return turn.on_conflict_do_update(
        index_elements=["name"], set_={"due_at": turn.excluded.due_at}, where=jobs.c.due_at <= now
    ).returning(jobs.c.name)


@pytest.fixture
def one_job(database: Database) -> Database:
    """A database with one job."""
    with database.writing() as unit:
        _put(unit, "one", unit.now)
    return database


def names(database: Database) -> list[str]:
    with database.reading() as unit:
        return list(unit.execute(select(jobs.c.name)).scalars())


# ── Values ───────────────────────────────────────────────────────────────────


def test_a_row_comes_back_by_name_and_with_its_types(one_job: Database):
    """As SQLAlchemy's own row would: labels, moments with a zone, None."""
    with one_job.reading() as unit:
        found = _find(unit, "one")
        told = unit.execute(select(jobs.c.due_at)).scalar_one()
        assert found == Found("one", told, None)
        assert found.due.utcoffset() == timedelta(0)
        assert _find(unit, "two") is None


def test_json_bytes_and_none_go_in_and_out(database: Database):
    """Lists and objects as themselves, the same way in every row, whatever came before."""
    stored = [{"scope": "openid 'é' %s $1 \\"}, {}, {"a": "1", "b": "\N{GRINNING FACE}"}]
    with database.writing() as unit:
        for number, request in enumerate(stored):
            key, back = new_id(), None if number == 1 else "https://casb.test/?a=b"
            assert _start(unit, key, request, now=unit.now, back=back) == 1
            assert _asked(unit, key) == Asked(request, back)
        assert _count(unit, "a", b"\0\xff", 3, unit.now) == 1
        assert _counted(unit, b"\0\xff", unit.now) == b"\0\xff"


class Wide(NamedTuple):
    zero: str
    one: datetime
    two: datetime | None
    three: bytes
    four: dict[str, object]
    five: int
    six: bool
    seven: date
    eight: list[object]


_WIDE = Table(
    "wide",
    MetaData(),
    Column("zero", Text),
    Column("one", Moment),
    Column("two", Moment),
    Column("three", LargeBinary),
    Column("four", Json),
    Column("five", BigInteger),
    Column("six", Boolean),
    Column("seven", Date),
    Column("eight", Json),
)


@change
def _put_wide(row: Wide) -> Insert:
    return insert(_WIDE).values(**row._asdict())


@every(Wide)
def _wide(least: int) -> Select[Any]:
    return select(*_WIDE.c).where(_WIDE.c.five >= least).order_by(_WIDE.c.five.desc())


def test_a_wide_row_has_its_types_too(database: Database):
    """It comes as one value from PostgreSQL, in the same order, NULL as None."""
    moment = datetime(2026, 3, 8, 1, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-8)))
    four: dict[str, object]
    four, eight = {"a": ["b", None, 1.5], "\u2028": 'q"'}, [1, {"c": {}}]
    each = [
        Wide('\\ " \t é', moment, None, b"\0\xff", four, 2**53 + 1, True, moment.date(), eight),
        Wide("", moment, moment, b"", {}, 3, False, date(1, 1, 1), []),
    ]
    with database.writing() as unit:
        _WIDE.create(unit.connection)
        for row in each:
            _put_wide(unit, row)
        found = _wide(unit, 3)
    assert found == each
    assert found[0].one.utcoffset() == timedelta(0)
    wide = next(each for each in Declared.known if str(each).endswith("._wide"))
    assert wide.built("postgresql").sql.startswith("SELECT row_to_json")


def test_arguments_go_by_place_by_name_and_by_default(database: Database):
    """As in any function; what was not asked for is no silent NULL."""
    with database.writing() as unit:
        assert _put(unit, due_at=unit.now, name="one", error="late") == 1
        assert _put(unit, "two", due_at=unit.now) == 1
        assert unit.execute(select(jobs.c.last_error).order_by(jobs.c.name)).scalars().all() == [
            "late",
            None,
        ]
        assert _turns(unit) == [Turn("one", unit.now), Turn("two", unit.now)]
        assert (_names(unit), _remove(unit, "two"), _name(unit)) == (["one", "two"], 1, "one")
        wrong: Any = _put
        ways: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
            (("x",), {}),
            (("x", unit.now, "y"), {}),
            (("x", unit.now), {"name": "y"}),
            (("x",), {"due": unit.now}),
        ]
        for arguments, named in ways:
            with pytest.raises(TypeError):
                wrong(unit, *arguments, **named)
        assert _names(unit) == ["one"]


def test_a_handful_of_rows_goes_in_one_statement(database: Database):
    """Each number of them is prepared once."""
    with database.writing() as unit:
        for number in (1, 3, 1):
            _move(unit, unit.now, unit.now)
            made = _put_all(unit, *(_New(new_id(), unit.now) for _ in range(number)))
            assert len(made) == number
        assert len(_names(unit)) == 5
        assert _put_one(unit, _New("last", unit.now), "late") == 1
        with pytest.raises(ValueError, match="more than 16 rows"):
            _put_all(unit, *[_New("x", unit.now)] * 17)


def test_a_conflict_is_said_once_for_both_databases(one_job: Database):
    """PostgreSQL's `insert` is written for SQLite too."""
    with one_job.writing() as unit:
        assert _lease(unit, "one", unit.now - timedelta(1), unit.now) is None
        assert _lease(unit, "one", unit.now, unit.now + timedelta(1)) == "one"


def test_a_change_tells_how_many_rows_it_was_about(one_job: Database):
    """None, one, all: a guarded statement lives by it."""
    with one_job.writing() as unit:
        _put(unit, "two", unit.now)
        later = unit.now + timedelta(days=1)
        assert _move(unit, unit.now, later) == 2
        assert _move(unit, unit.now, later) == 0


def test_two_rows_are_not_one(one_job: Database):
    """`row` never picks."""
    with one_job.writing() as unit:
        _put(unit, "two", unit.now)
        with pytest.raises(MultipleResultsFound):
            _name(unit)


# ── What cannot be built ─────────────────────────────────────────────────────


def _untold(name: Any) -> Select[str]:
    return select(jobs.c.name).where(jobs.c.name == name)


def _unused(name: str) -> Select[str]:
    return select(jobs.c.name)


def _any_length() -> Select[str]:
    return select(jobs.c.name).where(jobs.c.name.in_(["one", "two"]))


def _no_statement() -> Select[str]:
    return "SELECT 1"  # type: ignore[return-value]


def _depends_on_its_argument(name: str | None) -> Select[str]:
    return select(jobs.c.name).where(jobs.c.name == name) if name else select(jobs.c.name)


def _python_default() -> Insert:
    return insert(Table("x", MetaData(), Column("a", Text, default="y"))).values({})


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (_untold, "what name is in SQL cannot be told"),
        (_unused, r"not given or not used: \['p_name'\]"),
        (_any_length, r"take \*rows, or unit.execute"),
        (_no_statement, "must return a statement"),
        (_depends_on_its_argument, "Boolean value of this clause is not defined"),
        (_python_default, "Python default"),
    ],
)
def test_a_statement_that_cannot_be_prepared_says_why(build: Any, says: str):
    """At its first use, and in which statement."""
    with _undeclared(), pytest.raises((TypeError, ValueError), match=says) as error:
        Declared(build, str).built("sqlite")
    assert error.value.__notes__ == [f"in the statement {build.__module__}.{build.__name__}"]


@pytest.mark.parametrize(
    "columns",
    [
        (jobs.c.name, jobs.c.due_at, jobs.c.ran_at),
        (jobs.c.name, jobs.c.ran_at.label("due"), jobs.c.due_at),
        (jobs.c.name, jobs.c.due_at.label("name"), jobs.c.ran_at),
    ],
)
def test_a_row_has_its_columns_names_in_their_order(columns: Any):
    """What mypy takes for the same, two moments for instance, the first use does not."""

    def build() -> Any:
        return select(*columns)

    with _undeclared(), pytest.raises(ValueError, match=r"columns are|have one name"):
        Declared(build, Found).built("postgresql")


def test_an_annotation_may_name_the_type():
    """For what no annotation tells."""

    def build(attempts: Annotated[int, SmallInteger()]) -> Select[int]:
        return select(counters.c.hits).where(counters.c.hits == attempts)

    with _undeclared():
        assert "$1::SMALLINT" in Declared(build, str).built("postgresql").sql


@contextmanager
def _undeclared() -> Iterator[None]:
    """What is wrong on purpose is none of the application's statements."""
    known = list(Declared.known)
    yield
    Declared.known[:] = known


# ── Transactions ─────────────────────────────────────────────────────────────


def test_a_statement_goes_with_the_commit(database: Database):
    """It is there afterwards, also where it is all that the unit does; with a unit that is undone it
    never was.
    """

    def undone(unit: Unit) -> None:
        _leave(unit, "undone", unit.now)
        raise LookupError

    asyncio.run(database.write(lambda unit: _leave(unit, "alone", unit.now)))
    with pytest.raises(LookupError):
        asyncio.run(database.write(undone))
    # the connection has forgotten it
    asyncio.run(database.write(lambda unit: _put(unit, "next", unit.now)))
    with database.reading() as unit:
        assert _find(unit, "alone")
        assert _find(unit, "next")
        assert _find(unit, "undone") is None


def test_what_it_violates_undoes_the_unit(database: Database):
    """The commit has not happened, and says so; the connection is as good as before."""

    def rule(unit: Unit) -> None:
        _put(unit, "beside", unit.now)
        _leave(unit, "taken", unit.now)

    asyncio.run(database.write(lambda unit: _put(unit, "taken", unit.now)))
    for _ in range(2):
        with pytest.raises(IntegrityError):
            asyncio.run(database.write(rule))
    with database.reading() as unit:
        assert _find(unit, "beside") is None
    asyncio.run(database.write(lambda unit: _leave(unit, "other", unit.now)))


def test_both_kinds_of_statements_stand_in_one_transaction(database: Database):
    """What SQLAlchemy executes and what is prepared see each other, and go together."""

    def rule(unit: Unit) -> None:
        _put(unit, "one", unit.now)
        unit.execute(insert(jobs), {"name": "two", "due_at": unit.now})
        assert _find(unit, "two")
        assert unit.scalar(select(jobs.c.name).where(jobs.c.name == "one"))
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(database.write(rule))
    assert names(database) == []


def test_a_reading_unit_cannot_write(database: Database):
    """In no way."""
    with pytest.raises(DBAPIError), database.reading() as unit:
        _put(unit, "one", unit.now)
    assert names(database) == []


def test_a_unit_that_swallowed_an_error_is_no_success(postgresql_url: str):
    """PostgreSQL answers COMMIT by rolling back; nobody may take that for saved."""
    database = Database(postgresql_url)

    def rule(unit: Unit) -> None:
        _put(unit, "one", unit.now)
        with pytest.raises(IntegrityError):
            _put(unit, "one", unit.now)

    with pytest.raises(RuntimeError, match="caught an error"):
        asyncio.run(database.write(rule))
    assert names(database) == []
    database.close()


# ── Failures ─────────────────────────────────────────────────────────────────


def test_a_broken_constraint_is_sqlalchemys_error(one_job: Database):
    """Rules catch it by that name; the log sees no value of the row."""
    with pytest.raises(IntegrityError) as error, one_job.writing() as unit:
        _put(unit, "one", unit.now)
    assert "parameters hidden" not in str(error.value.orig)
    assert unit.now.isoformat() not in str(error.value)
    assert names(one_job) == ["one"]


def test_a_lock_that_is_held_says_busy(postgresql_url: str):
    """With the same words as ever."""
    database = Database(postgresql_url, timeouts=SERVING | {"lock_timeout": 100})
    with database.writing() as unit:
        unit.execute(text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(BusyError), database.writing() as other:
            _name(other)
    database.close()


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_dead_connection_is_replaced(postgresql_url: str, way: str):
    """The unit runs once more; the new connection prepares for itself."""
    database, killer = Database(postgresql_url, pool=1), Database(postgresql_url)

    async def kill_and_go_on() -> object:
        run = database.read if way == "read" else database.write
        await run(lambda unit: _find(unit, "one"))
        pid = await run(lambda unit: unit.scalar(text("SELECT pg_backend_pid()")))
        with killer.writing() as unit:
            unit.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await asyncio.sleep(0.1)
        return await run(lambda unit: _find(unit, "one"))

    with killer.writing() as unit:
        _put(unit, "one", unit.now)
    found = asyncio.run(kill_and_go_on())
    assert isinstance(found, Found)
    assert found.name == "one"
    database.close()
    killer.close()


def test_a_connection_that_forgot_its_statements_is_replaced(postgresql_url: str):
    """A pooler between us may hand over another one."""
    database = Database(postgresql_url, pool=1)

    async def forget_and_go_on() -> object:
        await database.read(_name)
        await database.read(lambda unit: unit.execute(text("DEALLOCATE ALL")))
        return await database.read(_name)

    assert asyncio.run(forget_and_go_on()) is None
    database.close()


def test_a_statement_that_failed_may_be_run_again(one_job: Database):
    """On the same connection: what was prepared stays prepared."""

    def rule(unit: Unit) -> None:
        _remove(unit, "two")
        _put(unit, "one", unit.now)

    for _ in range(3):
        with pytest.raises(IntegrityError):
            asyncio.run(one_job.write(rule))
    with one_job.writing() as unit:
        assert _remove(unit, "one") == 1
    assert names(one_job) == []


def test_a_statement_that_failed_at_first_is_prepared_all_the_same(postgresql_url: str):
    """Preparing is no part of the transaction: the same connection must not do it twice."""

    @change
    def put(name: str, due_at: datetime) -> Insert:
        return insert(jobs).values(name=name, due_at=due_at)

    database = Database(postgresql_url, pool=1)
    with database.writing() as unit:
        _put(unit, "one", unit.now)
    with pytest.raises(IntegrityError), database.writing() as unit:
        put(unit, "one", unit.now)
    with database.writing() as unit:
        assert put(unit, "two", unit.now) == 1
    database.close()
