"""What the documents tell people to type, and the files they give them, read where they stand."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


def lines(document: Path, *, starting: str) -> list[str]:
    """The commands of a document's `sh` blocks that begin with these words, each on one line.

    Fails when there is none: the document has changed under the test.
    """
    found = [command for command in _all(document) if command.startswith(starting)]
    assert found, f"{document} no longer says {starting!r}"
    return found


def line(document: Path, *, starting: str) -> str:
    """The first such command."""
    return lines(document, starting=starting)[0]


def commands(document: Path, *, starting: str) -> list[list[str]]:
    """The same, split as a shell does."""
    return [shlex.split(command) for command in lines(document, starting=starting)]


def command(document: Path, *, starting: str) -> list[str]:
    """The first of them."""
    return commands(document, starting=starting)[0]


def rewritten(text: str, changes: Mapping[str, str]) -> str:
    """A file as somebody edits it: each pattern, which must be found, and what takes its place."""
    for pattern, replacement in changes.items():
        text = _replaced(text, pattern, replacement)
    return text


def _replaced(text: str, pattern: str, replacement: str) -> str:
    # a function, because a text would have its backslashes read
    text, count = re.subn(pattern, lambda _found: replacement, text, flags=re.MULTILINE)
    assert count, f"the example no longer has {pattern!r}"
    return text


def _all(document: Path) -> Iterator[str]:
    for block in re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip():
                yield line.strip()
