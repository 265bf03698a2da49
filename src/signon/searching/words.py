"""Names as they are searched by, and what somebody types as beginnings of them.

A name is kept once for each of its words, turned so that the word comes first: *Ana García López* as
`ana garcia lopez`, `garcia lopez ana` and `lopez ana garcia`. So whatever is typed in the order of the
name, from any word on, is the beginning of one of them, however many others have the word.
"""

import re
import unicodedata
from collections.abc import Sequence

from signon.searching.models import LONGEST

MOST_WORDS = 6
"""Words of a name that it is found by."""
MOST_TURNED = 3
"""Words that are looked for in any order; more are looked for as they were typed."""
SHORTEST = 2
"""Characters of a search; fewer would find everybody."""

_SILENT = re.compile(r"['’`.]")
_BETWEEN = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """A name without case, accents and signs, its words one space apart."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(each for each in bare if not unicodedata.combining(each))
    return _BETWEEN.sub(" ", _SILENT.sub("", letters)).strip()


def turns(*parts: str | None) -> set[str]:
    """The keys of a name of those parts, first names first."""
    words = plain(" ".join(part for part in parts if part)).split()[:MOST_WORDS]
    return {key[:LONGEST].rstrip() for key in _turned(words)}


def whole(*texts: str) -> set[str]:
    """The keys of what is searched by from its first character on: usernames, addresses.

    One that another begins with is left out: who types it finds the other.
    """
    keys = {" ".join(text.casefold().split())[:LONGEST] for text in texts if text}
    return {key for key in keys if not any(key != one and one.startswith(key) for one in keys)}


def beginnings(typed: str) -> list[str]:
    """What the key of a name begins with that somebody means who types that."""
    words = plain(typed).split()
    if len(words) > MOST_TURNED:
        return [" ".join(words)[:LONGEST].rstrip()]
    return [turned[:LONGEST].rstrip() for turned in _turned(words)]


def apart(typed: str) -> tuple[str, list[str]] | None:
    """The longest of several words, and the others: whoever has them all may be meant."""
    found = plain(typed).split()
    if len(found) < 2:
        return None
    longest = max(found, key=len)
    found.remove(longest)
    return longest[:LONGEST], found


def has_all(key: str, others: Sequence[str]) -> bool:
    """Whether each of those begins a word of the key."""
    there = key.split()
    return all(any(word.startswith(one) for word in there) for one in others)


def begins_earlier(key: str, place: int, prefixes: Sequence[str]) -> bool:
    """Whether a name that is met at `key`, in the range number `place`, was met before."""
    for turned in _turned(key.split()):
        for number, prefix in enumerate(prefixes[: place + 1]):
            if turned.startswith(prefix) and (number, turned) < (place, key):
                return True
    return False


def _turned(words: Sequence[str]) -> list[str]:
    return [" ".join((*words[at:], *words[:at])) for at in range(len(words))]
