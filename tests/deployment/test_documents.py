"""docs/run.md and docs/courts.md speak of what there is: settings, commands, counts, claims."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from signon.cli.program import program
from signon.config import PREFIX, SECRETS, Settings
from signon.filing.roles import Admission, Permission, Role
from signon.oidc.claims import NAMES
from tests.deployment import documents, processes
from tests.deployment.machine import DEPLOY, RUN
from tests.infra import forked

COURTS = documents.ROOT / "docs" / "courts.md"
APACHE = documents.EXAMPLES / "court-apache" / "README.md"
SYSTEMD_EXPOSURE = "20"
"""Of 100, in systemd-analyze's tenths: 2.0 of 10 is "OK"."""


@pytest.mark.parametrize("document", [RUN, COURTS, APACHE, *sorted(DEPLOY.iterdir())])
def test_every_setting_that_is_named_exists(document: Path):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    assert set(re.findall(r"SIGNON_[A-Z0-9_]*[A-Z0-9]", document.read_text())) <= known


@pytest.mark.parametrize("document", [RUN, COURTS, APACHE])
def test_every_command_that_is_named_exists(document: Path):
    """With the options that are named: in blocks, and in the middle of a sentence."""
    text = document.read_text().replace("\\\n", " ")
    named = set(re.findall(r"(?:^|`)signon ([a-z][^`\n]*)", text, re.MULTILINE))
    assert named
    for words in (line.split() for line in sorted(named)):
        command = words[: 2 if words[0] not in {"serve", "doctor", "prune"} else 1]
        helped = CliRunner().invoke(program, [*command, "--help"], env={"COLUMNS": "300"})
        assert helped.exit_code == 0, command
        shown = re.sub(r"\x1b\[[0-9;]*m", "", helped.output)
        for option in (word for word in words if word.startswith("--")):
            assert option in shown, f"signon {' '.join(command)} has no {option}"


@pytest.mark.timeout(180)
def test_the_readme_runs_as_it_is_printed(tmp_path: Path):
    """“Run it”, word for word in one shell, but for the installation and what needs a network."""
    readme = documents.ROOT / "README.md"
    block = readme.read_text().partition("## Run it")[2].partition("```sh\n")[2].partition("```")[0]
    printed = documents.rewritten(
        block,
        {
            r"^make install.*$": f"cd {tmp_path}",
            r"^export SIGNON_DATABASE_URL=.*$": (
                f"export SIGNON_DATABASE_URL=sqlite:///{tmp_path}/signon.db"
            ),
            r"--password-stdin$": "--password-stdin <<< 'seven quiet herons at dusk'",
            r"^signon doctor.*$": "signon accounts list",
            r"^signon serve.*$": "",
        },
    )
    program = tmp_path / ".venv" / "bin" / "signon"
    program.parent.mkdir(parents=True)
    forked.install(program)
    with forked.lent() as (nursery, found):
        done = subprocess.run(
            ["bash", "-euc", printed],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin"} | found,
            check=False,
            pass_fds=[nursery],
        )
    assert done.returncode == 0, done.stderr
    assert "opsmith01" in done.stdout


def test_courts_are_told_every_role_and_claim():
    """The claims table of docs/courts.md leaves out nothing about filing."""
    told = set(re.findall(r"`(\w+)`", COURTS.read_text()))
    words = {word.value for enum in (Role, Permission, Admission) for word in enum}
    assert words | set(NAMES["ecf"]) <= told


def test_the_unit_is_sound(tmp_path: Path):
    """Systemd reads every line of it, and calls what it may do little."""
    analyze = processes.program("systemd-analyze", package="systemd")
    program_there = {"^ExecStart=/opt/signon/.venv/bin/signon": "ExecStart=/bin/true"}
    unit = tmp_path / "signon@8001.service"
    unit.write_text(documents.rewritten((DEPLOY / "signon@.service").read_text(), program_there))
    for arguments in (["verify"], ["security", "--offline=yes", f"--threshold={SYSTEMD_EXPOSURE}"]):
        done = subprocess.run(
            [analyze, *arguments, str(unit)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "signon@" not in done.stderr, done.stderr
