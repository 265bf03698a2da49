"""Finding whoever calls a court's help desk.

Whoever has a right, a registration or an old login at the court is found by login, name, number,
address or bar number. Of anybody else the desk learns nothing but what was begun at the court, and
that by an exact value only (`attempts`). Every search stands in the trail, and there is a bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, cast, or_, select

from signon.accounts import directory
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import accounts
from signon.db import Unit
from signon.errors import InputError
from signon.filing.callers import attempts
from signon.filing.callers.attempts import Attempts
from signon.filing.court import searches
from signon.filing.court.desk import Desk, Power
from signon.filing.filers import filer_lists
from signon.filing.filers.filer_lists import Search
from signon.filing.legacy_logins import legacy_lists
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.models import efile_registrations
from signon.filing.rights import filers
from signon.prepared import every
from signon.web.acts import Act

SHORTEST, LONGEST = 2, 254
SHOWN = 20


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
    searches.count(unit, desk)
    of_bar = legacy_lists.of_bar_number(unit, desk.court, words)
    people = _people(unit, desk, words, of_bar)
    found = Found(people, _logins(unit, desk, words, of_bar), attempts.of_value(unit, desk, words))
    searches.note(
        unit,
        desk,
        words,
        people=len(found.people),
        logins=len(found.logins),
        attempts=len(found.attempts.tried),
    )
    return found


FIND = Act("find", find, needs=Power.READ)
"""It changes nothing but the trail."""


def _people(unit: Unit, desk: Desk, words: str, of_bar: Sequence[ListedLogin]) -> list[Account]:
    """Filers and applicants, whoever is meant exactly first."""
    by_bar = [directory.by_number(unit, one.account_number) for one in of_bar if one.account_number]
    exact = [
        one for one in attempts.named(unit, words) if filers.is_known(unit, desk.court, one.id)
    ]
    holders = filer_lists.find(unit, desk.court, Search(words, limit=SHOWN))
    like = f"%{_escaped(words.casefold())}%"
    several = [
        *exact,
        *(one for one in by_bar if one),
        *(one.account for one in holders),
        *_applicants(unit, desk.court.id, like),
    ]
    return list({one.id: one for one in several}.values())[:SHOWN]


def _logins(unit: Unit, desk: Desk, words: str, of_bar: Sequence[ListedLogin]) -> list[ListedLogin]:
    """Those that are nobody's yet: of the others, whoever has them is found."""
    found = [*of_bar, *legacy_lists.find(unit, desk.court, words=words, limit=SHOWN)]
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
