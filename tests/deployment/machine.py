"""A machine on which somebody does what docs/run.md says, in a folder that stands for its root."""

import os
import re
import shlex
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.deployment import documents
from tests.infra import forked
from tests.infra.postgres import WHEEL_FOLDERS

RUN = documents.ROOT / "docs" / "run.md"
DEPLOY = documents.EXAMPLES / "deploy"
SECONDS = 200


@dataclass
class Machine:
    """Its root, and what its environment holds beside the usual."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def path(self, path: str) -> Path:
        """Where a file of the machine lies here."""
        return self.root / path.lstrip("/")

    def do(self, command: str, given: str = "", **changes: str) -> str:
        """Run a command of the documents, with `changes` made to its words; fails when it does."""
        for said, meant in changes.items():
            assert said in command, f"{command!r} no longer says {said!r}"
            command = command.replace(said, meant)
        with forked.lent() as (nursery, found):
            done = subprocess.run(
                ["sh", "-c", self.rooted(command)],
                input=given,
                capture_output=True,
                text=True,
                check=False,
                cwd=DEPLOY,
                env=self._environment() | found,
                pass_fds=[nursery],
                timeout=SECONDS,
            )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def do_all(self, *starting: str) -> None:
        """Run every command of docs/run.md that begins so, in their order there."""
        for words in starting:
            for command in documents.lines(RUN, starting=words):
                self.do(command)

    def rooted(self, text: str) -> str:
        """A text with every path below /etc, /opt, /usr/local and /var moved below the root."""
        return re.sub(r"(?<![\w./-])(?=/(etc|opt|usr/local|var)/)", str(self.root), text)

    def edit(self, path: str, changes: Mapping[str, str]) -> None:
        """Edit an installed file: its paths are this machine's, and each pattern is replaced."""
        file = self.path(path)
        file.write_text(documents.rewritten(self.rooted(file.read_text()), changes))

    def install_program(self) -> None:
        """What `make install` leaves in /opt/signon."""
        program = self.path("/opt/signon/.venv/bin/signon")
        program.parent.mkdir(parents=True)
        forked.install(program)
        for folder in (
            "/etc/systemd/system",
            "/etc/nginx/conf.d",
            "/var/backups",
            "/usr/local/sbin",
        ):
            self.path(folder).mkdir(parents=True)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name[:7] != "SIGNON_"}
        own = [str(self.path("/usr/local/sbin")), str(postgresql_programs())]
        return {**kept, "PATH": ":".join([*own, kept["PATH"]]), **self.environment}


def postgresql_programs() -> Path:
    """pg_dump, pg_restore and psql of the PostgreSQL that the tests run."""
    return Path(sysconfig.get_path("purelib"), WHEEL_FOLDERS[0], "bin")


def unit(machine: Machine, path: str, instance: str) -> tuple[list[str], dict[str, str]]:
    """What systemd would run for an instance of a unit: its command and its environment.

    Of the rest of the unit only systemd can show that it works; `systemd-analyze verify` reads it.
    """
    credentials = machine.root / "credentials"
    credentials.mkdir(exist_ok=True)
    environment: dict[str, str] = {}
    command: list[str] = []
    for line in machine.rooted(machine.path(path).read_text()).splitlines():
        name, _, value = line.partition("=")
        value = value.replace("%i", instance).replace("%d", str(credentials))
        if name == "EnvironmentFile":
            for setting in Path(value).read_text().splitlines():
                if setting and not setting.startswith("#"):
                    key, _, text = setting.partition("=")
                    environment[key] = text
        elif name == "LoadCredential":
            credential, _, source = value.partition(":")
            (credentials / credential).write_bytes(Path(source).read_bytes())
        elif name == "Environment":
            key, _, text = value.partition("=")
            environment[key] = text
        elif name == "ExecStart":
            command = shlex.split(value)
    return command, environment
