"""How the service stands, for the operators' first page: what needs them, and numbers over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signon.accounts import finding
from signon.accounts.directory import Account
from signon.audit import crowding, tallies, trail
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.registrations import backlog
from signon.jobs import loop
from signon.jobs.loop import Turn
from signon.operators import home
from signon.operators.home import Ending
from signon.operators.registers.record_lines import Line
from signon.outbox import events
from signon.outbox.events import Standing
from signon.tokens import readiness, stored_keys
from signon.tokens.stored_keys import KeyState, StoredKey
from signon.web import probes
from signon.web.charts import Chart, Series
from signon.web.dates import day_in_words

LATE = timedelta(minutes=10)
"""After its time something should have begun: workers ask once a minute at least."""
HOURS, DAYS = 24, 14
SHOWN = 50
SIGNED_IN = (Event.SIGN_IN_SUCCEEDED,)
REFUSED = (Event.SIGN_IN_REFUSED, Event.FACTOR_REFUSED)
ACCOUNTS = (Event.REGISTRATION_COMPLETED,)
E_FILING = (Event.REGISTRATION_SUBMITTED,)


@dataclass(frozen=True, slots=True)
class Health:
    """What the server says of itself. `troubles` are sentences: what is wrong, and what mends it."""

    troubles: Sequence[str]
    keys: Sequence[tuple[StoredKey, KeyState]]
    turns: Sequence[Turn]
    outbox: Standing
    records: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page: the server's health, what waits for people, what changed, two charts."""

    health: Health
    held: Sequence[Account]
    backlogs: Sequence[tuple[str, int, int]]
    """Of courts: the name, how many wait, and for how many days the oldest does."""
    waiting: int
    changed: Sequence[Line]
    ending: Sequence[Ending]
    sign_ins: Chart
    registrations: Chart


def overview(unit: Unit, courts: Mapping[str, Court]) -> Overview:
    """As things stand."""
    backlogs = [
        (courts[one.court_id].name, one.number, (unit.now - one.since).days)
        for one in backlog.of_courts(unit)
        if one.since and one.court_id in courts
    ]
    return Overview(
        health(unit),
        finding.waiting(unit, limit=SHOWN),
        backlogs,
        sum(number for _, number, _ in backlogs),
        home.changed(unit, courts),
        home.ending(unit, courts),
        _sign_ins(unit),
        _registrations(unit),
    )


def health(unit: Unit) -> Health:
    """What `/readyz` judges, the keys, the background's work, the outbox and the trail."""
    keys = [(key, key.state(unit.now)) for key in stored_keys.all_keys(unit)]
    turns = loop.turns(unit)
    outbox = events.standing(unit) or Standing(0, None, 0)
    ready = [probes.check_schema(unit), readiness.why_not_ready(unit)]
    troubles = [
        *(reason for reason in ready if reason),
        *_of_keys([key for key, _ in keys], unit.now),
        *_of_work(turns, outbox, unit.now),
    ]
    if crowding.look(unit).is_suspicious:
        troubles.append(
            "Nearly everything seems to come from one address: name the proxy in "
            "SIGNON_TRUSTED_PROXIES."
        )
    shown = [(key, state) for key, state in keys if state in {KeyState.ACTIVE, KeyState.NEXT}]
    return Health(troubles, shown, turns, outbox, trail.number(unit))


def _of_keys(keys: Sequence[StoredKey], now: datetime) -> list[str]:
    days = readiness.DUE_AFTER.days
    return [
        f"The {alg} key has signed for more than {days} days: rotate it with “signon keys rotate”."
        for alg in readiness.due(keys, now)
    ]


def _of_work(turns: Sequence[Turn], outbox: Standing, now: datetime) -> list[str]:
    found = [
        f"The job “{one.name}” failed at its last turn ({one.last_error}): the log says why."
        for one in turns
        if one.last_error
    ]
    if late := [one.name for one in turns if one.due_at < now - LATE]:
        found.append(f"No process does its background work: late is {', '.join(late)}.")
    if outbox.due_since and outbox.due_since < now - LATE:
        found.append("Mail and messages are late: no process delivers them.")
    if outbox.given_up:
        found.append(
            f"Given up after many tries: {outbox.given_up:,} of the mails and messages of the last "
            "30 days. The log says why: look for “delivery failed”."
        )
    return found


def _sign_ins(unit: Unit) -> Chart:
    """By hour of the last day, the one that runs now included."""
    last = unit.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    edges = [last - timedelta(hours=HOURS - place) for place in range(HOURS + 1)]
    found = tallies.tallied(unit, [*SIGNED_IN, *REFUSED], edges)
    return Chart(
        "Hour (UTC)",
        [f"{edge.hour % 12 or 12} {'AM' if edge.hour < 12 else 'PM'}" for edge in edges[:-1]],
        [
            Series("Signed in", "c2", tallies.summed(found, SIGNED_IN, HOURS)),
            Series("Wrong password or code", "c3", tallies.summed(found, REFUSED, HOURS)),
        ],
        named=4,
        is_stacked=True,
    )


def _registrations(unit: Unit) -> Chart:
    """By day of the last two weeks, today included."""
    last = unit.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    edges = [last - timedelta(days=DAYS - place) for place in range(DAYS + 1)]
    found = tallies.tallied(unit, [*ACCOUNTS, *E_FILING], edges)
    return Chart(
        "Day (UTC)",
        [day_in_words(edge).partition(",")[0] for edge in edges[:-1]],
        [
            Series("New accounts", "c1", tallies.summed(found, ACCOUNTS, DAYS)),
            Series("Registrations at courts", "c3", tallies.summed(found, E_FILING, DAYS)),
        ],
        named=3,
    )
