"""Whether the names of an account and of a legacy login can be one person's.

No automatic rule of PACER's is known (domain facts 5): the person confirms what is shown. Ours
is lenient with what courts and people write differently, and strict with the family name.
"""

import re
import unicodedata

_NO_SIGNS = dict.fromkeys(map(ord, "'’‘ʻʼ`"))
_SPELT = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("å"): "aa", ord("ø"): "oe"}
_ABBREVIATED = {"st": "saint", "ste": "sainte"}
_NICKNAMES = {
    "bob": "robert", "rob": "robert", "bobby": "robert", "bill": "william", "will": "william",
    "billy": "william", "dick": "richard", "rick": "richard", "rich": "richard", "jim": "james",
    "jimmy": "james", "jack": "john", "johnny": "john", "mike": "michael", "tom": "thomas",
    "dave": "david", "dan": "daniel", "joe": "joseph", "steve": "steven stephen", "chuck": "charles",
    "charlie": "charles", "ted": "edward theodore", "ed": "edward edwin", "tony": "anthony",
    "greg": "gregory", "jeff": "jeffrey", "ken": "kenneth", "larry": "lawrence", "ron": "ronald",
    "don": "donald", "sam": "samuel samantha", "ben": "benjamin", "matt": "matthew",
    "chris": "christopher christina christine", "pat": "patrick patricia", "nick": "nicholas",
    "alex": "alexander alexandra", "andy": "andrew", "tim": "timothy", "liz": "elizabeth",
    "beth": "elizabeth", "betty": "elizabeth", "kate": "katherine catherine", "kathy": "katherine",
    "cathy": "catherine", "peggy": "margaret", "maggie": "margaret", "meg": "margaret",
    "sue": "susan", "debbie": "deborah", "deb": "deborah", "barb": "barbara", "becky": "rebecca",
    "jenny": "jennifer", "jen": "jennifer", "cindy": "cynthia", "sandy": "sandra", "vicky": "victoria",
}  # fmt: skip
_UNKNOWN = {"fnu", "lnu"}
"""Written by offices for "first name unknown", "last name unknown": of whoever has one name."""
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "esq"}


def are_alike(first: str | None, last: str | None, other_first: str, other_last: str) -> bool:
    """Same family name but for accents, hyphens and suffixes; first names equal or an initial."""
    first, last = _placed(first or "", last or "")
    other_first, other_last = _placed(other_first, other_last)
    if not _forms(last) & _forms(other_last):
        return False
    given, other_given = _given(first), _given(other_first)
    if not given or not other_given:
        # whoever has one name has no other there either
        return not given and not other_given
    if _forms(first) & _forms(other_first):
        return True
    return any(
        _is_short_for(one, other) for one in _calling(given) for other in _calling(other_given)
    )


def _placed(first: str, last: str) -> tuple[str, str]:
    """An only name stands last, whichever place an office found for it."""
    return ("", first) if _given(first) and not _given(last) else (first, last)


def _given(first: str) -> list[str]:
    words = _words(first)
    return [] if set(words) <= _UNKNOWN else words


def _calling(given: list[str]) -> list[str]:
    """The first name, and the second of whoever goes by it and writes the first as a letter."""
    return given[: 2 if len(given[0]) == 1 else 1]


def _is_short_for(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    is_initial = len(short) == 1 and long.startswith(short)
    return one == other or is_initial or bool(_called(one) & _called(other))


def _called(name: str) -> set[str]:
    return {name, *_NICKNAMES.get(name, "").split()}


def _forms(name: str) -> set[str]:
    """One word, with umlauts as vowels, and as ASCII writes them."""
    spelt = name.casefold().translate(_SPELT)
    return {"".join(_words(name)), "".join(_words(spelt))}


def _words(name: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    words = re.findall(r"\w+", letters.translate(_NO_SIGNS))
    full = [_ABBREVIATED.get(word, word) for word in words]
    kept = [word for word in full if word not in _SUFFIXES]
    # a family may be called V, but not one that has another name before it
    return kept[:-1] if len(kept) > 1 and kept[-1] == "v" else kept
