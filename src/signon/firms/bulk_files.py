"""CSV that a firm sends and is sent: one heading, one line each, nothing a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from signon.errors import InputError

MOST_LINES = 5000
"""In one call; a firm with more sends several."""
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def read(text: str, required: Sequence[str], optional: Sequence[str]) -> list[dict[str, str]]:
    """The lines by their headings. Raises InputError for what is no such file."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        named = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = named
        _check_headings(named, required, optional)
        lines = []
        for line in reader:
            if None in line or None in line.values():
                raise InputError(
                    f"Line {reader.line_num} does not have {len(named)} values.", field="lines"
                )
            lines.append({name: value.strip() for name, value in line.items()})
            check_count(len(lines))
    except csv.Error as error:
        raise InputError(f"Line {reader.line_num} is not CSV: {error}.", field="lines") from None
    return lines


def check_count(lines: int) -> None:
    """Raises InputError: too many for one call."""
    if lines > MOST_LINES:
        raise InputError(f"Send {MOST_LINES} lines at most at a time.", field="lines")


def write(rows: Iterable[Mapping[str, str]], names: Sequence[str], *, with_heading: bool) -> str:
    """Lines of CSV (RFC 4180)."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, names)
    if with_heading:
        writer.writeheader()
    writer.writerows({name: _harmless(row[name]) for name in names} for row in rows)
    return made.getvalue()


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(RUNS) else value


def _check_headings(named: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> None:
    missing = [name for name in required if name not in named]
    unknown = [name for name in named if name not in {*required, *optional}]
    if missing:
        raise InputError(f"The heading lacks {', '.join(missing)}.", field="lines")
    if unknown or len(set(named)) != len(named):
        known = ", ".join((*required, *optional))
        raise InputError(f"The heading may name {known}, each once.", field="lines")
