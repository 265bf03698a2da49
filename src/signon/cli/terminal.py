"""What commands share: the settings and database they work on, and how they print.

Data goes to stdout (one JSON document with `--json`), progress and logs to stderr.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any

import typer

from signon import config, logs, schema
from signon.audit import trail
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import BULK, Database

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a command works with."""

    settings: Settings
    ring: KeyRing
    database: Database


def read_settings() -> Settings:
    """The settings, with logging set up. Raises SettingsError."""
    settings = config.load()
    logs.configure(settings.log_format)
    return settings


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Settings, key ring and a migrated database. Raises SettingsError or NotReadyError."""
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    schema.require_current(url)
    ring = KeyRing(settings.key_bytes)
    database = Database(
        url,
        pool=1,
        before_commit=[trail.write_queued],
        timeouts=BULK,
        ring=ring,
        prepares=settings.database_prepared,
    )
    try:
        yield Workplace(settings, ring, database)
    finally:
        database.close()


def show(values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line a field, or a JSON object."""
    if as_json:
        _print_json(values)
        return
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        typer.echo(f"{name:<{width}}  {_plain(value)}")


TOGETHER = 1000
"""Rows that a table's columns are made wide enough for, together."""


def show_all(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print a table of `columns`, or a JSON array of whole rows."""
    if as_json:
        _print_json(list(rows))
        return
    _print_table(rows, columns)


def _print_table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, has_heading: bool = True
) -> None:
    cells = [[_plain(row.get(column)) for column in columns] for row in rows]
    widths = [max([len(name), *(len(line[i]) for line in cells)]) for i, name in enumerate(columns)]
    heading = [[name.upper().replace("_", " ") for name in columns]] if has_heading else []
    for line in [*heading, *cells]:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo(text.rstrip())


def show_each(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """`show_all` of any number of rows, which are never in memory together: a table's columns are as
    wide as so many of them at once ask for.
    """
    if not as_json:
        rest = iter(rows)
        _print_table(list(islice(rest, TOGETHER)), columns)
        while some := list(islice(rest, TOGETHER)):
            _print_table(some, columns, has_heading=False)
        return
    opening = "["
    for row in rows:
        typer.echo(opening + json.dumps(row, default=_as_text, ensure_ascii=False), nl=False)
        opening = ",\n"
    typer.echo("[]" if opening == "[" else "]")


def say(sentence: str) -> None:
    """Tell the operator something beside the data: to stderr."""
    typer.echo(sentence, err=True)


@contextmanager
def progress(title: str, total: int) -> Iterator[Any]:
    """A progress bar on a terminal, silence in a pipe; yields a function `advance(steps=1)`."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps=1: bar.advance(task, steps)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, default=_as_text, ensure_ascii=False, indent=2))


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _plain(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(part) for part in value) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items()) or "-"
    return _as_text(value)
