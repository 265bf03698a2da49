"""mypy reads a statement: what it takes, its columns, its row."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RIGHT = """
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, Update, select, update

from signon.db import Unit
from signon.jobs.models import jobs
from signon.prepared import change, one


class Turn(NamedTuple):
    name: str
    due_at: datetime


@one(Turn)
def find(name: str) -> Select[str, datetime]:
    return select(jobs.c.name, jobs.c.due_at).where(jobs.c.name == name)


@change
def move(name: str, *, to: datetime) -> Update:
    return update(jobs).where(jobs.c.name == name).values(due_at=to)


def rule(unit: Unit) -> datetime | None:
    move(unit, "one", to=unit.now)
    found = find(unit, "one")
    return found.due_at if found else None
"""
WRONG = {
    "select(jobs.c.name, jobs.c.due_at)": "select(jobs.c.name, jobs.c.last_error)",
    "    due_at: datetime\n": "    due_at: str\n",
    'find(unit, "one")': "find(unit, 1)",
    'move(unit, "one", to=': 'move(unit, "one", at=',
}
"""A column, a row, an argument, a keyword; and the one thing that this breaks elsewhere."""


def test_what_is_wrong_is_found(tmp_path: Path):
    """Nothing else is, and nothing where all is right."""
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(RIGHT)
    planted = RIGHT
    for before, after in WRONG.items():
        assert planted.count(before) == 1
        planted = planted.replace(before, after)
    wrong.write_text(planted)
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", right, wrong],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"(\w+)\.py:\d+: error: .*\[([\w-]+)\]", told.stdout)
    assert found == [
        ("wrong", "arg-type"),
        ("wrong", "return-value"),
        ("wrong", "call-arg"),
        ("wrong", "arg-type"),
        ("wrong", "return-value"),
    ], told.stdout + told.stderr
