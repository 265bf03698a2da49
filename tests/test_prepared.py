"""Prepared statements do what SQLAlchemy's execution does, in the same unit and the same words."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, MultipleResultsFound

from signon.db import SERVING, Database, Moment, Unit
from signon.errors import BusyError
from signon.ids import new_id
from signon.jobs.models import jobs
from signon.journeys.models import journeys
from signon.prepared import Prepared

PUT = Prepared(insert(jobs), given=["name", "due_at"])
FIND = Prepared(
    select(jobs.c.name, jobs.c.due_at.label("due"), jobs.c.ran_at).where(
        jobs.c.name == bindparam("name"), jobs.c.name != "constant"
    )
)
ALL = Prepared(select(jobs.c.name))
MOVE = Prepared(
    update(jobs)
    .where(jobs.c.due_at <= bindparam("now", type_=Moment))
    .values(due_at=bindparam("later"))
)


@pytest.fixture
def one(database: Database) -> Database:
    """A database with one job."""
    with database.writing() as unit:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
    return database


def names(database: Database) -> list[str]:
    with database.reading() as unit:
        return list(unit.execute(select(jobs.c.name)).scalars())


# ── Values ───────────────────────────────────────────────────────────────────


def test_a_row_comes_back_by_name_and_with_its_types(one: Database):
    """As SQLAlchemy's own row would: labels, moments with a zone, None."""
    with one.reading() as unit:
        found = unit.row(FIND, {"name": "one"})
        told = unit.execute(select(jobs.c.due_at)).scalar_one()
        assert found == {"name": "one", "due": told, "ran_at": None}
        assert found["due"].utcoffset() == timedelta(0)
        assert unit.row(FIND, {"name": "two"}) is None


def test_json_bytes_and_none_go_in_and_out(database: Database):
    """Lists and objects as themselves, the same way in every row, whatever came before."""
    columns = ("id", "kind", "request", "return_to", "court_id", "client_id")
    put = Prepared(insert(journeys), given=[*columns, "created_at", "expires_at"])
    find = Prepared(
        select(journeys.c.request, journeys.c.return_to).where(journeys.c.id == bindparam("id"))
    )
    stored = [{"scope": "openid 'é' %s $1 \\"}, {}, {"a": "1", "b": "\N{GRINNING FACE}"}]
    with database.writing() as unit:
        for number, request in enumerate(stored):
            key, back = new_id(), None if number == 1 else "https://casb.test/?a=b"
            row: dict[str, object] = {"id": key, "kind": "x", "request": request}
            row |= {"return_to": back, "created_at": unit.now, "expires_at": unit.now}
            row |= {"court_id": None, "client_id": None}
            assert unit.change(put, row) == 1
            assert unit.row(find, {"id": key}) == {"request": request, "return_to": back}


def test_a_change_tells_how_many_rows_it_was_about(one: Database):
    """None, one, all: a guarded statement lives by it."""
    with one.writing() as unit:
        unit.change(PUT, {"name": "two", "due_at": unit.now})
        later = unit.now + timedelta(days=1)
        assert unit.change(MOVE, {"now": unit.now, "later": later}) == 2
        assert unit.change(MOVE, {"now": unit.now, "later": later}) == 0


def test_two_rows_are_not_one(one: Database):
    """`row` never picks."""
    with one.writing() as unit:
        unit.change(PUT, {"name": "two", "due_at": unit.now})
        with pytest.raises(MultipleResultsFound):
            unit.row(ALL, {})


def test_a_parameter_that_is_missing_is_an_error(one: Database):
    """Not NULL."""
    with one.reading() as unit, pytest.raises(KeyError):
        unit.row(FIND, {})


def test_two_columns_of_one_name_cannot_be_prepared(one: Database):
    """One would hide the other."""
    twice = Prepared(select(jobs.c.name, jobs.c.due_at.label("name")))
    with one.reading() as unit, pytest.raises(ValueError, match="cannot be prepared"):
        unit.row(twice, {})


# ── Transactions ─────────────────────────────────────────────────────────────


def test_both_kinds_of_statements_stand_in_one_transaction(database: Database):
    """What SQLAlchemy executes and what is prepared see each other, and go together."""

    def rule(unit: Unit) -> None:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
        unit.execute(insert(jobs), {"name": "two", "due_at": unit.now})
        assert unit.row(FIND, {"name": "two"})
        assert unit.scalar(select(jobs.c.name).where(jobs.c.name == "one"))
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(database.write(rule))
    assert names(database) == []


def test_a_reading_unit_cannot_write(database: Database):
    """In no way."""
    with pytest.raises(DBAPIError), database.reading() as unit:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
    assert names(database) == []


def test_a_unit_that_swallowed_an_error_is_no_success(postgresql_url: str):
    """PostgreSQL answers COMMIT by rolling back; nobody may take that for saved."""
    database = Database(postgresql_url)

    def rule(unit: Unit) -> None:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
        with pytest.raises(IntegrityError):
            unit.change(PUT, {"name": "one", "due_at": unit.now})

    with pytest.raises(RuntimeError, match="caught an error"):
        asyncio.run(database.write(rule))
    assert names(database) == []
    database.close()


# ── Failures ─────────────────────────────────────────────────────────────────


def test_a_broken_constraint_is_sqlalchemys_error(one: Database):
    """Rules catch it by that name; the log sees no value of the row."""
    with pytest.raises(IntegrityError) as error, one.writing() as unit:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
    assert "parameters hidden" not in str(error.value.orig)
    assert unit.now.isoformat() not in str(error.value)
    assert names(one) == ["one"]


def test_a_lock_that_is_held_says_busy(postgresql_url: str):
    """With the same words as ever."""
    database = Database(postgresql_url, timeouts=SERVING | {"lock_timeout": 100})
    with database.writing() as unit:
        unit.execute(text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(BusyError), database.writing() as other:
            other.row(ALL, {})
    database.close()


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_dead_connection_is_replaced(postgresql_url: str, way: str):
    """The unit runs once more; the new connection prepares for itself."""
    database, killer = Database(postgresql_url, pool=1), Database(postgresql_url)

    async def kill_and_go_on() -> object:
        run = database.read if way == "read" else database.write
        await run(lambda unit: unit.row(FIND, {"name": "one"}))
        pid = await run(lambda unit: unit.scalar(text("SELECT pg_backend_pid()")))
        with killer.writing() as unit:
            unit.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await asyncio.sleep(0.1)
        return await run(lambda unit: unit.row(FIND, {"name": "one"}))

    with killer.writing() as unit:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
    found = asyncio.run(kill_and_go_on())
    assert isinstance(found, dict)
    assert found["name"] == "one"
    database.close()
    killer.close()


def test_a_connection_that_forgot_its_statements_is_replaced(postgresql_url: str):
    """A pooler between us may hand over another one."""
    database = Database(postgresql_url, pool=1)

    async def forget_and_go_on() -> object:
        await database.read(lambda unit: unit.row(ALL, {}))
        await database.read(lambda unit: unit.execute(text("DEALLOCATE ALL")))
        return await database.read(lambda unit: unit.row(ALL, {}))

    assert asyncio.run(forget_and_go_on()) is None
    database.close()


def test_a_statement_that_failed_may_be_run_again(one: Database):
    """On the same connection: what was prepared stays prepared."""
    gone = Prepared(delete(jobs).where(jobs.c.name == bindparam("name")))

    def rule(unit: Unit) -> None:
        unit.change(gone, {"name": "two"})
        unit.change(PUT, {"name": "one", "due_at": unit.now})

    for _ in range(3):
        with pytest.raises(IntegrityError):
            asyncio.run(one.write(rule))
    with one.writing() as unit:
        assert unit.change(gone, {"name": "one"}) == 1
    assert names(one) == []


def test_a_statement_that_failed_at_first_is_prepared_all_the_same(postgresql_url: str):
    """Preparing is no part of the transaction: the same connection must not do it twice."""
    put = Prepared(insert(jobs), given=["name", "due_at"])
    database = Database(postgresql_url, pool=1)
    with database.writing() as unit:
        unit.change(PUT, {"name": "one", "due_at": unit.now})
    with pytest.raises(IntegrityError), database.writing() as unit:
        unit.change(put, {"name": "one", "due_at": unit.now})
    with database.writing() as unit:
        assert unit.change(put, {"name": "two", "due_at": unit.now}) == 1
    database.close()
