"""Files of rows: CSV (RFC 4180) in UTF-8, or in another encoding that is named or shows itself
(`file_encodings`), read strictly and one row at a time.

A row that cannot be read is told with its line's number, the others are still read. No reason
repeats a cell: where columns are shifted, any of them may hold what is secret.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from signon import file_encodings
from signon.errors import InputError
from signon.file_encodings import Encoding

MOST_BYTES = 32 * 1024 * 1024
"""Of a file that is held in memory; one that is named by its path is not."""
Content = Path | bytes
Opened = io.BufferedReader | io.BytesIO

_NOT_TEXT = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells by their column, without white space around them; `line` is where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be used; `line` is its number in the file, the header's is 1."""

    line: int
    reason: str


def digest(source: Content) -> str:
    """The file's SHA-256 in hexadecimal. Raises InputError: it cannot be read."""
    with _opened(source) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encoding_of(source: Content, named: str = "") -> Encoding:
    """How the file is read. Raises InputError as `file_encodings.of` does, or it cannot be read."""
    with _opened(source) as file:
        return file_encodings.of(file, named)


def read(
    source: Content,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    field: str = "file",
    encoding: str = "",
) -> Iterator[Row | BadLine]:
    """Every row under the header, in its order; empty ones are passed over.

    A byte order mark, capital letters in the header and the columns' order are no matter.
    Raises InputError for `field`: it cannot be read, is too large, or the header does not name
    the columns that are asked for; as `file_encodings.of` does.
    """
    with _opened(source) as file:
        how = file_encodings.of(file, encoding, field=field)
        rows = _rows(file, how)
        _, header = next(rows, (1, []))
        names = [name.lower() for name in header or ()]
        if wrong := _problem_of(names, required, optional):
            may = f" and may name {','.join(optional)}" if optional else ""
            raise InputError(
                f"The first line must name the columns {','.join(required)}{may}, each once, "
                f"separated by commas: {wrong}.",
                field=field,
            )
        for line, cells in rows:
            problem = _problem_with(cells, names, how)
            yield (
                BadLine(line, problem)
                if problem
                else Row(line, dict(zip(names, cells or (), strict=True)))
            )


def _rows(file: Opened, how: Encoding) -> Iterator[tuple[int, list[str] | None]]:
    """The line on which each begins, and its cells; None for what is no CSV."""
    # decoded as it is read: the text of a large file takes four times its bytes
    with io.TextIOWrapper(file, how.codec, "surrogateescape", newline="") as text:
        reader = csv.reader(text, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = [cell.strip() for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error:
                yield line, None
            except UnicodeDecodeError as error:
                # where the units of UTF-16 are broken, nothing after them can be read
                raise InputError(f"What follows line {line - 1} is not {how.name}.") from error
            else:
                if any(cells):
                    yield line, cells


def _problem_of(names: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> str:
    """Why the header is another one; an unknown heading may be a cell, so its place is told."""
    if _NOT_TEXT.search("".join(names)):
        return "it is in another encoding"
    if missing := [name for name in required if name not in names]:
        return f"{', '.join(missing)} missing"
    for place, name in enumerate(names, 1):
        if name not in (*required, *optional):
            return f"column {place} is none of them"
        if name in names[: place - 1]:
            return f"{name} stands there twice"
    return ""


def _problem_with(cells: Sequence[str] | None, names: Sequence[str], how: Encoding) -> str:
    if cells is None:
        return "cannot be read as CSV: check its quotation marks"
    if len(cells) != len(names):
        return f"has {len(cells)} columns, the header has {len(names)}"
    together = "".join(cells)
    if _NOT_TEXT.search(together):
        return f"is not {how.name.upper()}"
    return "holds a NUL character" if "\0" in together else ""


@contextmanager
def _opened(source: Content) -> Iterator[Opened]:
    if isinstance(source, bytes):
        if len(source) > MOST_BYTES:
            raise InputError(f"The file is larger than {MOST_BYTES >> 20} MiB: split it.")
        yield io.BytesIO(source)
        return
    try:
        file = source.open("rb")
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from error
    with file:
        yield file
