"""A rehearsal: a copy of a court with invented people, at which its day is played through.

It is a court like any other, live by the same clock and the same rules. What keeps it apart: its
name, its people's addresses (`notices.rehearsals`), and that they open nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from signon.audit import trail
from signon.audit.events import Event
from signon.courts import addresses, go_live, rehearsals
from signon.courts.registry import Court, read_one
from signon.db import Database, Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.court.court_policy import offered_roles
from signon.filing.cutover import casting, desk, removing
from signon.filing.cutover.casting import Player
from signon.filing.cutover.checks import TRAIN
from signon.filing.cutover.states import LoginState
from signon.filing.models import legacy_logins as logins
from signon.prepared import values

PEOPLE, MOST = 200, 20_000
"""How many are invented unless it is said, and at most."""
LONGEST_ID = 16
_IN = re.compile(r"\+([0-9]{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to invent at which court, and when it goes live."""

    source: Court
    court_id: str
    moment: datetime
    people: Sequence[Player]

    @property
    def shares(self) -> dict[LoginState, int]:
        """How many in each state."""
        return {state: sum(one.state is state for one in self.people) for state in LoginState}


def moment_of(text: str, court: Court, now: datetime) -> datetime:
    """`+1h`, `+30m`, `+2d`, or the court's local time. Raises InputError."""
    if found := _IN.fullmatch(text):
        return now + timedelta(**{_UNITS[found[2]]: int(found[1])})
    moment = go_live.moment_of(go_live.announced(text), court.time_zone).moment
    assert moment is not None
    return moment


def plan(unit: Unit, source_id: str, when: str, people: int = PEOPLE) -> Plan:
    """Look at the court as its desk shows it; more people than it has logins are not invented.

    Raises NotFoundError, InputError, RefusedError (`is_a_rehearsal`, `no_list`).
    """
    found = desk.of(unit, source_id)
    source = found.court
    if source.rehearsal_of:
        raise RefusedError("is_a_rehearsal", f"{source.id} is a rehearsal: name the court itself.")
    court_id = train_of(source.id)
    if not 1 <= people <= MOST:
        raise InputError(f"From 1 to {MOST:,} people can be invented.", field="people")
    known = sum(found.standings.values())
    if not known:
        raise RefusedError(
            "no_list",
            f"{source.id} has no legacy logins, so there is nothing to rehearse.",
            "Load its list first: `signon ecf import`.",
        )
    number = min(people, known)
    roles = _roles(unit, source.id, number)
    invented = list(casting.cast(court_id, found, [one or _usual(source) for one in roles], number))
    return Plan(source, court_id, moment_of(when, source, unit.now), invented)


def train_of(court_id: str) -> str:
    """The id of a court's rehearsal. Raises InputError."""
    if len(court_id) + len(TRAIN) > LONGEST_ID:
        raise InputError(f"The id {court_id} is too long for a rehearsal’s.", field="court")
    return f"{court_id.lower()}{TRAIN}"


def require(unit: Unit, court_id: str) -> Court:
    """The rehearsal of that court. Raises NotFoundError, RefusedError (`not_a_rehearsal`)."""
    court = read_one(unit, train_of(court_id))
    if court.rehearsal_of is None:
        raise RefusedError(
            "not_a_rehearsal",
            f"{court.id} is in the registry as a court of its own: it is left as it is.",
        )
    return court


def is_there(unit: Unit, court_id: str) -> bool:
    """Whether the court has a rehearsal. Raises RefusedError (`not_a_rehearsal`)."""
    try:
        require(unit, court_id)
    except NotFoundError:
        return False
    return True


def stage(unit: Unit, plan: Plan, cmecf_url: str | None = None) -> Court:
    """Make the court, or bring it up to date: settings, policy, staff and the day."""
    row = _row(plan, cmecf_url or addresses.cmecf_url(plan.court_id))
    rehearsals.keep(unit, row)
    rehearsals.copy_staff(unit, plan.court_id, plan.source.id)
    trail.record(
        unit,
        Event.COURT_REHEARSED,
        actor=trail.COMMAND_LINE,
        court_id=plan.court_id,
        people=len(plan.people),
    )
    return read_one(unit, plan.court_id)


def clear(database: Database, court: Court, *, whole: bool = False) -> int:
    """Take its people away and what happened there, `whole` the court too; answers how many went."""
    gone = 0
    while True:
        with database.writing() as unit:
            some = removing.some_people(unit, court.id)
        gone += some
        if not some:
            break
    with database.writing() as unit:
        (removing.the_court if whole else removing.what_happened)(unit, court.id)
        if whole:
            event = Event.REHEARSAL_REMOVED
            trail.record(unit, event, actor=trail.COMMAND_LINE, court_id=court.id, people=gone)
    return gone


# ── The court ────────────────────────────────────────────────────────────────


def _row(plan: Plan, cmecf_url: str) -> dict[str, Any]:
    """The ids of the registry's other systems have no rehearsals: the court's own stands for them."""
    source = plan.source
    same = ("type", "circuit", "state", "time_zone")
    return {
        "id": plan.court_id,
        "psc_id": plan.court_id,
        "pcl_id": plan.court_id,
        "name": source.name,
        **{name: getattr(source, name) for name in same},
        "cmecf_url": cmecf_url,
        "go_live": plan.moment.astimezone(UTC),
        "go_live_is_set": True,
        "rehearsal_of": source.id,
    }


def _usual(court: Court) -> list[str]:
    return [role.value for role in offered_roles(court)[:1]]


@values
def _roles(court_id: str, limit: int) -> Select[list[str]]:
    found = select(logins.c.roles).where(logins.c.court_id == court_id)
    return found.order_by(logins.c.id).limit(limit)
