"""docs/architecture.md: what it names is there, and nothing that stands in a layer is forgotten."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
SOURCE = ROOT / "src" / "signon"
TO_COME = {"pacer_api"}


def test_every_file_that_it_names_is_there():
    """At the top of the project, or in the package."""
    named = re.findall(r"`([\w/]+(?:\.(?:py|md)|/))`", PAGE)
    assert len(named) > 20
    assert [
        name for name in named if not ((ROOT / name).exists() or (SOURCE / name).exists())
    ] == []


def test_it_shows_every_layer():
    """Each folder and module that the import rules know."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = " ".join(rules["contracts"][0]["layers"])
    shown = set(re.findall(r"\w+", PAGE.partition("```")[2].partition("```")[0]))
    assert set(re.findall(r"\w+", layers)) - shown - TO_COME == set()
