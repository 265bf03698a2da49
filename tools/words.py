"""The catalogues of `signon.words`, and whether they say all that the code says.

    tools/words.py           write them anew: new messages without a translation, old ones gone
    tools/words.py --check   say what is missing, stale, fuzzy or has other values; change nothing

A message's place is its file, without the line: code that moves changes no catalogue.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import check_and_call_extract_file
from babel.messages.pofile import read_po, write_po

from signon.words import catalogue
from signon.words.language import ENGLISH, LANGUAGES, Language

ROOT = Path(__file__).parents[1]
SOURCE = Path("src/signon")
METHODS = [
    ("**.py", "python"),
    ("**/demo/templates/**", "ignore"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**/templates/**.jinja", "jinja2.ext:babel_extract"),
]
LEXING = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
OPTIONS = {pattern: LEXING for pattern, method in METHODS if ":" in method}
KEYWORDS = {"_": None, "plural": (1, 2), "gettext": None, "ngettext": (1, 2)}
SAYS = re.compile(r"\b(?:_|plural|n?gettext)\(|\btrans\b")
"""What stands in every file that says something; the others are not lexed, which takes long."""
VALUES = re.compile(r"%\((\w+)\)s|\{\{\s*(\w+).*?\}\}|\{(\w+)\}")
HEADER = re.compile(
    rb'^"(?:POT-|PO-|Last-|Language-Team|Generated|Project|Report).*\n', re.MULTILINE
)


def main(arguments: list[str]) -> int:
    """Write, or check: 1 if anything is wrong."""
    said = _extracted()
    wrong = [*_taken_names()]
    for language in LANGUAGES:
        if language is not ENGLISH:
            act = _checked if "--check" in arguments else _written
            wrong += act(language, said)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


@cache
def _extracted() -> Catalog:
    """Every message of code and templates."""
    catalog = Catalog()
    for name, _line, message, comments, context in sorted(_found(), key=lambda one: one[:2]):
        where = [(str(SOURCE / name), 0)]
        catalog.add(message, None, where, auto_comments=comments, context=context)
    return catalog


def _found() -> Iterator[tuple[Any, ...]]:
    folder = ROOT / SOURCE
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in {".py", ".html", ".jinja"} and SAYS.search(path.read_text()):
            yield from check_and_call_extract_file(
                path, METHODS, OPTIONS, None, KEYWORDS, ("Words:",), False, dirpath=folder
            )


def _written(language: Language, said: Catalog) -> list[str]:
    """Bring a catalogue up to date; what was translated stays, nothing is guessed."""
    path = catalogue.path(language)
    known = _read(language) if path.exists() else Catalog(locale=language.locale)
    new = read_po(BytesIO(HEAD.encode()), locale=language.locale)
    for message in _messages(said):
        old = known.get(message.id)
        kept = old and not old.fuzzy and old.pluralizable == message.pluralizable
        new.add(
            message.id,
            old.string if kept else None,
            message.locations,
            auto_comments=message.auto_comments,
        )
    buffer = BytesIO()
    write_po(buffer, new, width=100, include_lineno=False)
    path.write_bytes(HEADER.sub(b"", buffer.getvalue()))
    return []


def _checked(language: Language, said: Catalog) -> Iterator[str]:
    path, known = catalogue.path(language).name, _read(language)
    for message in _messages(said):
        translated = known.get(message.id)
        if translated is None:
            yield f"{path}: not in the catalogue (make words): {message.id!r}"
        elif translated.fuzzy or not all(_strings(translated.string)):
            yield f"{path}: not translated: {message.id!r}"
        elif wrong := _other_values(translated):
            yield f"{path}: other values than the English has: {wrong!r}"
    yield from (
        f"{path}: nobody says it any more (make words): {one.id!r}"
        for one in _messages(known)
        if said.get(one.id) is None
    )


def _other_values(message: Message) -> str | None:
    """The first translation whose values or elements are not those of the English.

    A singular may leave the number out.
    """
    ids, strings = _strings(message.id), _strings(message.string)
    allowed = [_values(one) for one in ids]
    for number, string in enumerate(strings):
        wanted = allowed if number == 0 else allowed[-1:]
        if _values(string) not in wanted:
            return string
    return None


def _values(text: str) -> tuple[list[str], list[str]]:
    names = sorted("".join(found) for found in VALUES.findall(text))
    return names, sorted(re.findall(r"<[^>]+>", text))


@cache
def _taken_names() -> tuple[str, ...]:
    """Code that says `_("…")` may give no other meaning to `_`."""
    return tuple(_taken())


def _taken() -> Iterator[str]:
    for path in sorted((ROOT / SOURCE).rglob("*.py")):
        if not SAYS.search(code := path.read_text()):
            continue
        nodes = [*ast.walk(ast.parse(code))]
        speaks = any(
            isinstance(one, ast.ImportFrom) and any(each.name == "_" for each in one.names)
            for one in nodes
        )
        for one in nodes:
            stores = isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            if speaks and stores and one.id == "_":
                yield f"{path.relative_to(ROOT)}:{one.lineno}: `_` says sentences here"


def _messages(catalog: Catalog) -> Iterable[Message]:
    return (message for message in catalog if message.id)


def _strings(string: str | Iterable[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


def _read(language: Language) -> Catalog:
    with catalogue.path(language).open("rb") as file:
        return read_po(file, locale=language.locale)


HEAD = """# What signon says, in another language; `make words` renews the file, `make lint` checks it.
# docs/words.md has the words to use.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
"""CLDR has a third plural in Spanish, for millions of something; nobody has so many here."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
