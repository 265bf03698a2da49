"""Files of rows: one reader for all, strict about the header and each line, and silent about cells."""

import hashlib
from pathlib import Path

import pytest

from signon import rows
from signon.errors import InputError
from signon.rows import BadLine, Row

REQUIRED, OPTIONAL = ("name", "born"), ("note",)


def read(data: bytes) -> list[Row | BadLine]:
    return list(rows.read(data, REQUIRED, OPTIONAL))


def cells(data: bytes) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read(data) if isinstance(row, Row)]


@pytest.mark.parametrize(
    "data",
    [
        b"name,born\nada,1815\n",
        b"name,born\r\nada,1815",
        b"name,born\rada,1815\r",
        b"\xef\xbb\xbfname,born\nada,1815\n",
        b'\n\n Born , NAME\n,\n\n 1815 ,"ada"\n ,  \n',
    ],
)
def test_what_a_spreadsheet_makes_of_a_file_is_still_that_file(data: bytes):
    """Mark, line ends, empty lines, order, capital letters and white space are no matter."""
    assert cells(data) == [{"name": "ada", "born": "1815"}]


def test_a_column_that_may_be_there_is_read_when_it_is():
    """Without it a row says nothing of it."""
    assert cells(b"name,born,note\nada,1815,\n") == [{"name": "ada", "born": "1815", "note": ""}]
    assert "note" not in cells(b"name,born\nada,1815\n")[0]


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        (b"", "name, born missing."),
        (b"name", "born missing."),
        (b"name;born", "name, born missing."),
        (b"name,born,shoe", "column 3 is none of them."),
        (b"name,born,", "column 3 is none of them."),
        (b"name,born,Name", "name stands there twice."),
        (b"name,born,note,note", "note stands there twice."),
        (b'"name,born', "name, born missing."),
    ],
)
def test_the_header_is_the_files_promise(header: bytes, wrong: str):
    """Missing, unknown and doubled columns are told, and no cell: a file may have no header."""
    with pytest.raises(InputError) as refused:
        read(header + b"\nada,1815\n")
    assert refused.value.sentence == (
        "The first line must name the columns name,born and may name note, each once, separated "
        f"by commas: {wrong}"
    )
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"s3cret", "has 1 columns, the header has 2"),
        (b"s3cret,1815,", "has 3 columns, the header has 2"),
        (b's3cret"x"y,"18"15', "cannot be read as CSV: check its quotation marks"),
        (b"s3cret\0,1815", "holds a NUL character"),
        (b"s3cret" * 30_000 + b",1815", "cannot be read as CSV: check its quotation marks"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(line: bytes, reason: str):
    """Nothing is guessed, cut off or filled in; no reason repeats a cell."""
    found = read(b"name,born\nada,1815\n" + line + b"\ngrace,1906\n")
    assert [row.line for row in found] == [2, 3, 4]
    assert found[1] == BadLine(3, reason)
    assert [type(row) for row in found] == [Row, BadLine, Row]


def test_line_numbers_are_those_of_an_editor():
    """A row is where it begins, also after a cell over two lines and after empty lines."""
    found = read(b'name,born\n"a\nd\r\na",1815\n\n\ngrace,1906\nx\n"open,1\n')
    assert [row.line for row in found] == [2, 7, 8, 9]
    assert isinstance(found[-1], BadLine)


def test_a_file_held_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    """One sentence; a file that is named by its path is read as it goes."""
    monkeypatch.setattr(rows, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="split it"):
        read(b"name,born\nada,1815\n")


def test_a_file_is_read_by_its_path(tmp_path: Path):
    """As its bytes are; what cannot be read is one sentence."""
    path, data = tmp_path / "people.csv", b"name,born\nada,1815\n"
    path.write_bytes(data)
    assert list(rows.read(path, REQUIRED)) == read(data)
    assert rows.digest(path) == rows.digest(data) == hashlib.sha256(data).hexdigest()
    for missing in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match="cannot be read"):
            list(rows.read(missing, REQUIRED))
