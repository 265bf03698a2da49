"""`signon db`: the schema and its backup."""

import sqlite3
from pathlib import Path

import typer
from sqlalchemy import make_url

from signon import schema
from signon.cli.restore_check import restore_check
from signon.cli.terminal import AsJson, read_settings, say, show
from signon.errors import NotReadyError, RefusedError

commands = typer.Typer()
commands.command()(restore_check)


@commands.command()
def upgrade() -> None:
    """Create or migrate the database; safe when several start at once."""
    before, after = schema.upgrade(_url())
    say(f"The database is at revision {after}." if before != after else f"Already at {after}.")


@commands.command()
def finish() -> None:
    """Take away what only older programs needed; refuses while one of them runs."""
    done = schema.finish(_url())
    say(f"Finished: {', '.join(done)}." if done else "There is nothing to finish.")


@commands.command()
def current(as_json: AsJson = False) -> None:
    """Show the database's revision and the newest one."""
    show({"current": schema.current(_url()), "head": schema.head()}, as_json=as_json)


@commands.command()
def check() -> None:
    """Compare the database with the program's tables; exit status 1 when they differ."""
    from signon.tables import metadata

    schema.require_current(_url())
    found = schema.differences(_url(), metadata)
    if found:
        raise NotReadyError(f"The database differs from the program: {'; '.join(found)}.")
    say("The database is as the program expects it.")


@commands.command()
def backup(file: Path) -> None:
    """Copy a SQLite database while it is in use; for PostgreSQL print the pg_dump line."""
    url = make_url(_url())
    if url.get_backend_name() == "postgresql":
        target = url.set(drivername="postgresql").render_as_string(hide_password=True)
        typer.echo(f"pg_dump --format=custom --file={file} '{target}'")
        return
    if file.exists():
        raise RefusedError("exists", f"{file} exists already: name a file that does not.")
    # the online backup API: a copied file may be torn (DB-2 of the security rules)
    with sqlite3.connect(url.database or "") as source, sqlite3.connect(file) as target_file:
        source.backup(target_file)
    say(f"Backed up to {file}.")


def _url() -> str:
    return read_settings().database_url.get_secret_value()
