"""The data folder: only what is ours is taken, kept and removed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from signon.demo.folder import DataFolder
from signon.errors import NotReadyError, RefusedError
from signon.tables import metadata


def test_secrets_are_made_once_and_private(tmp_path: Path):
    """A second look finds the same key."""
    folder = DataFolder(tmp_path / "demo")
    with folder.held():
        first = folder.secret_keys()
        assert folder.secret_keys() == first
    assert (tmp_path / "demo" / "secrets.env").read_text() == f"SIGNON_SECRET_KEYS={first}\n"


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path):
    """Neither taken nor, by a reset, emptied."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RefusedError, match="is not a demonstration's folder"), held(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_reset_removes_our_own_files_only(tmp_path: Path):
    """What somebody put beside them stays."""
    with held(tmp_path) as folder:
        folder.secret_keys()
        folder.migrate(metadata)
        folder.mail.mkdir()
        (tmp_path / "notes.txt").write_text("not ours")
        folder.reset()
    assert {path.name for path in tmp_path.iterdir()} == {".lock", "notes.txt"}


def test_two_at_once_are_refused(tmp_path: Path):
    """One demonstration at a time holds a folder."""
    with (
        held(tmp_path),
        pytest.raises(RefusedError, match="is in use by another demonstration"),
        held(tmp_path),
    ):
        pass


def test_a_database_of_another_version_is_refused(tmp_path: Path):
    """A table that this program does not expect: one line that says how to begin anew."""
    with held(tmp_path) as folder:
        assert folder.migrate(metadata)
        assert not folder.migrate(metadata)
        with sqlite3.connect(tmp_path / "signon.db") as connection:
            connection.execute("ALTER TABLE accounts DROP COLUMN firm_name")
        connection.close()
        with pytest.raises(NotReadyError, match="made by another version"):
            folder.migrate(metadata)


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path):
    """Its revision is one that we do not know."""
    with held(tmp_path) as folder:
        folder.migrate(metadata)
        with sqlite3.connect(tmp_path / "signon.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        with pytest.raises(NotReadyError, match="made by another version"):
            folder.migrate(metadata)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    """In one line, too."""
    with held(tmp_path) as folder:
        (tmp_path / "signon.db").write_bytes(b"no database at all" * 100)
        with pytest.raises(NotReadyError, match="made by another version"):
            folder.migrate(metadata)


def test_lost_secrets_are_not_made_anew(tmp_path: Path):
    """Other keys would open nothing in the database that is there."""
    with held(tmp_path) as folder:
        folder.secret_keys()
        folder.migrate(metadata)
        (tmp_path / "secrets.env").unlink()
        with pytest.raises(RefusedError, match="has lost"):
            folder.secret_keys()


@pytest.mark.parametrize("content", ["", "[]", "{not json"])
def test_a_broken_description_counts_as_none(tmp_path: Path, content: str):
    """The clients are registered anew then."""
    (tmp_path / "demo.json").write_text(content)
    assert DataFolder(tmp_path).description() == {}


@contextmanager
def held(path: Path) -> Iterator[DataFolder]:
    """A data folder, held for a block."""
    folder = DataFolder(path)
    with folder.held():
        yield folder
