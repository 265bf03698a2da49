"""How often something is tried: a few times in `make test`, many times over in `make drills`.

What only chance finds is worth hours of some nights, not a minute of everybody's.
"""

import os

import pytest

TIMES = int(os.environ.get("DRILLS", "1"))
"""How many times as often as in `make test`."""
by_chance = pytest.mark.by_chance
"""Marks what `make drills` does."""


def often(few: int) -> int:
    """How often now what `make test` tries `few` times."""
    return few * TIMES
