"""Where people live: the states by the names that people know."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

STATES_OF_THE_US = {
    "AK": "Alaska",
    "AL": "Alabama",
    "AR": "Arkansas",
    "AS": "American Samoa",
    "AZ": "Arizona",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DC": "District of Columbia",
    "DE": "Delaware",
    "FL": "Florida",
    "GA": "Georgia",
    "GU": "Guam",
    "HI": "Hawaii",
    "IA": "Iowa",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "MA": "Massachusetts",
    "MD": "Maryland",
    "ME": "Maine",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MO": "Missouri",
    "MP": "Northern Mariana Islands",
    "MS": "Mississippi",
    "MT": "Montana",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "NE": "Nebraska",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NV": "Nevada",
    "NY": "New York",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "PR": "Puerto Rico",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VA": "Virginia",
    "VI": "Virgin Islands",
    "VT": "Vermont",
    "WA": "Washington",
    "WI": "Wisconsin",
    "WV": "West Virginia",
    "WY": "Wyoming",
}
"""States, the District of Columbia and the territories."""
MILITARY = {"AA", "AE", "AP"}
"""Post offices of the armed forces stand where a state does."""
ALSO = {
    "usa": "US",
    "united states of america": "US",
    "america": "US",
    "united kingdom": "GB",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "south korea": "KR",
    "north korea": "KP",
    "czechia": "CZ",
}
"""Names that the list has in other words."""


def country_code(text: str) -> str | None:
    """The two letters of a country that is written in two letters or by its name, or None."""
    tidy = " ".join(text.replace(".", "").split())
    if len(tidy) == 2 and tidy.upper() in countries():
        return tidy.upper()
    return _codes().get(tidy.casefold())


def country_name(code: str | None) -> str | None:
    """What people call it; a code that nobody knows is its own name."""
    return countries().get(code, code) if code else None


@cache
def countries() -> Mapping[str, str]:
    """ISO 3166-1's two letters, with the names of the time zone database."""
    text = (resources.files("tzdata.zoneinfo") / "iso3166.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return dict(lines)


@cache
def _codes() -> Mapping[str, str]:
    names = {name.casefold(): code for code, name in countries().items()}
    return {**names, **ALSO}
