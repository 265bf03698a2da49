"""The schema: migrated once however many start, compared with the program, backed up whole."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Table, create_engine, delete, func, inspect, make_url, select, text

from signon import schema
from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.config import Settings
from signon.db import Database
from signon.errors import NotReadyError
from signon.jobs.models import jobs
from signon.oidc.models import codes
from signon.signin.models import sessions
from signon.tables import metadata
from signon.tokens.models import grants, refresh_tokens
from tests.infra import forked
from tests.infra.command_line import CommandLine
from tests.infra.databases import KINDS, ON_ONE, is_postgresql
from tests.infra.served import RING, Databases
from tests.operation.rows import add


@pytest.fixture
def signon(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """`signon …` over the test's database."""
    return CommandLine(settings, tmp_path, monkeypatch, capsys)


def execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


# ── Migrating ────────────────────────────────────────────────────────────────


def test_several_that_start_at_once_migrate_once(empty_database_url: str, tmp_path: Path):
    """Four processes: one finds the database empty, the others find it done."""
    environment = os.environ | {
        "SIGNON_ISSUER": "http://localhost:8000",
        "SIGNON_DATABASE_URL": empty_database_url,
        "SIGNON_SECRET_KEYS": RING,
        "SIGNON_SMTP_URL": "file:mail",
    }

    def start(_: int) -> str:
        done = forked.run("db", "upgrade", env=environment, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stderr.strip()

    with ThreadPoolExecutor(4) as threads:
        found = sorted(threads.map(start, range(4)))
    head = schema.head()
    assert found == [f"Already at {head}."] * 3 + [f"The database is at revision {head}."]


def test_the_migrations_make_what_the_program_expects(empty_database_url: str):
    """Tables, columns, types, indexes and constraints."""
    schema.upgrade(empty_database_url)
    assert schema.differences(empty_database_url, metadata) == []


def test_migrating_again_changes_nothing(database_url: str):
    """The second `db upgrade` says that it is there already."""
    assert schema.upgrade(database_url) == (schema.head(), schema.head())


def test_a_migration_that_fails_leaves_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Half a schema would be worse than none; both databases take tables back too."""
    folder = shutil.copytree(schema._folder(), tmp_path / "migrations")
    (folder / "versions" / "9999_broken.py").write_text(BROKEN.format(down=schema.head()))
    with monkeypatch.context() as patched:
        patched.setattr(schema, "_folder", lambda: folder)
        with pytest.raises(ZeroDivisionError):
            schema.upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


BROKEN = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{down}", None, None
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    1 / 0
"""


# ── Looking ──────────────────────────────────────────────────────────────────


def test_an_empty_database_is_refused(empty_database_url: str):
    """With the command that mends it."""
    with pytest.raises(NotReadyError, match="empty: run `signon db upgrade`"):
        schema.require_current(empty_database_url)


def test_looking_makes_no_file(tmp_path: Path):
    """A mistyped path must not leave a database there."""
    url = f"sqlite:///{tmp_path / 'typo.db'}"
    assert schema.current(url) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("revision", "mend"), [("0000", "run `signon db upgrade`"), ("9999", "start the newer program")]
)
def test_another_revision_is_refused(database_url: str, revision: str, mend: str):
    """An old database, or one that a newer program has migrated."""
    execute(database_url, f"UPDATE alembic_version SET version_num = '{revision}'")
    execute(database_url, f"UPDATE schema_state SET works_with = '{revision}'")
    with pytest.raises(NotReadyError, match=mend):
        schema.require_current(database_url)


def test_a_database_that_is_away_is_one_line(tmp_path: Path):
    """And names neither user nor password."""
    url = "postgresql+psycopg://ada:hunter2@127.0.0.1:1/signon"
    with pytest.raises(NotReadyError, match="cannot be used") as away:
        schema.require_current(url)
    assert "\n" not in away.value.sentence
    assert "hunter2" not in away.value.sentence
    with pytest.raises(NotReadyError, match="cannot be used"):
        schema.upgrade(f"sqlite:///{tmp_path / 'nowhere' / 'signon.db'}")


# ── The command line ─────────────────────────────────────────────────────────


@pytest.fixture(params=KINDS)
def own_database_url(
    request: pytest.FixtureRequest, served_databases: Databases, tmp_path: Path
) -> Iterator[str]:
    """A migrated database that may be spoilt: the others are used by the tests that follow."""
    with served_databases.migrated(request.param, tmp_path / "own.db") as url:
        yield url


# the settings' own database is not what is looked at
@ON_ONE
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER TABLE jobs ADD COLUMN surplus TEXT", "surplus"),
        ("DROP INDEX ix_journeys_expires_at", "ix_journeys_expires_at"),
        ("DROP TABLE link_proofs", "link_proofs"),
    ],
)
def test_check_finds_a_change_made_by_hand(
    signon: CommandLine,
    own_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    name: str,
):
    """Exit status 1 and the difference by name, in one line."""
    monkeypatch.setenv("SIGNON_DATABASE_URL", own_database_url)
    assert signon("db", "check").status == 0
    execute(own_database_url, statement)
    done = signon("db", "check")
    assert (done.status, name in done.err) == (1, True)
    assert done.err.count("\n") == 1


def test_current_says_where_it_stands(signon: CommandLine):
    """As JSON for programs."""
    done = signon("db", "current", "--json")
    assert json.loads(done.out) == {"current": schema.head(), "head": schema.head()}


def test_a_backup_is_whole_while_people_write(
    signon: CommandLine, database: Database, database_url: str, tmp_path: Path
):
    """SQLite by its own online backup; for PostgreSQL the line to run, without the password."""
    with database.writing() as unit:
        unit.execute(jobs.insert(), {"name": "kept", "due_at": unit.now})
    target = tmp_path / "backup.db"
    with database.writing() as unit:
        unit.execute(jobs.insert(), {"name": "not committed yet", "due_at": unit.now})
        done = signon("db", "backup", str(target))
    assert done.status == 0
    if is_postgresql(database_url):
        assert done.out.startswith("pg_dump --format=custom")
        password = make_url(database_url).password
        assert password
        assert password not in done.out
        return
    copy = sqlite3.connect(target)
    assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert copy.execute("SELECT name FROM jobs").fetchall() == [("kept",)]
    copy.close()
    schema.require_current(f"sqlite:///{target}")


def test_a_backup_overwrites_nothing(signon: CommandLine, database_url: str, tmp_path: Path):
    """The last good one must not be lost to a typing error."""
    if is_postgresql(database_url):
        return
    (tmp_path / "backup.db").write_text("the last good one")
    assert signon("db", "backup", str(tmp_path / "backup.db")).status == 1
    assert (tmp_path / "backup.db").read_text() == "the last good one"


def test_lean_tables_keep_their_rows(empty_database_url: str):
    """0013 takes keys away and nothing else; going back drops what nobody would find any more."""
    # with the columns of today, which an older table has not
    schema.upgrade(empty_database_url)
    database = Database(empty_database_url)
    with database.writing() as unit:
        ids = {"account_id": add(unit, accounts)["id"], "client_id": add(unit, clients)["id"]}
        grant = add(unit, grants, **ids)
        add(unit, refresh_tokens, grant_id=grant["id"])
        session = add(unit, sessions, account_id=ids["account_id"])
        add(unit, codes, **ids, session_id=session["id"])
    family = (grants, refresh_tokens, codes)
    _migrate(empty_database_url, "0012")
    schema.upgrade(empty_database_url)
    assert [_count(database, table) for table in family] == [1, 1, 1]
    with database.writing() as unit:
        add(unit, refresh_tokens)
        add(unit, codes, **ids)
    _migrate(empty_database_url, "0012")
    assert [_count(database, table) for table in family] == [1, 1, 1]
    with database.writing() as unit:
        unit.execute(delete(grants))
        unit.execute(delete(sessions))
    assert [_count(database, table) for table in family] == [0, 0, 0]
    database.close()


def _migrate(url: str, revision: str) -> None:
    """Go there, up or down."""
    with schema._engine(url) as engine, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config = schema._config()
        config.attributes["connection"] = connection
        go = command.downgrade if schema._current(connection) else command.upgrade
        if engine.dialect.name != "sqlite":
            connection.commit()
        go(config, revision)
        connection.commit()


def _count(database: Database, table: Table) -> int:
    with database.reading() as unit:
        return unit.scalar(select(func.count()).select_from(table)) or 0
