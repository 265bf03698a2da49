"""A migrated database for each test: SQLite as a copied file, PostgreSQL as a restored one.

Making and dropping a PostgreSQL database costs 80 ms and much writing. So each worker process
keeps one database, with a copy of what the migrations put into it in a schema beside it, and
goes back to that copy before each test, in 3 ms: by a function whose plans are kept with the
connection, and which leaves alone what nobody has touched.

`keep` and `go_back` do the same with what many tests begin with, such as two hundred courts.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from signon import schema
from tests.infra.engines import close_forgotten, close_kept, keep_engines, kept_pids
from tests.infra.postgres import Cluster

KINDS = ("sqlite", "postgresql")
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Marks a test of a rule that does not touch the database: once is enough."""
ON_BOTH = pytest.mark.parametrize("database_url", KINDS, indirect=True)
"""Marks a race, or what else the databases do each in its way, among tests that run on either."""

PRISTINE = "pristine"
TEMPLATE = "signon_template"
TEMPLATE_LOCK = 1

REMEMBER = """
CREATE SCHEMA {kept};
CREATE TABLE {kept}.sequences AS
    SELECT format('%I.%I', schemaname, sequencename) AS name, start_value, last_value
    FROM pg_sequences WHERE schemaname = 'public';
CREATE TABLE {kept}.marks (of text PRIMARY KEY, rows bigint, written_by text);
DO $remember$
DECLARE
    name text;
    is_empty boolean;
    restore text := '';
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE {kept}.%I AS TABLE public.%I', 'of_' || name, name);
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM public.%I)', name) INTO is_empty;
        IF is_empty AND name = 'outbox' THEN
            -- events of one frozen moment are read in the order in which they were written
            restore := restore || format(
                'IF EXISTS (SELECT FROM public.%1$I) THEN TRUNCATE public.%1$I; END IF;', name);
        ELSIF is_empty THEN
            restore := restore || format('DELETE FROM public.%I;', name);
        ELSE
            INSERT INTO {kept}.marks VALUES (name, -1, '');
            restore := restore || format($one$
                PERFORM FROM {kept}.marks AS kept WHERE kept.of = %1$L
                    AND kept.rows = (SELECT count(*) FROM public.%1$I)
                    AND kept.rows = (SELECT count(*) FROM public.%1$I AS own
                                     WHERE own.xmin::text = kept.written_by);
                IF NOT FOUND THEN
                    %3$s public.%1$I;
                    INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE
                        SELECT * FROM {kept}.%2$I;
                    UPDATE {kept}.marks SET rows = (SELECT count(*) FROM public.%1$I),
                        written_by = pg_current_xact_id()::xid::text WHERE of = %1$L;
                END IF;
            $one$, name, 'of_' || name,
                -- of one frozen moment too, events are read in the order in which they were written
                CASE name WHEN 'audit_events' THEN 'TRUNCATE' ELSE 'DELETE FROM' END);
        END IF;
    END LOOP;
    EXECUTE format('CREATE FUNCTION {kept}.restore() RETURNS void LANGUAGE plpgsql AS %L',
        'BEGIN ' || restore || $sequences$
            PERFORM setval(kept.name, coalesce(last_value, start_value), last_value IS NOT NULL)
                FROM {kept}.sequences AS kept;
        END;$sequences$);
END $remember$;
"""
"""A copy of every table, and a function that goes back to it.

It leaves a table alone whose rows are all those that it wrote itself: `xmin` names the
transaction that wrote a row.
"""

# Neither foreign keys nor triggers (the audit log's forbid deletion) stand in the way:
# a "replica" is expected to hold what its origin has checked.
RESTORE = """
SET LOCAL session_replication_role = replica;
SELECT {kept}.restore();
"""

END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL (%s)
"""


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema."""
    schema.upgrade(url)


def _remember(connection: psycopg.Connection, kept: str) -> None:
    connection.execute(REMEMBER.format(kept=kept).encode())


def _restore(connection: psycopg.Connection, kept: str) -> None:
    with connection.transaction():
        connection.execute(RESTORE.format(kept=kept).encode())


def keep(url: str, name: str) -> None:
    """Remember what a database holds, for every later `go_back` of this process."""
    if is_postgresql(url):
        _remember(_opened(url), name)
        return
    with closing(sqlite3.connect(make_url(url).database or "")) as source:
        _KEPT[name] = source.serialize()


def go_back(url: str, name: str) -> bool:
    """Make a database hold what was kept under that name; False when nothing was."""
    if is_postgresql(url):
        connection = _opened(url)
        found = connection.execute("SELECT to_regnamespace(%s)", (name,)).fetchone()
        if found == (None,):
            return False
        _restore(connection, name)
        return True
    if name not in _KEPT:
        return False
    file = Path(make_url(url).database or "")
    if not file.with_name(f"{file.name}-wal").exists():
        # nobody has it open
        file.write_bytes(_KEPT[name])
        return True
    with closing(sqlite3.connect(file)) as target, closing(sqlite3.connect(":memory:")) as source:
        # what is only in memory has no log beside it, and the header says which kind a file is
        source.deserialize(_KEPT[name][:18] + b"\1\1" + _KEPT[name][20:])
        source.backup(target)
    return True


def _opened(url: str) -> psycopg.Connection:
    """The tests' own connection to a database; it knows the plans of what it has run before."""
    connection = _OPENED.get(url)
    if connection is None or connection.closed:
        address = url.replace("+psycopg", "", 1)
        connection = psycopg.connect(address, autocommit=True, connect_timeout=5)
        _OPENED[url] = connection
    return connection


_OPENED: dict[str, psycopg.Connection] = {}
_KEPT: dict[str, bytes] = {}


class PostgresDatabases:
    """The databases of one worker process on the run's cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._own: str | None = None

    def restored(self) -> str:
        """The worker's migrated database, as if nothing had ever happened in it."""
        if self._own is not None:
            close_forgotten()
            try:
                connection = _opened(self._own)
                connection.execute(END_OTHERS, (kept_pids(),))
                _restore(connection, PRISTINE)
            except psycopg.Error:
                # a test has taken a table away, or ended everybody's connections
                close_kept()
                self._own = None
        if self._own is None:
            self._make_template()
            self._own = self.cluster.url(self._create(template=TEMPLATE))
            _remember(_opened(self._own), PRISTINE)
            keep_engines(self._own)
        return self._own

    def close(self) -> None:
        """End the connections that were kept."""
        close_kept()
        for connection in _OPENED.values():
            connection.close()
        _OPENED.clear()

    def empty(self) -> AbstractContextManager[str]:
        """A database of its own for a block: never migrated, dropped at the end."""
        return self._lent(template="template0")

    def migrated(self) -> AbstractContextManager[str]:
        """The same, migrated: for a block in which other processes serve from it."""
        self._make_template()
        return self._lent(template=TEMPLATE)

    @contextmanager
    def on_disk(self, place: Path) -> Iterator[str]:
        """A migrated one whose tables lie in that folder, which the server may write to."""
        self._make_template()
        name = f"disk_{uuid4().hex}"
        with self.cluster.connect() as connection:
            connection.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'".encode())
        try:
            with self._lent(TEMPLATE, f"TABLESPACE {name}") as url:
                yield url
        finally:
            with self.cluster.connect() as connection:
                connection.execute(f"DROP TABLESPACE {name}".encode())

    @contextmanager
    def _lent(self, template: str, more: str = "") -> Iterator[str]:
        name = self._create(template=template, more=more)
        try:
            yield self.cluster.url(name)
        finally:
            with self.cluster.connect() as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _create(self, template: str, more: str = "") -> str:
        name = f"signon_{uuid4().hex}"
        with self.cluster.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {more}'.encode())
        return name

    def _make_template(self) -> None:
        """Migrate once for a whole run; workers that come second wait for the first."""
        with self.cluster.connect() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)
            ).fetchone()
            if found is None:
                name = self._create(template="template0")
                migrate(self.cluster.url(name))
                connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{TEMPLATE}"')


class SqliteDatabases:
    """The SQLite files of one worker process."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"

    def copied(self, path: Path) -> str:
        """A migrated database in a new file."""
        if not self._template.exists():
            draft = self._template.with_suffix(".draft")
            migrate(f"sqlite:///{draft}")
            with sqlite3.connect(draft) as connection:
                # All of it into the one file that is copied.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            draft.rename(self._template)
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


def is_postgresql(url: str) -> bool:
    """Whether a database address is PostgreSQL's."""
    return make_url(url).get_backend_name() == "postgresql"
