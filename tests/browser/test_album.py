"""`make look` and `make pictures` know every state, also the consoles'."""

import subprocess
import sys
from importlib import import_module

from tests.browser.states import STATES

TOLD = "from tests.browser import album; print(*sorted(album.STATES))"


def test_the_album_has_every_state():
    """In a process of its own, where nothing else has imported them."""
    for module in ("test_pages", "test_console_pages"):
        import_module(f"tests.browser.{module}")
    told = subprocess.run([sys.executable, "-c", TOLD], check=True, capture_output=True, text=True)
    assert told.stdout.split() == sorted(STATES)
