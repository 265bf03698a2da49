"""Where a line may break: what is read as one word stays whole, what is longer than a phone may part."""

import re

from markupsafe import Markup, escape

_HYPHENED = re.compile(r"\b[Ee]-\w+")


def whole(text: str) -> Markup:
    """A title whose `e-mail` and `e-filing` no line's end cuts behind the hyphen."""
    shown = escape(text)
    if "<" in shown:
        return shown
    return Markup(_HYPHENED.sub(r'<span class="whole">\g<0></span>', str(shown)))  # noqa: S704 - escaped above


def breakable(value: object) -> object:
    """An e-mail address that parts before its domain rather than anywhere; all else as it is."""
    if not isinstance(value, str) or "@" not in value or isinstance(value, Markup):
        return value
    return Markup("<wbr>@").join(value.split("@"))
