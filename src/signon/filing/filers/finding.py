"""Finding whoever calls a court's help desk.

Whoever has a right, a registration or an old login at the court is found by login, name, number,
address or bar number. Of anybody else the desk learns nothing but what was begun at the court, and
that by an exact value only (`attempts`). Every search stands in the trail, and there is a bound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from signon.accounts import directory
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.found_by import at_court
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
from signon.filing.registrations import found_by
from signon.filing.rights import filers
from signon.searching import ranges
from signon.searching.ranges import Source
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
    several = [*exact, *(one for one in by_bar if one), *(one.row.account for one in holders)]
    found = {one.id: one for one in several}
    if len(found) < SHOWN:
        # beside so many filers nobody who has only applied is shown
        found |= {one.id: one for one in _applicants(unit, desk.court.id, words)}
    return list(found.values())[:SHOWN]


def _logins(unit: Unit, desk: Desk, words: str, of_bar: Sequence[ListedLogin]) -> list[ListedLogin]:
    """Those that are nobody's yet: of the others, whoever has them is found."""
    listed = legacy_lists.find(unit, desk.court, words=words, limit=SHOWN)
    found = [*of_bar, *(one.row for one in listed)]
    return [one for one in {one.id: one for one in found}.values() if not one.account_number]


def _applicants(unit: Unit, court_id: str, words: str) -> list[Account]:
    """By name, or by what they have written of their bar; few have only applied."""
    load = partial(_load, unit, court_id)
    bar = found_by.bar_key(words)
    sources = [
        *([Source(found_by.bars_at(court_id), [bar], load)] if bar else ()),
        *ranges.named(at_court(court_id), words, load),
    ]
    try:
        return [one.row for one in ranges.page(unit, sources, after="", limit=SHOWN)]
    except InputError:
        return []  # too many are filers, and those are found already


def _load(unit: Unit, court_id: str, ids: Sequence[str]) -> Mapping[str, Account]:
    sent = select(efile_registrations.c.account_id).where(
        efile_registrations.c.court_id == court_id,
        efile_registrations.c.account_id.in_(ids),
        efile_registrations.c.submitted_at.is_not(None),
    )
    # a list of any length
    rows = unit.execute(select(*ACCOUNT_COLUMNS).where(accounts.c.id.in_(sent)))
    return {one.id: one for one in (account_of(*row) for row in rows)}
