"""The command line as an operator meets it, run in this process."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import structlog

from signon import logs
from signon.__main__ import main
from signon.config import Settings


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it wrote."""

    status: int
    out: str
    err: str


class CommandLine:
    """Runs `signon …` with the settings in its environment, in a folder without a `.env`."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)
        keys = ",".join(key.get_secret_value() for key in settings.secret_keys)
        monkeypatch.setenv("SIGNON_ISSUER", settings.issuer)
        monkeypatch.setenv("SIGNON_DATABASE_URL", settings.database_url.get_secret_value())
        monkeypatch.setenv("SIGNON_SECRET_KEYS", keys)
        monkeypatch.setenv("SIGNON_SMTP_URL", settings.smtp_url.get_secret_value())

    def __call__(self, *arguments: str) -> Done:
        """Run one command."""
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "argv", ["signon", *arguments])
        with _logging_of_its_own(self._monkeypatch), pytest.raises(SystemExit) as ended:
            main()
        written = self._capsys.readouterr()
        return Done(int(ended.value.code or 0), written.out, written.err)


@contextmanager
def _logging_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the command set up logging to the stderr it has now, and take that back after it."""
    root, configure = logging.getLogger(), logs.configure
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()

    def configure_for_now(log_format: Literal["json", "console"]) -> None:
        configure(log_format)
        # a logger that was cached would write to this stderr long after it is closed
        structlog.configure(cache_logger_on_first_use=False)

    with monkeypatch.context() as patched:
        patched.setattr(logs, "configure", configure_for_now)
        yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)
