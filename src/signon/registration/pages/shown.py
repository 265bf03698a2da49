"""What was entered, in the form in which people write it."""

from datetime import date
from typing import Any

from signon.accounts import entries
from signon.accounts.entries import Entered
from signon.accounts.places import country_name
from signon.web.dates import day_in_words

BLANK = {
    **dict.fromkeys((*entries.ABOUT, *entries.ADDRESS, *entries.USERNAME), ""),
    "country": "US",
    "user_type": "individual",
}
"""What the fields hold before anybody types."""


def values(entered: Entered) -> dict[str, Any]:
    """Every field, a kept date as it is typed; and what is read rather in words.

    What is no date stays as it is.
    """
    filled = {**BLANK, **entered}
    filled["country"] = country_name(filled["country"]) or ""
    try:
        born = date.fromisoformat(filled.get("date_of_birth", ""))
    except ValueError:
        return {"entered": filled, "in_words": {}}
    typed = f"{born.month}/{born.day}/{born.year}"
    in_words = {"born": day_in_words(born), "country": country_name(filled["country"])}
    return {"entered": {**filled, "date_of_birth": typed}, "in_words": in_words}
