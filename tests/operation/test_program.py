"""The program's list of commands: quick to show, and true."""

import inspect
import subprocess
import sys

import pytest

from signon.cli.program import GROUPS, SINGLE, imported

ASKED_FOR_HELP = """
import sys
from signon.__main__ import main
sys.argv = ["signon", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"fastapi", "sqlalchemy", "signon.app", "signon.config", "signon.db"}


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), (["acounts", "list"], 2)])
def test_help_and_mistakes_do_not_wait_for_the_product(arguments: list[str], status: int):
    done = subprocess.run(
        [sys.executable, "-c", ASKED_FOR_HELP, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == status
    assert "accounts" in said
    assert "signon.cli.program" in said.split()
    assert not HEAVY & set(said.split())


@pytest.mark.parametrize("name", [*SINGLE, *GROUPS])
def test_every_name_is_a_command_that_says_the_same(name: str):
    command = imported(name)
    said = inspect.cleandoc(command.help).split("\n\n")[0].replace("\n", " ")
    assert (command.name, said) == (name, (SINGLE | GROUPS)[name])
    assert bool(getattr(command, "commands", None)) is (name in GROUPS)
