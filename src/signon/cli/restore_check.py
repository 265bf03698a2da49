"""`signon db restore-check`: whether a backup brings everything back. It changes nothing."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Select, func, select

from signon import schema
from signon.accounts.models import accounts
from signon.audit import notes, sealing, tree, verifying
from signon.audit.notes import NoteKeys
from signon.audit.tree import BrokenError
from signon.cli.audit import kept_checkpoint
from signon.cli.doctor import Finding, State, migrations, newest_record, report, sealed_secrets
from signon.cli.terminal import AsJson, progress, read_settings
from signon.config import Settings
from signon.crypto import KeyRing, UnsealError
from signon.db import BULK, Database, Unit
from signon.errors import InputError
from signon.filing.models import rights
from signon.prepared import value
from signon.tables import SEALED
from signon.tokens import resealing

Check = Callable[[Unit], Finding]
DUMP = b"PGDMP"
"""How a file of pg_dump begins."""


def restore_check(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|URL]",
            help="A SQLite backup, of which a copy is looked at, or the address of a database into "
            "which a backup was restored. Default: SIGNON_DATABASE_URL.",
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A file with a checkpoint that somebody has kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove a backup: schema, key ring, the whole record, what is in it; exit status 1: mend it."""
    settings = read_settings()
    kept = kept_checkpoint(checkpoint) if checkpoint else None
    if kept:
        notes.read(kept)
    with _restored(source, settings) as url:
        findings = list(_examine(url, settings, kept))
    report(findings, as_json=as_json)


@contextmanager
def _restored(source: str | None, settings: Settings) -> Iterator[str]:
    """The address of what is looked at. Raises InputError: the file is no SQLite database."""
    if source is None or "://" in source:
        yield source or settings.database_url.get_secret_value()
        return
    file = Path(source)
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    with file.open("rb") as opened:
        if opened.read(len(DUMP)) == DUMP:
            raise InputError(
                f"{file} is a dump of PostgreSQL: restore it into an empty database, and name that "
                "database's address here."
            )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "restored.db"
        try:
            with (
                closing(
                    sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)
                ) as there,
                closing(sqlite3.connect(copy)) as here,
            ):
                there.backup(here)
                damage = here.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise InputError(f"{file} is no SQLite database, or a part of one: {error}.") from error
        if damage != "ok":
            raise InputError(f"{file} is damaged: {damage.splitlines()[0]}.")
        url = f"sqlite:///{copy}"
        if schema.current(url):
            # as whoever restores it would
            schema.upgrade(url)
        yield url


def _examine(url: str, settings: Settings, kept: str | None) -> Iterator[Finding]:
    yield (found := migrations(url))
    if found.state is State.MEND:
        return
    ring = KeyRing(settings.key_bytes)
    checks: list[Check] = [
        partial(_secrets, ring=ring),
        partial(_record, keys=NoteKeys(settings.issuer, ring), kept=kept),
        _contents,
    ]
    database = Database(url, pool=1, timeouts=BULK, prepares=settings.database_prepared)
    try:
        for check in checks:
            with database.reading() as unit:
                yield check(unit)
    finally:
        database.close()


def _secrets(unit: Unit, *, ring: KeyRing) -> Finding:
    found = sealed_secrets(unit, ring)
    if found.state is State.MEND:
        return found
    try:
        opened = resealing.open_some(unit, ring, SEALED)
    except UnsealError as error:
        return Finding("key ring", State.MEND, error.sentence, "restore an older backup")
    return Finding("key ring", found.state, f"{found.found}; {opened} were opened", found.mend)


def _record(unit: Unit, *, keys: NoteKeys, kept: str | None) -> Finding:
    row = tree.look(unit)
    try:
        if kept:
            sealing.require_extended(unit, row.size, kept)
        with progress("Verifying", row.size) as advance:
            for _ in verifying.verify(unit, keys, row):
                advance()
    except BrokenError as error:
        mend = "it is of another record, or older than the checkpoint: compare with other backups"
        return Finding("record", State.MEND, error.sentence, mend)
    waiting = sealing.waiting(unit).number
    of_it = ", with the kept checkpoint" if kept else ""
    return Finding("record", State.OK, f"whole: {row.size} sealed{of_it}, {waiting} not yet")


def _contents(unit: Unit) -> Finding:
    people, held, newest = _people(unit), _rights(unit), newest_record(unit)
    if newest is None:
        return Finding(
            "contents", State.MEND, "nothing ever happened in it", "is it the right one?"
        )
    hours = (unit.now - newest).total_seconds() / 3600
    told = f"{people} accounts, {held} filing rights; the newest event is {hours:.1f} hours old"
    return Finding("contents", State.OK, told)


@value
def _people() -> Select[int]:
    return select(func.count()).select_from(accounts)


@value
def _rights() -> Select[int]:
    return select(func.count()).select_from(rights).where(rights.c.ended_at.is_(None))
