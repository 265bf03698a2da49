"""CSV that a firm sends and is sent: one heading, one line each, nothing a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from signon import rows
from signon.errors import InputError
from signon.rows import BadLine

MOST_LINES = 5000
"""In one call; a firm with more sends several."""
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def read(
    text: str, required: Sequence[str], optional: Sequence[str] = ()
) -> list[Mapping[str, str]]:
    """The lines by their headings. Raises InputError for what is no such file."""
    lines = []
    for row in rows.read(text.encode(), required, optional, field="lines"):
        if isinstance(row, BadLine):
            raise InputError(f"Line {row.line} {row.reason}.", field="lines")
        lines.append(row.cells)
    return lines


def numbers(text: str) -> list[str]:
    """A file of account numbers. Raises InputError."""
    return [line["account_number"] for line in read(text, ["account_number"])]


def check_count(lines: int) -> None:
    """Raises InputError: too many for one call."""
    if lines > MOST_LINES:
        raise InputError(f"Send {MOST_LINES} lines at most at a time.", field="lines")


def write(lines: Iterable[Mapping[str, str]], names: Sequence[str], *, with_heading: bool) -> str:
    """Lines of CSV (RFC 4180)."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, names)
    if with_heading:
        writer.writeheader()
    writer.writerows({name: _harmless(line[name]) for name in names} for line in lines)
    return made.getvalue()


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(RUNS) else value
