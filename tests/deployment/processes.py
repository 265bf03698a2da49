"""Servers of the tests' own: started as an ordinary user, on free loopback ports, ended for sure."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.infra.postgres import UNPRIVILEGED, RunAs

START_SECONDS = 150


def program(name: str, *, package: str) -> str:
    """The path of a web server. Without it the test is skipped, and the summary says so."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"no {name}: it is not on this machine (apt-get install {package})")
    return path


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A folder below /tmp that whoever runs the servers may use (pytest's own is root's alone)."""
    path = Path(tempfile.mkdtemp(prefix=f"signon-{name}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def hand_over(path: Path) -> RunAs:
    """Give a folder to an ordinary user, and say how to become that user; nothing unless root."""
    if os.geteuid() != 0:
        return {}
    user, group = UNPRIVILEGED
    for one in (path, *path.rglob("*")):
        shutil.chown(one, user, group)
    return {"user": user, "group": group, "extra_groups": []}


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    *,
    ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    run_as: RunAs | None = None,
    cwd: Path | None = None,
    launch: Callable[..., subprocess.Popen[Any]] = subprocess.Popen,
) -> Iterator[subprocess.Popen[Any]]:
    """Start a server, wait until it is ready, and end it and its children with the block."""
    with log.open("ab") as output:
        process = launch(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=None if environment is None else dict(environment),
            cwd=cwd,
            start_new_session=True,
            **(run_as or {}),
        )
    try:
        ends = monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or monotonic() > ends:
                raise AssertionError(f"it did not start: {command}\n{log.read_text()}")
            sleep(0.05)
        yield process
    finally:
        _end(process)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Politely, then by force; the session is its own, so no child outlives it."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
