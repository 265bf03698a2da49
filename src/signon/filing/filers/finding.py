"""Finding whoever calls a court's help desk.

Whoever has a right, a registration or an old login at the court is found by login, name, number,
address or bar number. Of anybody else the desk learns nothing but what was begun at the court, and
that by an exact value only (`attempts`). Every search stands in the trail, and there is a bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, String, cast, or_, select

from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import BusyError, InputError
from signon.filing.callers import attempts
from signon.filing.callers.attempts import Attempts
from signon.filing.court.desk import Desk, Power
from signon.filing.filers import filer_lists
from signon.filing.filers.filer_lists import Search
from signon.filing.legacy_logins import legacy_lists
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.models import efile_registrations
from signon.filing.rights import filers
from signon.limits import counters
from signon.prepared import every
from signon.web.acts import Act

SEARCHES = "desk_searches"
"""Bucket: searches of one member of the staff."""
AN_HOUR = 120
HOUR = timedelta(hours=1)
SHORTEST, LONGEST = 2, 254
SHOWN = 20
TYPED = "desk_search"
"""Purpose of the MAC that stands in the trail for what was looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who may be meant: the court's people, its old logins that nobody has linked, and what was
    tried with exactly these words.
    """

    people: Sequence[Account]
    logins: Sequence[ListedLogin]
    attempts: Attempts


def find(unit: Unit, desk: Desk, typed: str) -> Found:
    """Raises InputError for too few or too many characters, BusyError over the bound."""
    words = " ".join(typed.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise InputError(f"Search for {SHORTEST} to {LONGEST} characters.", field="q")
    _count(unit, desk)
    people = _people(unit, desk, words)
    found = Found(people, _logins(unit, desk, words), attempts.of_value(unit, desk, words))
    trail.record(
        unit,
        Event.DESK_SEARCHED,
        actor=desk.actor,
        court_id=desk.court.id,
        source=desk.source,
        typed_mac=unit.ring.mac(TYPED, words.casefold().encode()).hex(),
        people=len(found.people),
        logins=len(found.logins),
        attempts=len(found.attempts.tried),
    )
    return found


FIND = Act("find", find, needs=Power.READ)
"""It changes nothing but the trail."""


def _count(unit: Unit, desk: Desk) -> None:
    counted = counters.hit(unit, SEARCHES, counters.key(desk.actor), window=HOUR)
    if counted.count > AN_HOUR:
        assert counted.ends_at is not None
        raise BusyError(
            f"That were {AN_HOUR} searches within an hour. Wait a little.",
            retry_after=max(1, round((counted.ends_at - unit.now).total_seconds())),
        )


def _people(unit: Unit, desk: Desk, words: str) -> list[Account]:
    """Filers and applicants, whoever is meant exactly first."""
    exact = [
        one for one in attempts.named(unit, words) if filers.is_known(unit, desk.court, one.id)
    ]
    holders = filer_lists.find(unit, desk.court, Search(words, limit=SHOWN))
    like = f"%{_escaped(words.casefold())}%"
    several = [*exact, *(one.account for one in holders), *_applicants(unit, desk.court.id, like)]
    return list({one.id: one for one in several}.values())[:SHOWN]


def _logins(unit: Unit, desk: Desk, words: str) -> list[ListedLogin]:
    """Those that are nobody's yet: of the others, whoever has them is found."""
    found = [
        *legacy_lists.of_bar_number(unit, desk.court, words),
        *legacy_lists.find(unit, desk.court, words=words, limit=SHOWN),
    ]
    return [one for one in {one.id: one for one in found}.values() if not one.account_number]


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in "\\%_" else one for one in text)


@every(account_of)
def _applicants(court_id: str, like: str) -> Select[Any]:
    """By name, username, number or what they have written of their bar."""
    sent = select(efile_registrations.c.account_id).where(
        efile_registrations.c.court_id == court_id,
        efile_registrations.c.submitted_at.is_not(None),
    )
    bars = sent.where(cast(efile_registrations.c.answers, String).ilike(like, escape="\\"))
    named = or_(
        accounts.c.name_key.like(like, escape="\\"),
        accounts.c.username_key.like(like, escape="\\"),
    )
    found = or_(accounts.c.id.in_(bars), accounts.c.id.in_(sent) & named)
    return select(*ACCOUNT_COLUMNS).where(found).order_by(accounts.c.number).limit(SHOWN)
