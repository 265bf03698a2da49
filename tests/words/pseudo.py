"""A catalogue that marks what it says: whatever stands outside of the marks was not asked for."""

from gettext import NullTranslations
from html.parser import HTMLParser

import pytest

from signon.words import catalogue
from signon.words.language import ENGLISH, Language

BEGIN, END = "⟦", "⟧"
SPOKEN_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "content"}
VOID = {"input", "br", "meta", "link", "path", "use", "img", "rect", "hr"}


class Marking(NullTranslations):
    """English between marks."""

    def gettext(self, message: str) -> str:
        """The message, marked."""
        return f"{BEGIN}{message}{END}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for `n`, marked."""
        return self.gettext(super().ngettext(msgid1, msgid2, n))


def speak_in_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on everything but English is said in marks."""

    def marking(language: Language) -> NullTranslations:
        return NullTranslations() if language is ENGLISH else Marking()

    monkeypatch.setattr(catalogue, "of", marking)


def outside(text: str) -> str:
    """The text without what is marked; marks may stand within marks."""
    depth, left = 0, []
    for character in text:
        depth += (character == BEGIN) - (character == END)
        if depth == 0 and character != END:
            left.append(character)
    return "".join(left)


class Words(HTMLParser):
    """What a page tells a person outside of every mark, but for what it says is in English."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._text: list[str] = []
        self._within: list[bool] = []
        self._attributes: list[str] = []
        self.feed(html)

    @property
    def left(self) -> list[str]:
        """Each run of text, and each attribute that is read out."""
        runs = outside("".join(self._text)).split("\n")
        told = [*runs, *map(outside, self._attributes)]
        return [tidy for one in told if (tidy := " ".join(one.split()))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look whose language begins here, and what is read out of the element itself."""
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            return
        if not self._is_silent:
            self._attributes += [given[name] for name in SPOKEN_ATTRIBUTES & {*given}]
        if tag not in VOID:
            is_english = given.get("lang", "").startswith("en") or "hreflang" in given
            self._within.append(is_english or tag in {"script", "style"})

    def handle_endtag(self, tag: str) -> None:
        """Back to the language around it."""
        if tag not in VOID:
            self._within.pop()
            self._text.append("\n")

    def handle_data(self, data: str) -> None:
        """Collect it."""
        if not self._is_silent:
            self._text.append(data)

    @property
    def _is_silent(self) -> bool:
        return any(self._within)
