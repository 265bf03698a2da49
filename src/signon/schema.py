"""The database's schema: Alembic's migrations, run safely when several processes start at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from signon.errors import NotReadyError

if TYPE_CHECKING:
    from alembic.config import Config

ADVISORY_LOCK = 7266473
UPGRADE_HINT = "run `signon db upgrade`"


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
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        before = _current(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    return before, head()


def require_current(url: str) -> None:
    """Raises NotReadyError unless the database is at `head()`."""
    found = current(url)
    if found is None:
        raise NotReadyError(f"The database is empty: {UPGRADE_HINT}.")
    if found != head():
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
