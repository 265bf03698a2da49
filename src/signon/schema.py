"""The database's schema: Alembic's migrations, run safely when several processes start at once.

A migration expands: older programs go on while it is there. It declares beside its revision the oldest
program that does (`works_with`, by the newest revision which that one knows; without it none but its
own), and may have a `finish` that takes away what only they needed (decision 38).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    MetaData,
    bindparam,
    create_engine,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from signon.clock import utc_now
from signon.errors import NotReadyError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script

ADVISORY_LOCK = 7266473
UPGRADE_HINT = "run `signon db upgrade`"
LOCK_TIMEOUT = "SET lock_timeout = '1s'"
"""Whoever waits for a table's lock has everybody wait behind: rather a migration that fails."""
TURN_SECONDS = 0.2
SILENT_SECONDS = 60
"""A process that has said nothing for so long runs no more: four heartbeats."""


def head() -> str:
    """The newest revision this program knows: revisions are numbered, the files sort by them."""
    return max(path.name[:4] for path in (_folder() / "versions").glob("[0-9]*.py"))


def current(url: str) -> str | None:
    """The database's revision, or None when it was never migrated."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return None  # connecting would make the file
    with _engine(url) as engine, engine.connect() as connection:
        return _current(connection)


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the database to `head()`; answers the revisions before and after.

    Processes that start at once wait for each other: PostgreSQL by an advisory lock, SQLite by
    its one writer.
    """
    from alembic import command

    with _engine(url) as engine, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            _take_turn(connection)
            connection.execute(text(LOCK_TIMEOUT))
        before = _current(connection)
        if before is not None and engine.dialect.name != "sqlite":
            # or an `autocommit_block` would stand within this transaction
            connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        oldest = max(_works_with(script) for script in _scripts())
        connection.execute(text("UPDATE schema_state SET works_with = :it"), {"it": oldest})
        connection.commit()
    return before, head()


def _take_turn(connection: Connection) -> None:
    """Wait for the others without a transaction: an index that is built beside people's writes waits
    for every one that is open.
    """
    taken = text("SELECT pg_try_advisory_lock(:key)")
    while not connection.execute(taken, {"key": ADVISORY_LOCK}).scalar_one():
        connection.rollback()
        sleep(TURN_SECONDS)


def finish(url: str) -> list[str]:
    """Run the contracting parts that were not run yet; answers the revisions that had one.

    Raises NotReadyError: the database is not at `head()`, or an older program still runs.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    require_current(url, exactly=True)
    with _engine(url) as engine, engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            connection.execute(text(LOCK_TIMEOUT))
        _require_no_older(connection)
        done = connection.execute(text("SELECT finished FROM schema_state")).scalar_one()
        ready = [one for one in _scripts() if one.revision > done and hasattr(one.module, "finish")]
        with Operations.context(MigrationContext.configure(connection)):
            for one in ready:
                one.module.finish()
        if ready:
            state = text("UPDATE schema_state SET finished = :it, works_with = :it")
            connection.execute(state, {"it": head()})
    return [one.revision for one in ready]


def works_on(found: str, oldest: str) -> bool:
    """Whether this program works on a database at that revision, which names its oldest program."""
    return found == head() or (found > head() and oldest <= head())


def require_current(url: str, *, exactly: bool = False) -> None:
    """Raises NotReadyError unless the database is at `head()`, or further and works with it."""
    found = current(url)
    if found is None:
        raise NotReadyError(f"The database is empty: {UPGRADE_HINT}.")
    if found != head() and (exactly or not works_on(found, _oldest(url, found))):
        relation = "older" if found < head() else "newer"
        mend = UPGRADE_HINT if found < head() else "start the newer program"
        raise NotReadyError(
            f"The database is at revision {found}, {relation} than this program's {head()}: {mend}."
        )


def differences(url: str, metadata: MetaData) -> list[str]:
    """What the database lacks or has beyond the program's tables, one line each."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with _engine(url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _oldest(url: str, found: str) -> str:
    """The oldest program that a newer database says it works with; itself where it says nothing."""
    with _engine(url) as engine, engine.connect() as connection:
        if not inspect(connection).has_table("schema_state"):
            return found
        row = connection.execute(text("SELECT works_with FROM schema_state")).one_or_none()
        return str(row[0]) if row else found


def _require_no_older(connection: Connection) -> None:
    since = utc_now() - timedelta(seconds=SILENT_SECONDS)
    older = text(
        "SELECT count(*) FROM heartbeats WHERE revision < :head AND seen_at > :since"
    ).bindparams(bindparam("since", type_=DateTime(timezone=True)))
    aware = since if connection.dialect.name == "postgresql" else since.replace(tzinfo=None)
    if number := connection.execute(older, {"head": head(), "since": aware}).scalar_one():
        raise NotReadyError(
            f"{number} processes of an older program still run: stop them, and wait for "
            f"{SILENT_SECONDS} seconds."
        )


def _scripts() -> "list[Script]":
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


def _works_with(script: "Script") -> str:
    found: str = getattr(script.module, "works_with", script.revision)
    return found


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).one_or_none()
    return str(row[0]) if row else None


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    """An engine of its own, without pool and without the server's time-outs."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url, poolclass=NullPool, connect_args={"timeout": 60, "isolation_level": None}
        )
    else:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    try:
        yield engine
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise NotReadyError(f"The database cannot be used: {reason}.") from error
    finally:
        engine.dispose()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_folder()))
    return config


def _folder() -> Path:
    """The migrations: inside the wheel, or at the top of a source tree."""
    inside = Path(__file__).with_name("migrations")
    return inside if inside.is_dir() else Path(__file__).parents[2] / "migrations"
