"""`signon audit`: reading the record of what happened, and proving that it is whole."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.audit import trail
from signon.cli.terminal import AsJson, progress, say, show, show_all, workplace
from signon.db import Unit
from signon.errors import RefusedError

commands = typer.Typer()

COLUMNS = ("seq", "at", "event", "actor", "account_id", "client_id", "court_id", "reason")


@commands.command()
def tail(
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest records, the newest last."""
    with workplace() as place, place.database.reading() as unit:
        rows = list(_records(unit, after=trail.last(unit) - number))
    show_all(rows, COLUMNS, as_json=as_json)


@commands.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="A new file. Default: stdout.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write every record as a line of JSON (with --json: all of them as one array)."""
    with workplace() as place, place.database.reading() as unit:
        if file is None:
            _export(unit, typer.get_text_stream("stdout"), as_json=as_json)
            return
        try:
            with file.open("x", encoding="utf-8") as target:
                _export(unit, target, as_json=as_json)
        except OSError as error:
            raise RefusedError(
                "cannot_write", f"{file} cannot be written: {error.strerror}. Name another file."
            ) from error
    say(f"Exported to {file}.")


@commands.command()
def verify(as_json: AsJson = False) -> None:
    """Recompute the hash chain; exit status 1 names the first record that is broken."""
    broken, seq = None, 0
    with (
        workplace() as place,
        place.database.reading() as unit,
        progress("Verifying", trail.last(unit)) as advance,
    ):
        for seq, holds in trail.verify(unit):
            broken = None if holds else seq
            advance()
    if as_json:
        show({"records": seq, "intact": broken is None, "first_broken": broken}, as_json=True)
    if broken is not None:
        raise RefusedError(
            "broken",
            f"The audit trail is broken at record {broken}: it or one before it was changed, "
            "removed or added by hand. Compare it with a backup.",
        )
    if not as_json:
        say(f"The audit trail is whole: {seq} records.")


def _export(unit: Unit, target: Any, *, as_json: bool) -> None:
    with progress("Exporting", trail.last(unit)) as advance:
        for position, record in enumerate(_records(unit)):
            if as_json:
                target.write(",\n" if position else "[\n")
            target.write(json.dumps(record, ensure_ascii=False))
            target.write("" if as_json else "\n")
            advance()
        if as_json:
            target.write("\n]\n" if trail.last(unit) else "[]\n")


def _records(unit: Unit, *, after: int = 0) -> Iterator[dict[str, Any]]:
    for page in trail.pages(unit, after=max(after, 0)):
        for row in page:
            at = row.record.at.isoformat()
            yield {"seq": row.seq, **row.record._asdict(), "at": at, "hash": row.hash.hex()}
