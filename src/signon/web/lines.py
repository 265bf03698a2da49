"""Where a line of a title may not break."""

import re

from markupsafe import Markup, escape

_HYPHENED = re.compile(r"\b[Ee]-\w+")


def whole(text: str) -> Markup:
    """A title whose `e-mail` and `e-filing` no line's end cuts behind the hyphen."""
    shown = escape(text)
    if "<" in shown:
        return shown
    return Markup(_HYPHENED.sub(r'<span class="whole">\g<0></span>', str(shown)))  # noqa: S704 - escaped above
