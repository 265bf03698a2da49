"""Events of the audit trail as operators read them: what, who, about what, at which court."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from signon.accounts import directory
from signon.audit.events import Event
from signon.audit.searching import Found
from signon.courts.registry import Court
from signon.db import Unit

EVENTS = [
    ("", "Everything"),
    *((one.value, one.name.replace("_", " ").capitalize()) for one in Event),
]
"""By names that people read; the trail's own are not for them."""
NAMES = {value: name for value, name in EVENTS if value}
NOBODY = {
    "system": "The service itself",
    "command_line": "The command line",
    "demo": "The demonstration",
}


class Line(NamedTuple):
    """An event of the trail, in words. `source` is the part of the service that it comes from."""

    at: datetime
    source: str
    what: str
    who: str
    about: str
    court: str
    why: str


def within(who: str) -> str:
    """Who did it, in the middle of a sentence."""
    return who[0].lower() + who[1:] if who in NOBODY.values() else who


def of(unit: Unit, found: Iterable[Found], courts: Mapping[str, Court]) -> list[Line]:
    """Each event in its place."""
    names: dict[str, str] = dict(NOBODY)
    return [_line(unit, one, courts, names) for one in found]


def _line(unit: Unit, one: Found, courts: Mapping[str, Court], names: dict[str, str]) -> Line:
    return Line(
        one.at,
        one.event.partition(":")[0],
        NAMES.get(one.event, "Something that this version does not know"),
        _name(unit, one.actor, names),
        _name(unit, one.account_id, names) if one.account_id else one.client_id or "",
        courts[one.court_id].name if one.court_id and one.court_id in courts else "",
        (one.reason or "").replace("_", " "),
    )


def _name(unit: Unit, identity: str, names: dict[str, str]) -> str:
    """Whose it is: an account by its number and username, a client by its id."""
    if identity not in names:
        account = directory.by_id(unit, identity)
        names[identity] = f"{account.username} ({account.number})" if account else identity
    return names[identity]
