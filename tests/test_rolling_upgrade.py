"""From one release to the next and back while people sign in: expand, migrate, contract."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from signon import schema
from signon.app import wire
from signon.clock import utc_now
from signon.config import Settings
from signon.db import Database
from signon.errors import NotReadyError
from signon.jobs.heartbeats import Heart
from signon.tables import metadata
from signon.web import probes
from tests.infra.clock import FrozenClock
from tests.infra.databases import KINDS, PostgresDatabases, is_postgresql
from tests.infra.served import Databases
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty
from tests.test_schema import _migrate, execute

FURTHER = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9998", "{down}", None, None
works_with = "{works_with}"
def upgrade():
    op.create_table("further", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("jobs", sa.Column("further", sa.Text))
    {more}
def finish():
    op.drop_column("jobs", "last_error")
"""
NEXT = "9998"
FREE = "0022"
"""From the migration after this one on none may rewrite or lock a table that people use."""
CALLBACK = "https://ecf.casb.test/callback"

Further = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Further:
    """Lets the block's program be the release after this one, with one migration more."""

    @contextmanager
    def released(works_with: str = "", more: str = "") -> Iterator[None]:
        folder = shutil.copytree(schema._folder(), tmp_path / "migrations", dirs_exist_ok=True)
        written = FURTHER.format(
            down=schema.head(), works_with=works_with or schema.head(), more=more
        )
        (folder / "versions" / "9998_further.py").write_text(written)
        with monkeypatch.context() as patched:
            patched.setattr(schema, "_folder", lambda: folder)
            yield

    return released


@pytest.fixture(params=KINDS)
def own_url(
    request: pytest.FixtureRequest, served_databases: Databases, tmp_path: Path
) -> Iterator[str]:
    """A migrated database that no other test goes on with."""
    with served_databases.migrated(request.param, tmp_path / "own.db") as url:
        yield url


def test_this_release_works_on_the_next_ones_schema(
    own_url: str,
    settings: Settings,
    clock: FrozenClock,
    next_release: Further,
    monkeypatch: pytest.MonkeyPatch,
):
    """It stays ready and starts, and people sign in and refresh, before, meanwhile and after."""
    monkeypatch.setattr(probes, "KEEP_SECONDS", 0.0)
    database = wire(Database(own_url, clock=clock))
    changed = settings.model_copy(update={"database_url": SecretStr(own_url)})
    world = World.make(changed, database, clock)
    world.account("ada.attorney")
    secret = world.client("casb-cmecf", redirect_uris=[CALLBACK])

    def flow() -> None:
        browser = world.browser()
        party = RelyingParty(browser, clock, "casb-cmecf", secret, CALLBACK, "openid")
        party.begin()
        browser.sign_in("ada.attorney", PASSWORD)
        assert party.tokens().access_token
        assert world.http.get("/readyz").status_code == 200

    with world.http:
        flow()
        with next_release():
            schema.upgrade(own_url)
        assert schema.current(own_url) == NEXT
        schema.require_current(own_url)
        flow()
        with world.another_process() as again:
            assert again.get("/readyz").status_code == 200
    database.close()


def test_a_release_that_needs_the_next_schema_says_so(own_url: str, next_release: Further):
    """A migration that names no older program, or too new a one, stops all older ones."""
    with next_release(works_with=NEXT):
        schema.upgrade(own_url)
    with pytest.raises(NotReadyError, match="start the newer program"):
        schema.require_current(own_url)
    opened = Database(own_url)
    with opened.reading() as unit:
        assert probes.check_schema(unit) == "The database is not migrated to this program."
    opened.close()


# ── Contracting ──────────────────────────────────────────────────────────────


def _beat(url: str) -> None:
    database = Database(url)
    asyncio.run(Heart(database).beat())
    database.close()


def test_finishing_waits_for_the_last_older_process(own_url: str, next_release: Further):
    """What only it needed goes when it has been silent for a minute, and then it may not start."""
    _beat(own_url)
    with next_release():
        schema.upgrade(own_url)
        _beat(own_url)
        with pytest.raises(NotReadyError, match="1 processes of an older program"):
            schema.finish(own_url)
        assert _columns(own_url) == {"further", "last_error"}
        long_ago = utc_now() - timedelta(seconds=schema.SILENT_SECONDS + 1)
        execute(own_url, f"UPDATE heartbeats SET seen_at = '{long_ago:%Y-%m-%d %H:%M:%S}'")
        assert schema.finish(own_url)[-1] == NEXT
        assert _columns(own_url) == {"further"}
        assert schema.finish(own_url) == []
    with pytest.raises(NotReadyError, match="start the newer program"):
        schema.require_current(own_url)


def test_finishing_needs_the_newest_schema(own_url: str, next_release: Further):
    """Neither an older program finishes, nor a newer one before its migration."""
    with next_release(), pytest.raises(NotReadyError, match="older than this program"):
        schema.finish(own_url)
    with next_release():
        schema.upgrade(own_url)
    with pytest.raises(NotReadyError, match="newer than this program"):
        schema.finish(own_url)


def _columns(url: str) -> set[str]:
    engine = create_engine(url)
    found = {column["name"] for column in inspect(engine).get_columns("jobs")}
    engine.dispose()
    return found & {"further", "last_error"}


# ── What a migration may do while people work ────────────────────────────────


@pytest.fixture
def watched(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A database at `FREE` that rewrites no table."""
    with postgres_databases.empty() as url:
        _migrate(url, FREE)
        execute(url, FORBID)
        yield url


FORBID = """
CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''rewrites %'', pg_event_trigger_table_rewrite_oid()::regclass; END';
CREATE EVENT TRIGGER forbid ON table_rewrite EXECUTE FUNCTION forbid();
"""
LOCKED = """
SELECT c.relname FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
WHERE c.relkind = 'r' AND l.granted AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock')
    AND c.relname = ANY(:before) AND l.pid = pg_backend_pid()
    AND NOT (
        l.mode = 'ShareRowExclusiveLock'
        AND EXISTS (
            SELECT FROM pg_constraint AS f JOIN pg_class AS n ON n.oid = f.conrelid
            WHERE f.confrelid = c.oid AND n.relname <> ALL(:before))
        AND NOT EXISTS (
            SELECT FROM pg_constraint AS f WHERE f.conrelid = c.oid
                AND f.contype = 'f' AND f.xmin = pg_current_xact_id()::xid))
"""
"""Held for as long as an index is built, or a constraint looked at: nobody writes meanwhile. A new
table, which is empty, may point at one that there was: then there is nothing to look at.
"""


SMALL = {"courts"}
"""A few hundred rows, which operators write now and then: looking at all of them takes no time."""
LOCKS = 'op.create_index("ix_more", "accounts", ["created_on"])'
BESIDE = """with op.get_context().autocommit_block():
        op.create_index("ix_beside", "jobs", ["ran_at"], postgresql_concurrently=True)"""
REFERS = 'op.create_foreign_key("fk_more", "jobs", "heartbeats", ["further"], ["process"])'
"""Every row of a table that there was is looked at."""


def _expand(url: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Migrate to the newest; answers the tables that nobody could write to before the end.

    What a transaction has locked shows before its end: that of the migrations, and of each part of
    one that an `autocommit_block` ends, which commits what was before it.
    """
    before = _tables(url)
    found: set[str] = set()
    run, autocommit = MigrationContext.run_migrations, MigrationContext.autocommit_block

    def look(migration: MigrationContext) -> None:
        assert migration.connection is not None
        found.update(migration.connection.execute(text(LOCKED), {"before": before}).scalars())

    def run_and_look(migration: MigrationContext) -> None:
        run(migration)
        look(migration)

    @contextmanager
    def look_and_commit(migration: MigrationContext) -> Iterator[None]:
        look(migration)
        with autocommit(migration):
            yield

    monkeypatch.setattr(MigrationContext, "run_migrations", run_and_look)
    monkeypatch.setattr(MigrationContext, "autocommit_block", look_and_commit)
    schema.upgrade(url)
    return found - SMALL


def _tables(url: str) -> list[str]:
    engine = create_engine(url)
    names = inspect(engine).get_table_names()
    engine.dispose()
    return names


def test_no_migration_stops_people(watched: str, monkeypatch: pytest.MonkeyPatch):
    """None rewrites a table, nor locks one that there was while it builds something."""
    assert _expand(watched, monkeypatch) == set()


def test_one_that_rewrites_would_be_seen(watched: str, next_release: Further):
    """A type is changed: every row is written anew, under a lock."""
    with (
        next_release(more='op.alter_column("accounts", "valid_from", type_=sa.Text())'),
        pytest.raises(DBAPIError, match="rewrites accounts"),
    ):
        schema.upgrade(watched)


def test_one_that_locks_would_be_seen(
    watched: str, next_release: Further, monkeypatch: pytest.MonkeyPatch
):
    """An index is built in the transaction, and nobody signs in."""
    with next_release(more=LOCKS + f"\n    {REFERS}"):
        assert _expand(watched, monkeypatch) == {"accounts", "jobs", "heartbeats"}


@pytest.mark.parametrize(
    ("more", "locked"),
    [(f"{LOCKS}\n    {BESIDE}", {"accounts"}), (BESIDE, set())],
    ids=["before", "none"],
)
def test_one_that_locks_beside_an_index_would_be_seen(
    watched: str,
    next_release: Further,
    monkeypatch: pytest.MonkeyPatch,
    more: str,
    locked: set[str],
):
    """The block that builds it beside people's writes commits what was before, locks and all."""
    with next_release(more=more):
        assert _expand(watched, monkeypatch) == locked


def test_a_migration_waits_for_no_lock(own_url: str, next_release: Further):
    """While it waits for a table, everybody waits behind it: it gives up after a second."""
    if not is_postgresql(own_url):
        return
    with closing(psycopg.connect(own_url.replace("+psycopg", "", 1))) as other:
        other.execute("LOCK TABLE jobs IN ACCESS SHARE MODE")
        with next_release(), pytest.raises(NotReadyError, match="lock timeout"):
            schema.upgrade(own_url)
    assert schema.current(own_url) == schema.head()


@pytest.mark.parametrize(("before", "table"), [("0024", "legacy_logins"), ("0025", "accounts")])
def test_one_that_was_given_up_half_way_goes_on(
    postgres_databases: PostgresDatabases, monkeypatch: pytest.MonkeyPatch, before: str, table: str
):
    """Whoever builds an index beside people's writes waits for them, and may be killed meanwhile."""
    monkeypatch.setattr(schema, "_engine", partial(_impatient, schema._engine))
    with postgres_databases.empty() as url:
        _migrate(url, before)
        with closing(psycopg.connect(url.replace("+psycopg", "", 1))) as other:
            other.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
            with pytest.raises(NotReadyError, match="timeout"):
                schema.upgrade(url)
        assert schema.upgrade(url) == (before, schema.head())
        assert schema.differences(url, metadata) == []


@contextmanager
def _impatient(
    engine_of: Callable[[str], AbstractContextManager[Engine]], url: str
) -> Iterator[Engine]:
    """One whose statements end by themselves after two seconds, as if somebody had lost patience."""
    with engine_of(url) as engine:
        event.listen(
            engine, "connect", lambda line, _: line.execute("SET statement_timeout = '2s'")
        )
        yield engine
