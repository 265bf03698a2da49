"""The languages that people are spoken to in, and the one of the present request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`tag` is how HTML and HTTP name it (RFC 5646), `locale` how Babel does, `name` its own."""

    tag: str
    locale: str
    name: str


ENGLISH = Language("en-US", "en_US", "English")
"""What sentences are written in, and what everybody gets who asked for nothing that we have."""
SPANISH = Language("es-US", "es_US", "Español")
LANGUAGES = (ENGLISH, SPANISH)


@dataclass(slots=True)
class _Spoken:
    """`is_chosen`: the person chose it here, so that no other's wish counts; `is_new`: just now."""

    language: Language
    is_chosen: bool
    is_new: bool = False


_spoken: ContextVar[_Spoken | None] = ContextVar("language", default=None)


def current() -> Language:
    """The present request's; English where no page or mail is made."""
    spoken = _spoken.get()
    return spoken.language if spoken else ENGLISH


def spoken_tag() -> str | None:
    """What is kept of somebody's language: None where it is no page that is asked for."""
    spoken = _spoken.get()
    return spoken.language.tag if spoken else None


def newly_chosen() -> Language | None:
    """What the present request chose, to be remembered by whatever answers it."""
    spoken = _spoken.get()
    return spoken.language if spoken and spoken.is_new else None


def speak(language: Language, *, is_chosen: bool = True, is_new: bool = False) -> None:
    """From now on the present request's answer is in that language."""
    _spoken.set(_Spoken(language, is_chosen, is_new))


def wish(ui_locales: object) -> None:
    """What the client asked for that sent the person here (OpenID Connect Core section 3.1.2.1).

    It is heard unless the person has chosen a language; what we do not speak is no error.
    """
    spoken = _spoken.get()
    if spoken and not spoken.is_chosen and isinstance(ui_locales, str):
        spoken.language = first_of(ui_locales.split()) or spoken.language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """That language for the block alone."""
    token = _spoken.set(_Spoken(language, is_chosen=True))
    try:
        yield
    finally:
        _spoken.reset(token)


def tagged(tag: str | None) -> Language | None:
    """The language of a tag, in whatever region: `es`, `es-MX` and `es-US` are one here."""
    primary = (tag or "").lower().partition("-")[0]
    return _BY_PRIMARY.get(primary)


def first_of(tags: list[str]) -> Language | None:
    """The first of somebody's languages that is spoken here."""
    return next((known for tag in tags if (known := tagged(tag))), None)


def accepted(field: str) -> Language | None:
    """What an Accept-Language field likes best of ours (RFC 9110 section 12.5.4)."""
    liked = [part.split(";") for part in field.split(",")[:MOST_TAGS]]
    weighed = [(_weight(rest), tag.strip()) for tag, *rest in liked]
    wanted = [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0]
    return first_of(wanted)


MOST_TAGS = 20
"""Of an Accept-Language field; browsers send six."""


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


_BY_PRIMARY = {one.tag.partition("-")[0]: one for one in LANGUAGES}
