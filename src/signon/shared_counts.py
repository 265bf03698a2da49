"""The folder in which the workers of a server count together: who made it, and who has left it.

It is locked for as long as one of them lives, so that the next server can tell what a killed one
left from what is in use. What a worker has counted stays when it ends, in one file for all of
those that did; so neither the folder nor a scrape grows with restarts.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

PREFIX = "signon-metrics-"
_LOCK = "moving"


@contextmanager
def folder() -> Iterator[Path]:
    """A new one, for this process and those that it forks; what killed servers left goes first."""
    remove_left()
    made, lock = _made()
    try:
        yield made
    finally:
        os.close(lock)
        shutil.rmtree(made, ignore_errors=True)


def remove_left() -> None:
    """Remove our folders that no living process has locked."""
    for found in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with suppress(OSError):  # it is another user's, in use, or gone
            if found.lstat().st_uid == os.geteuid():
                _remove_unused(found)


def bury(folder: Path, pid: int) -> None:
    """This worker has ended: what it held goes with it, what it has counted is kept."""
    with _lock(folder, fcntl.LOCK_EX):
        for left in folder.glob(f"*_{pid}.db"):
            kind = left.name.partition("_")[0]
            if kind != "gauge":
                _add(left, folder / f"{kind}_ended.db")
            left.unlink()


@contextmanager
def unmoved(folder: str) -> Iterator[None]:
    """While the block reads, nothing is moved: it would be seen twice, or not at all."""
    with _lock(Path(folder), fcntl.LOCK_SH):
        yield


def _made() -> tuple[Path, int]:
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(made, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_SH)
        if made.exists():
            return made, lock
        # another server looked at it before it was locked, and took it for left
        os.close(lock)


def _remove_unused(found: Path) -> None:
    lock = os.open(found, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(found)
    finally:
        os.close(lock)


@contextmanager
def _lock(folder: Path, how: int) -> Iterator[None]:
    with (folder / _LOCK).open("a") as file:
        fcntl.flock(file, how)
        yield


def _add(left: Path, kept: Path) -> None:
    sums = MmapedDict(str(kept))  # type: ignore[no-untyped-call]
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(left)):  # type: ignore[no-untyped-call]
            sums.write_value(key, sums.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
    finally:
        sums.close()  # type: ignore[no-untyped-call]
