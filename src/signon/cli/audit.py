"""`signon audit`: reading the record of what happened, and proving that it is whole."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.accounts import directory
from signon.audit import notes, sealing, searching, trail, tree, verifying
from signon.audit.events import Event
from signon.audit.notes import Checkpoint, NoteKeys
from signon.audit.searching import Wanted
from signon.audit.trail import Kept
from signon.audit.tree import BrokenError
from signon.cli.terminal import AsJson, Workplace, progress, say, show, show_all, workplace
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
            rows = [_shown(one) for one in trail.newest(unit, number)]
        else:
            account_id = directory.details(unit, account)["sub"] if account else None
            wanted = Wanted(account_id, event=event, since=_moment(since, unit.now))
            rows = [asdict(one) for one in searching.find(unit, wanted, limit=number)][::-1]
            if event and not rows:
                _require_known(event)
    show_all(rows, COLUMNS, as_json=as_json)


def _require_known(event: str) -> None:
    """Raises RefusedError: what no event is called has not happened for no other reason."""
    if not any(name == event or (event.endswith(":") and name.startswith(event)) for name in Event):
        near = get_close_matches(
            event, [*Event, *{f"{name.split(':')[0]}:" for name in Event}], 3, 0.5
        )
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise RefusedError(
            "unknown_event",
            f"There is no event {event!r}: they are called such as signin:password:accepted, "
            f"and a beginning ends with a colon, such as signin:.{hint}",
        )


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
def verify(
    since: Annotated[
        Path | None,
        typer.Option(help="A file with a checkpoint that somebody has kept: go on from there."),
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="From the first record on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute the tree over the record from what was verified last; exit status 1: it is broken.

    The checkpoint in SIGNON_AUDIT_CHECKPOINT_FILE, if there is one, must be of this very record.
    """
    kept = notes.read(kept_checkpoint(since)) if since else None
    done: dict[str, Any] = {}
    try:
        with workplace() as place:
            start = kept if kept or whole else _last_verified(place)
            _verify(place, start, done)
    except BrokenError as error:
        if as_json:
            show({**done, "intact": False, "first_broken": error.record}, as_json=True)
        at = f" at record {error.record}" if error.record else ""
        raise RefusedError(
            "broken",
            f"The audit trail is broken{at}: {error.sentence} Compare it with a backup.",
        ) from error
    if as_json:
        show({**done, "intact": True, "first_broken": None}, as_json=True)
    else:
        say(
            f"The audit trail is whole: {done['records']} records, {done['verified']} of them "
            f"looked at, and {done['unsealed']} that wait to be sealed."
        )


@commands.command()
def checkpoint() -> None:
    """Print the newest signed checkpoint: keep it elsewhere, for `verify --since`."""
    with workplace() as place, place.database.reading() as unit:
        note = tree.look(unit).note
    typer.echo(note, nl=False)


@commands.command()
def keys() -> None:
    """Print the public keys of checkpoints (C2SP signed-note), the one that stays first."""
    with workplace() as place:
        for key in NoteKeys(place.settings.issuer, place.ring).verifiers():
            typer.echo(key)


def _last_verified(place: Workplace) -> Checkpoint | None:
    with place.database.reading() as unit:
        return verifying.marked(unit, place.ring)


def _verify(place: Workplace, start: Checkpoint | None, done: dict[str, Any]) -> None:
    """Look, and remember; `done` is told how far. Raises BrokenError."""
    begun = start.size if start else 0
    done |= {"records": 0, "verified": 0, "unsealed": 0}
    given_out = sealing.given_out(place.settings.audit_checkpoint_file)
    with place.database.reading() as unit:
        row = tree.look(unit)
        done |= {"records": row.size, "unsealed": sealing.waiting(unit).number}
        if given_out:
            sealing.require_extended(unit, row.size, given_out)
        note_keys = NoteKeys(place.settings.issuer, place.ring)
        with progress("Verifying", row.size - begun) as advance:
            for _ in verifying.verify(unit, note_keys, row, start):
                done["verified"] += 1
                advance()
    with place.database.writing() as unit:
        verifying.mark(unit, place.ring, row.note)


def kept_checkpoint(file: Path) -> str:
    """What somebody has kept there. Raises RefusedError: it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError("cannot_read", f"{file} cannot be read: name a checkpoint.") from error


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
    position = -1
    with progress("Exporting", trail.number(unit)) as advance:
        for position, record in enumerate(_records(unit)):
            if as_json:
                target.write(",\n" if position else "[\n")
            target.write(json.dumps(record, ensure_ascii=False))
            target.write("" if as_json else "\n")
            advance()
        if as_json:
            target.write("[]\n" if position < 0 else "\n]\n")


def _records(unit: Unit) -> Iterator[dict[str, Any]]:
    for page in trail.pages(unit):
        yield from map(_shown, page)


def _shown(row: Kept) -> dict[str, Any]:
    at = row.record.at.isoformat()
    return {"seq": row.seq, **row.record._asdict(), "at": at, "hash": row.hash.hex()}
