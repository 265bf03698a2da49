"""Whether the names of an account and of a legacy login can be one person's.

No automatic rule of PACER's is known (domain facts 5): the person confirms what is shown. Ours
is lenient with what courts and people write differently, and strict with the family name.
"""

import re
import unicodedata

_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "esq"}


def are_alike(first: str | None, last: str | None, other_first: str, other_last: str) -> bool:
    """Same family name but for accents, hyphens and suffixes; first names equal or an initial."""
    family, other_family = _words(last or ""), _words(other_last)
    given, other_given = _words(first or ""), _words(other_first)
    if "".join(family) != "".join(other_family) or not given or not other_given:
        return False
    one, other = given[0], other_given[0]
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) == 1 and long.startswith(short))


def _words(name: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    words = re.findall(r"\w+", letters.replace("'", "").replace("’", ""))
    return [word for word in words if word not in _SUFFIXES]
