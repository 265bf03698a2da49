"""The catalogues say all that the code says, and `make lint` notices when they do not."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from signon.words import catalogue
from signon.words.language import LANGUAGES

TOOL = Path(__file__).parents[2] / "tools" / "words.py"
Check = Callable[[], int]


@pytest.fixture(scope="module")
def tool() -> Callable[[list[str]], int]:
    """What `make words` and `make lint` run."""
    main: Callable[[list[str]], int] = runpy.run_path(str(TOOL))["main"]
    return main


@pytest.fixture
def spanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalogue, which is looked at in place of it."""
    monkeypatch.setattr(catalogue, "CATALOGUES", tmp_path)
    kept = Path(catalogue.__file__).with_name("catalogues")
    for language in LANGUAGES[1:]:
        name = catalogue.path(language).name
        (tmp_path / name).write_bytes((kept / name).read_bytes())
    return tmp_path / "es.po"


def test_nothing_is_missing(tool: Callable[[list[str]], int]):
    """In the catalogues of the project."""
    assert tool(["--check"]) == 0


@pytest.mark.parametrize(
    ("found", "instead", "told"),
    [
        ('msgid "Enter your username."', 'msgid "Type your username."', "not in the catalogue"),
        ('"Escriba su nombre de usuario."', '""', "not translated"),
        ('msgid "Enter your username."', '#, fuzzy\nmsgid "Enter your username."', "not transl"),
        ("El usuario de presentación {login} está", "El usuario {user} está", "other values"),
        (
            r"sesión como <strong>%\(username\)s</strong>",
            "sesión como %(username)s",
            "other values",
        ),
        ('"{number} tribunales."', '"{total} tribunales."', "other values"),
    ],
)
def test_what_is_wrong_is_told(
    tool: Callable[[list[str]], int],
    spanish: Path,
    capsys: pytest.CaptureFixture[str],
    found: str,
    instead: str,
    told: str,
):
    """Each by its message; nothing is changed."""
    changed, times = re.subn(found, lambda _: instead, spanish.read_text(), count=1)
    assert times == 1
    spanish.write_text(changed)
    assert tool(["--check"]) == 1
    assert told in capsys.readouterr().err
    assert spanish.read_text() == changed


def test_it_is_written_as_it_stands(tool: Callable[[list[str]], int], spanish: Path):
    """What is up to date is not changed, also when code has moved; so no check comes and goes."""
    before = spanish.read_text()
    assert tool([]) == 0
    assert spanish.read_text() == before
    assert not re.search(r"^#: .*:\d", before, re.MULTILINE)
