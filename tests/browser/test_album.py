"""`make look` and `make pictures` know every state, also the consoles'."""

from pathlib import Path


def test_the_album_has_every_state():
    """It imports each module that leads to some; to start it for that would take three seconds."""
    here = Path(__file__).parent
    album = (here / "album.py").read_text()
    leading = [path.stem for path in here.glob("test_*.py") if "\n@shows(" in path.read_text()]
    assert len(leading) > 1
    assert [module for module in leading if module not in album] == []
