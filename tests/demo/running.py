"""A demonstration in a process of its own, on ports that are free."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import Any

from tests.infra import forked

READY = "Ctrl-C stops everything."
START_SECONDS = 150
STOP_SECONDS = 90
TRIES = 5
READER = {
    "purpose": "reader",
    "username": "plain.reader",
    "password": "nine grey geese on the weir",
}
_HAVE_READER: set[Path] = set()
"""Folders of demonstrations whose reader was made; asking costs a process."""
CHEAP = {"SIGNON_ARGON2_MEMORY_KIB": "8", "SIGNON_ARGON2_TIME": "1"}


@dataclass(frozen=True)
class Running:
    """A demonstration that answers."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    output: list[str]

    @property
    def description(self) -> dict[str, Any]:
        """`demo.json`."""
        found: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return found

    def address(self, name: str) -> str:
        """Where `signon`, `casb`, `cacd` or `mailbox` is."""
        return str(self.description["addresses"][name])

    def person(self, purpose: str) -> dict[str, Any]:
        """The person for a purpose; `reader` has nothing but an account, and is made when asked for."""
        if purpose == READER["purpose"]:
            return self._reader()
        return next(one for one in self.description["people"] if one["purpose"] == purpose)

    def _reader(self) -> dict[str, Any]:
        email = f"{READER['username']}@home.example"
        if self.folder in _HAVE_READER:
            return {**READER, "email": email}
        named = ["--first-name", "Rhea", "--last-name", "Plain", "--date-of-birth", "1979-05-06"]
        with suppress(subprocess.CalledProcessError):  # it was made before
            self.command(
                *("accounts", "create", "--kind", "individual", *named),
                *("--username", READER["username"], "--email", email, "--password-stdin"),
                typed=READER["password"],
            )
        _HAVE_READER.add(self.folder)
        return {**READER, "email": email}

    def command(self, *arguments: str, typed: str = "") -> str:
        """What `signon …` says to an operator of the demonstration."""
        secrets = (self.folder / "secrets.env").read_text().strip().partition("=")[2]
        settings = {
            "SIGNON_ISSUER": self.address("signon"),
            "SIGNON_DATABASE_URL": f"sqlite:///{self.folder / 'signon.db'}",
            "SIGNON_SECRET_KEYS": secrets,
            "SIGNON_SMTP_URL": f"file:{self.folder / 'mail'}",
        }
        environment = {**os.environ, **CHEAP, **settings}
        done = forked.run(*arguments, typed=typed, env=environment, cwd=self.folder)
        done.check_returncode()
        return done.stdout

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal and answer the exit status and what stood on stderr."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, err


@contextmanager
def running(
    folder: Path, port: int | None = None, *options: str, **settings: str
) -> Iterator[Running]:
    """Start a demonstration, wait until it answers, and end it with the block.

    `settings` are more of its environment, by their whole names. Fails when it does not start.
    """
    err = ""
    for _ in range(1 if port else TRIES):
        chosen = port or free_port()
        with launched(folder, chosen, *options, **settings) as process:
            output, err = _read_until_ready(process)
            if READY in "".join(output):
                yield Running(folder, chosen, process, output)
                return
        # somebody else took one of the four after we looked
        if port or "is not free" not in err:
            break
    raise AssertionError(f"it did not start: {err}")


@contextmanager
def launched(
    folder: Path, port: int, *options: str, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    """Start a demonstration without waiting for it; whatever still runs is killed."""
    process = forked.Signon(
        *("demo", "--port", str(port), "--data-dir", str(folder), *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**_environment(), **settings},
        cwd=folder.parent,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def free_port() -> int:
    """The first of four ports in a row that are free on both loopback addresses."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            first: int = probe.getsockname()[1]
        if 1024 <= first <= 65_000 and all(_is_free(first + step) for step in range(4)):
            return first


def _is_free(port: int) -> bool:
    with ExitStack() as stack:
        try:
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        except OSError:
            return False
    return True


def _environment() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNON_")}
    return {**kept, **CHEAP}


def _read_until_ready(process: subprocess.Popen[str]) -> tuple[list[str], str]:
    """What it printed; and its stderr, when it ends or takes too long."""
    lines: Queue[str] = Queue()
    assert process.stdout is not None
    stdout = process.stdout

    def read() -> None:
        with suppress(ValueError):  # it is closed when the demonstration has ended
            for line in stdout:
                lines.put(line)

    Thread(target=read, daemon=True).start()
    found: list[str] = []
    ends = monotonic() + START_SECONDS
    while not (found and READY in found[-1]):
        try:
            found.append(lines.get(timeout=0.2))
        except Empty:
            if process.poll() is not None or monotonic() > ends:
                process.kill()
                assert process.stderr is not None
                return found, process.stderr.read()
    return found, ""
