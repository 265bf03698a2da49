"""A provider in processes of its own, as an operator serves it: `signon serve` on loopback."""

import base64
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from signon import config
from signon.app import wire
from signon.crypto import KeyRing
from signon.db import Database
from tests.infra import forked
from tests.infra.browser import Browser
from tests.infra.databases import PostgresDatabases, SqliteDatabases
from tests.infra.relay import Relay, relayed
from tests.infra.world import Population

START_SECONDS = 150
RING = base64.urlsafe_b64encode(bytes(range(32))).decode()
CHEAP = {
    "SIGNON_ARGON2_MEMORY_KIB": "8",
    "SIGNON_ARGON2_TIME": "1",
    "SIGNON_FILER_SECOND_FACTOR": "offered",
}
HTTP_SECONDS = 90


@dataclass
class Served(Population):
    """A provider at the machine's own time; `start` and `kill` it."""

    folder: Path
    workers: int
    is_hasty: bool = False
    """Whether it has the time-outs of production."""
    _process: forked.Signon | None = field(default=None, init=False)
    _clients: list[httpx2.Client] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Serve, and wait until it is ready."""
        port = self.settings.issuer.rpartition(":")[2]
        with (self.folder / "served.log").open("ab") as log:
            self._process = forked.Signon(
                *("serve", "--port", port, "--workers", str(self.workers)),
                env=self._environment(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def kill(self) -> None:
        """`kill -9`: nobody gets to finish or to tidy up."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        """Of the process that was started, whose children are the workers."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "served.log").read_text(errors="replace")

    def http(self) -> httpx2.Client:
        """A client with cookies and connections of its own, closed at the end."""
        opened = httpx2.Client(base_url=self.settings.issuer, timeout=HTTP_SECONDS)
        self._clients.append(opened)
        return opened

    def close(self) -> None:
        """End everything that was opened here."""
        for client in self._clients:
            client.close()
        self.kill()
        self.database.close()

    def browser(self) -> Browser:
        """A person's browser."""
        return Browser(self.http())

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `signon …` beside it."""
        return forked.run(*arguments, env=self._environment(), cwd=self.folder)

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.settings.issuer}/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return {
            **kept,
            **CHEAP,
            **({forked.HASTY: "1"} if self.is_hasty else {}),
            "SIGNON_ISSUER": self.settings.issuer,
            "SIGNON_DATABASE_URL": self.settings.database_url.get_secret_value(),
            "SIGNON_SECRET_KEYS": RING,
            "SIGNON_SMTP_URL": self.settings.smtp_url.get_secret_value(),
        }


@dataclass(frozen=True)
class Databases:
    """Where a provider can be served from, as the worker makes them."""

    sqlite: SqliteDatabases
    postgres: PostgresDatabases

    @contextmanager
    def behind_a_relay(self, folder: Path) -> Iterator[tuple[Served, Relay]]:
        """A provider whose path to PostgreSQL can go silent; `database` has a path of its own."""
        with (
            self.postgres.migrated() as url,
            relayed(url) as (relay, relayed_url),
            serving(url, folder, 1, relayed_url) as served,
        ):
            yield served, relay

    @contextmanager
    def serving(self, kind: str, folder: Path, *, workers: int) -> Iterator[Served]:
        """A provider on a migrated database of this kind, for a block."""
        with (
            self.migrated(kind, folder / "signon.db") as url,
            serving(url, folder, workers) as served,
        ):
            yield served

    @contextmanager
    def migrated(self, kind: str, file: Path) -> Iterator[str]:
        """A database of this kind that nobody else has, for a block."""
        if kind == "sqlite":
            yield self.sqlite.copied(file)
        else:
            with self.postgres.migrated() as url:
                yield url


@contextmanager
def serving(
    database_url: str, folder: Path, workers: int, served_url: str | None = None
) -> Iterator[Served]:
    """A provider with courts and keys, and nobody yet; with a `served_url`, which may fail, it has
    the time-outs of production.
    """
    settings = config.load(
        _env_file=None,
        issuer=f"http://127.0.0.1:{_free_port()}",
        database_url=served_url or database_url,
        secret_keys=RING,
        smtp_url=f"file:{folder / 'mail'}",
        argon2_memory_kib=8,
        argon2_time=1,
    )
    ring = KeyRing(settings.key_bytes)
    database = wire(Database(database_url, ring=ring))
    made = Served(settings, database, ring, folder, workers, is_hasty=bool(served_url))
    try:
        made.furnish()
        made.start()
        yield made
    finally:
        made.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
