"""docs/security.md: every promise names tests, and they are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
BEFORE_PROMISES, AFTER_PROMISES = "## An account", "## What is not promised"


def test_every_test_that_it_names_is_there():
    """A reader may look."""
    named = re.findall(r"`(tests/[^`]+)`", PAGE)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_promise_names_its_tests():
    """A promise that nobody tries to break is none."""
    promises = PAGE.partition(BEFORE_PROMISES)[2].partition(AFTER_PROMISES)[0].split("\n\n")
    made = [one for one in promises if one.startswith("**")]
    assert len(made) > 15
    assert [one for one in made if "`tests/" not in one] == []
