"""Sentences: English text that can also be said in the language of whoever reads it.

What is `Spoken` is a `str`, the English one: what logs, REST and commands tell. Pages and mails say
it in the language of their reader, because Jinja2 and `Markup` ask text for its `__html__`. So a
rule raises a sentence and knows of no language; it must only keep template and values apart::

    _("Wait {minutes} minutes.", minutes=minutes)  # not f"Wait {minutes} minutes."

Formatting a sentence into another string, or adding to it, makes it English for good; `together`
joins some.
"""

from collections.abc import Callable, Iterable
from typing import Any, Self

from markupsafe import Markup, escape

from signon.words import catalogue, formats
from signon.words.language import ENGLISH, Language, current

Say = Callable[[Language, bool], str]
"""How a text is said in a language, escaped for HTML or plain."""


class Spoken(str):
    """Text that is itself in English, and can be said in any language of ours."""

    __slots__ = ("_say",)
    _say: Say | None

    def __new__(cls, english: str, say: Say | None = None) -> Self:
        """Without `say` it is the same in every language."""
        made = super().__new__(cls, english)
        made._say = say
        return made

    def said(self, language: Language, *, as_html: bool = False) -> str:
        """The text in that language."""
        if self._say:
            return self._say(language, as_html)
        return escape(str(self)) if as_html else str(self)

    def __html__(self) -> str:
        """The same for a page, in the language of the present request."""
        return self.said(current(), as_html=True)


def _(message: str, /, **values: Any) -> Spoken:
    """A sentence; `{name}` in it are values: texts, numbers, other sentences, or Markup."""

    def translate(language: Language) -> str:
        return catalogue.of(language).gettext(message)

    if values:
        return _made(translate, values)
    # most are whole: made for each page, so made quickly
    return Spoken(message, lambda language, as_html: _whole(translate(language), as_html=as_html))


def plural(one: str, many: str, number: int, /, **values: Any) -> Spoken:
    """A sentence about so many, which it may name as `{number}`."""
    return _made(
        lambda language: catalogue.of(language).ngettext(one, many, number),
        {"number": number, **values},
    )


def spoken(say: Callable[[Language], str]) -> Spoken:
    """A text without markup that is made for each language, such as a date."""

    def escaped(language: Language, as_html: bool) -> str:
        return escape(say(language)) if as_html else say(language)

    return Spoken(say(ENGLISH), escaped)


def together(*parts: str, by: str = " ") -> Spoken:
    """Sentences after one another; empty ones leave no gap."""

    def say(language: Language, as_html: bool) -> str:
        said = [shown(part, language, as_html=as_html) for part in parts if part]
        between = in_language(by, language)
        return escape(between).join(said) if as_html else between.join(said)

    return Spoken(say(ENGLISH, False), say)


def listed(parts: Iterable[str]) -> Spoken:
    """The parts with commas between them."""
    return together(*parts, by=", ")


def heading(sentence: str) -> Spoken:
    """The sentence without its full stop."""
    return spoken(lambda language: in_language(sentence, language).removesuffix("."))


def in_language(text: str, language: Language) -> str:
    """The text in that language; what is no sentence stays as it is."""
    return text.said(language) if isinstance(text, Spoken) else text


def shown(value: Any, language: Language, *, as_html: bool) -> Any:
    """A value as it is put into a sentence."""
    if isinstance(value, Spoken):
        said = value.said(language, as_html=as_html)
        return Markup(said) if as_html else said  # noqa: S704  # it is escaped
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value, language)
    return value


def _made(translate: Callable[[Language], str], values: dict[str, Any]) -> Spoken:
    def say(language: Language, as_html: bool) -> str:
        template = _whole(translate(language), as_html=as_html)
        return template.format(
            **{name: shown(value, language, as_html=as_html) for name, value in values.items()}
        )

    return Spoken(say(ENGLISH, False), say)


def _whole(text: str, *, as_html: bool) -> str:
    return escape(text) if as_html else text
