"""A browser by the name that its owner knows it by."""

from collections.abc import Sequence

from signon.words.sentences import _, together

# each calls itself by the names of those after it
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def name_of(user_agent: str) -> str:
    """Such as `Firefox on Windows`; what it says of itself when it is neither; empty for nothing."""
    return known_name_of(user_agent) or user_agent.partition(" ")[0][:60]


def known_name_of(user_agent: str) -> str:
    """The same in our own words only, as a mail may hold it; empty when we have none."""
    names = (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent))
    return together(*(name for name in names if name), by=_(" on "))


def _first(known: Sequence[tuple[str, str]], user_agent: str) -> str | None:
    return next((name for mark, name in known if mark in user_agent), None)
