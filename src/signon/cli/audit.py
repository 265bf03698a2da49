"""`signon audit`: reading the record of what happened, and proving that it is whole."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.accounts import directory
from signon.audit import searching, trail
from signon.audit.searching import Wanted
from signon.cli.terminal import AsJson, progress, say, show, show_all, workplace
from signon.db import Unit
from signon.errors import RefusedError

commands = typer.Typer()

COLUMNS = ("seq", "at", "event", "actor", "account_id", "client_id", "court_id", "reason")


@commands.command()
def tail(
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many.")] = 20,
    account: Annotated[
        str | None, typer.Option(metavar="N", help="About this account, or done by it.")
    ] = None,
    event: Annotated[
        str | None, typer.Option(help="An event's name, or how names begin: signin:")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="A moment such as 2026-03-02T15:00, in UTC, or 24h or 7d ago."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the newest records, or the newest of those that are looked for, the newest last."""
    with workplace() as place, place.database.reading() as unit:
        if account is event is since is None:
            rows = list(_records(unit, after=trail.last(unit) - number))
        else:
            account_id = directory.details(unit, account)["sub"] if account else None
            wanted = Wanted(account_id, event=event, since=_moment(since, unit.now))
            rows = [asdict(one) for one in searching.find(unit, wanted, limit=number)][::-1]
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


def _moment(text: str | None, now: datetime) -> datetime | None:
    """When that was. Raises BadParameter."""
    if text is None:
        return None
    if ago := re.fullmatch(r"(\d{1,5})([hd])", text):
        number = int(ago[1])
        return now - (timedelta(hours=number) if ago[2] == "h" else timedelta(days=number))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--since takes 2026-03-02T15:00, 24h or 7d.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


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
