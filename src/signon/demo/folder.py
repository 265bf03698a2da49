"""The demonstration's data folder: database, secrets, mail and `demo.json`.

A folder is the demonstration's when it holds the secrets file. Nothing but our own files is
ever removed from it, and a folder with other things in it is never taken.
"""

import base64
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DatabaseError

from signon import schema
from signon.errors import NotReadyError, RefusedError

SECRETS = "secrets.env"
SETTING = "SIGNON_SECRET_KEYS="
DESCRIPTION = "demo.json"
DATABASE = "signon.db"
MAIL = "mail"
LOCK = ".lock"
OWN = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", DESCRIPTION)
"""What starting anew removes, beside mail and secrets."""


class DataFolder:
    """One data folder, held by one demonstration at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mail = path / MAIL
        self.database_url = f"sqlite:///{(path / DATABASE).absolute()}"
        self._secrets = path / SECRETS

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder if need be and keep others out of it for a while.

        Raises RefusedError: it holds something else, is in use, or cannot be written to.
        """
        try:
            self._require_ours()
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.path / LOCK).open("w")
        except OSError as error:
            raise self._refused(f"cannot be used: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._refused("is in use by another demonstration") from None
            yield

    def reset(self) -> None:
        """Forget everything: the next start begins anew."""
        for name in OWN:
            (self.path / name).unlink(missing_ok=True)
        if self.mail.is_dir():
            shutil.rmtree(self.mail)
        self._secrets.unlink(missing_ok=True)

    def secret_keys(self) -> str:
        """The value of `SIGNON_SECRET_KEYS`, made at the first start.

        Raises RefusedError: the file is gone or unreadable, and the database cannot be opened
        with another one.
        """
        if not self._secrets.exists():
            if (self.path / DATABASE).exists():
                raise self._refused(f"has lost {SECRETS}, without which its database is closed")
            _write_private(self._secrets, f"{SETTING}{_new_key()}\n")
        lines = self._secrets.read_text().splitlines()
        keys = [line.removeprefix(SETTING) for line in lines if line.startswith(SETTING)]
        if len(keys) != 1:
            raise self._refused(f"has a {SECRETS} without one line {SETTING}…")
        return keys[0]

    def migrate(self, metadata: Any) -> bool:
        """Bring the database to this program's schema; True: it was empty before.

        Raises RefusedError for one that another version of the program made.
        """
        try:
            found = schema.current(self.database_url)
            if found is not None and found > schema.head():
                raise self._incompatible()
            schema.upgrade(self.database_url)
            if found is not None and schema.differences(self.database_url, metadata):
                raise self._incompatible()
        except DatabaseError as error:
            raise self._incompatible() from error
        return found is None

    def become(self) -> None:
        """Let this process work on it: the settings are the demonstration's.

        Raises RefusedError: there is none here.
        """
        known = self.description()
        if not known or not self._secrets.exists():
            raise RefusedError(
                "data_folder",
                f"{self.path} holds no demonstration: start it with `make demo`, or name its "
                "folder with --demo-dir.",
            )
        os.environ.update(
            SIGNON_ISSUER=known["issuer"],
            SIGNON_DATABASE_URL=self.database_url,
            SIGNON_SECRET_KEYS=self.secret_keys(),
            SIGNON_SMTP_URL=f"file:{self.mail.absolute()}",
        )

    def description(self) -> dict[str, Any]:
        """What the last start wrote into `demo.json`; empty when there was none."""
        try:
            found = json.loads((self.path / DESCRIPTION).read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def describe(self, description: dict[str, Any]) -> None:
        """Write `demo.json`; whoever reads it sees it whole."""
        draft = self.path / f".{DESCRIPTION}"
        _write_private(draft, json.dumps(description, indent=2, ensure_ascii=False) + "\n")
        draft.replace(self.path / DESCRIPTION)

    def _require_ours(self) -> None:
        if not self.path.exists():
            return
        others = {entry.name for entry in self.path.iterdir()} - {LOCK}
        if others and SECRETS not in others:
            raise RefusedError(
                "data_folder",
                f"{self.path} holds other files and is not a demonstration's folder: name "
                "another with --data-dir (make demo DATA_DIR=…).",
            )

    def _incompatible(self) -> NotReadyError:
        return NotReadyError(
            f"The folder {self.path} was made by another version of this program: start anew "
            "with --reset (make demo RESET=1), or name another with --data-dir."
        )

    def _refused(self, what: str) -> RefusedError:
        return RefusedError(
            "data_folder",
            f"The folder {self.path} {what}: name another with --data-dir (make demo DATA_DIR=…), "
            "or start anew with --reset (make demo RESET=1).",
        )


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _write_private(path: Path, text: str) -> None:
    """A file that only its owner reads, whatever stood there before."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
