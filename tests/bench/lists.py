"""Every list, search and count, and every job, at national size: its CPU, and its plan where it
reads more than it shows.

`make bench ARGS="--accounts 2000000 --rights 3000000 [--database sqlite]"`
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from signon import config
from signon.accounts import directory, finding
from signon.accounts.models import AccountStatus, SearchStatus
from signon.audit import searching
from signon.audit.searching import Wanted as EventsWanted
from signon.courts.registry import Court, read_all, read_one
from signon.db import Database, Unit
from signon.errors import InputError
from signon.filing.agents import pairs
from signon.filing.certificates import certificate_lists
from signon.filing.court import court_activity, waiting
from signon.filing.court.desk import EVERY, Desk
from signon.filing.cutover import desk as desks
from signon.filing.cutover import listing, today
from signon.filing.cutover.listing import LoginOrder, Wanted
from signon.filing.filers import filer_lists
from signon.filing.filers import finding as desk_finding
from signon.filing.filers.filer_lists import Search
from signon.filing.legacy_logins import legacy_lists
from signon.filing.overview import figures
from signon.filing.registrations import queue, registration_lists
from signon.filing.registrations.registration_lists import Order, QueueSearch
from signon.filing.registrations.registrations import State
from signon.firms import activity as firm_activity
from signon.firms import directory as firms
from signon.firms import figures as firm_figures
from signon.firms import invitation_list, members
from signon.firms.access import ActedAs, Authority
from signon.firms.members import MembersWanted
from signon.firms.models import InvitationStatus
from signon.operators import health
from tests.bench.nation import BUSIEST, FIRM_ID, NOW, name
from tests.bench.plans import Plans

LIMIT_MS = 50
SHOWN = 51
MOST_TIMES = 10
ENOUGH_SECONDS = 0.15
"""Of CPU: the kernel counts it in hundredths of a second."""

Rule = Callable[[Unit], Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """A list's CPU in milliseconds, this process and PostgreSQL together, and dear plans."""

    name: str
    cpu_ms: float
    rows: int
    plans: list[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the lists are looked at from."""

    court: Court
    desk: Desk
    firm: Authority
    courts: Mapping[str, Court]


def measure(database: Database, settings: config.Settings, only: str = "") -> Iterator[Measured]:
    """All of them, in their order, as they are measured."""
    with database.reading() as unit:
        place = _place(unit, settings)
    for title, rule in rules(place).items():
        if only in title:
            yield _measured(database, title, rule)


def _place(unit: Unit, settings: config.Settings) -> Place:
    court = read_one(unit, BUSIEST)
    desk = Desk(court, "clerk", EVERY, settings)
    firm = firms.by_id(unit, FIRM_ID)
    authority = Authority(firm, FIRM_ID, ActedAs.ADMINISTRATOR, proved_recently=True)
    return Place(court, desk, authority, read_all(unit))


def rules(at: Place) -> dict[str, Rule]:
    """Each list by the name in the table."""
    return _of_operators(at) | _of_court(at) | _of_cutover(at) | _of_firm(at)


def _of_operators(at: Place) -> dict[str, Rule]:
    first, last = name(4711)

    def find(words: str) -> Rule:
        return lambda unit: finding.find(unit, words, limit=SHOWN)

    def look(**wanted: Any) -> Rule:
        return lambda unit: searching.find(unit, EventsWanted(**wanted), limit=SHOWN)

    return {
        "accounts, by number": lambda unit: directory.listed(unit, limit=SHOWN),
        "accounts, disabled": lambda unit: directory.listed(
            unit, status=AccountStatus.DISABLED, limit=SHOWN
        ),
        "accounts, in review": lambda unit: finding.waiting(unit, limit=SHOWN),
        "accounts, whole name": find(f"{first} {last}"),
        "accounts, part of a last name": find(last[:5]),
        "accounts, two letters": find(last[:2]),
        "accounts, a name half of all have": find("pat"),
        "accounts, both names begun": find(f"{first[:2]} {last[:4]}"),
        "accounts, last name first": find(f"{last}, {first}"),
        "accounts, beginning of a username": find(f"{first[0]}{last}.47"),
        "accounts, beginning of an address": find(f"{first[0]}{last}.4711@exa"),
        "accounts, nobody": find("zzyzx"),
        "audit, newest": look(),
        "audit, of an account": look(account_id=FIRM_ID),
        "audit, of a rare event": look(event="clients:secret:rotated"),
        "audit, by the beginning of an event": look(event="clients:"),
        "audit, of a client": look(client_id="nobody"),
        "audit, of a person and an event": look(account_id=FIRM_ID, event="filing:"),
        "audit, since an hour": look(since=NOW - timedelta(hours=1), event="clients:"),
        "overview of the service": lambda unit: health.overview(unit, at.courts),
    }


def _of_court(at: Place) -> dict[str, Rule]:
    first, last = name(4711)
    court, desk = at.court, at.desk

    def filers(words: str = "", **more: str) -> Rule:
        return lambda unit: filer_lists.find(unit, court, Search(words, limit=SHOWN, **more))

    def logins(words: str) -> Rule:
        return lambda unit: legacy_lists.find(unit, court, words=words, limit=SHOWN)

    def registered(**wanted: Any) -> Rule:
        return lambda unit: registration_lists.find(unit, desk, QueueSearch(limit=SHOWN, **wanted))

    def meant(words: str) -> Rule:
        def rule(unit: Unit) -> object:
            of_bar = legacy_lists.of_bar_number(unit, court, words)
            people = desk_finding._people(unit, desk, words, of_bar)
            return people, desk_finding._logins(unit, desk, words, of_bar)

        return rule

    return {
        "filers": filers(),
        "filers, suspended": filers(status="suspended"),
        "filers, pending": filers(status="pending"),
        "filers, active": filers(status="active"),
        "filers, a role of few": filers(role="mediator"),
        "filers, a role of nobody": filers(role="auditor"),
        "filers, by number": filers("1000000"),
        "filers, by login": filers(f"{first[0]}{last}4711"),
        "filers, part of a last name": filers(last[:5]),
        "filers, a name half of all have": filers("pat"),
        "filers, both names begun": filers(f"{first[:2]} {last[:4]}"),
        "filers, nobody": filers("zzyzx"),
        "filers, suspended, of a name half have": filers("pat", status="suspended"),
        "legacy logins": logins(""),
        "legacy logins, part of a last name": logins(last[:5]),
        "legacy logins, a name half of all have": logins("pat"),
        "legacy logins, nobody": logins("zzyzx"),
        "registrations": registered(),
        "registrations, approved, newest": registered(state=State.APPROVED, order=Order.NEWEST),
        "registrations, by name": registered(words=last[:5]),
        "registrations, approved, by name": registered(state=State.APPROVED, words=last[:5]),
        "registrations, nobody": registered(state=State.APPROVED, words="zzyzx"),
        "registrations, a kind of few": registered(state=State.APPROVED, kind="pro_hac_vice"),
        "registrations, counts": lambda unit: queue.tallies(unit, desk),
        "certificates": lambda unit: certificate_lists.find(unit, court, limit=SHOWN),
        "agents": lambda unit: pairs.of_court(unit, court, limit=SHOWN),
        "agents, part of a name": lambda unit: pairs.of_court(
            unit, court, words=last[:5], limit=SHOWN
        ),
        "agents, nobody": lambda unit: pairs.of_court(unit, court, words="zzyzx", limit=SHOWN),
        "activity": lambda unit: court_activity.lines(unit, desk, limit=SHOWN),
        "the desk's find, part of a name": meant(last[:5]),
        "the desk's find, a name half have": meant("pat"),
        "the desk's find, a bar number": meant("004711"),
        "the desk's find, nobody": meant("zzyzx"),
        "overview of the court": lambda unit: figures.of(unit, desk),
        "what waits at the court": lambda unit: waiting.at(unit, court.id),
    }


def _of_cutover(at: Place) -> dict[str, Rule]:
    _, last = name(4711)

    def logins(**wanted: Any) -> Rule:
        return lambda unit: listing.find(unit, at.court.id, Wanted(limit=SHOWN, **wanted))

    return {
        "cutover": logins(),
        "cutover, by name": logins(order=LoginOrder.NAME),
        "cutover, linked": logins(standing="linked"),
        "cutover, prepared": logins(standing="prepared"),
        "cutover, prepared, by name": logins(standing="prepared", order=LoginOrder.NAME),
        "cutover, unusable": logins(standing="unusable"),
        "cutover, not prepared": logins(standing="not_prepared"),
        "cutover, part of a last name": logins(words=last[:5]),
        "cutover, nobody": logins(words="zzyzx"),
        "cutover, a name half have": logins(words="pat"),
        "cutover, the desk": lambda unit: desks.of(unit, at.court.id),
        "cutover, the day": lambda unit: today.of(unit, at.court),
    }


def _of_firm(at: Place) -> dict[str, Rule]:
    def listed(**wanted: Any) -> Rule:
        return lambda unit: members.listed(unit, at.firm, MembersWanted(**wanted), SHOWN)

    def invited(**wanted: Any) -> Rule:
        return lambda unit: invitation_list.listed(unit, at.firm, limit=SHOWN, **wanted)

    return {
        "members": listed(),
        "members, beginning of a name": listed(q="sm"),
        "members, inactive": listed(search_status=SearchStatus.INACTIVE),
        "invitations": invited(),
        "invitations, declined": invited(status=InvitationStatus.DECLINED),
        "invitations, nobody": invited(q="zzyzx"),
        "invitations, counts": lambda unit: invitation_list.counts(unit, at.firm),
        "firm's activity": lambda unit: firm_activity.listed(unit, at.firm, limit=SHOWN),
        "overview of the firm": lambda unit: firm_figures.of(unit, at.firm),
    }


# ── Measuring ────────────────────────────────────────────────────────────────


def _answer(rule: Rule) -> Rule:
    """A list that wants more to be typed has answered."""

    def answer(unit: Unit) -> object:
        try:
            return rule(unit)
        except InputError:
            return []

    return answer


def _measured(database: Database, title: str, listed: Rule) -> Measured:
    rule = _answer(listed)
    try:
        with database.reading() as unit, Plans(unit) as plans:
            found = rule(unit)
    except Exception as error:  # noqa: BLE001 - a list that fails is a result too
        return Measured(f"{title}: {type(error).__name__}", float("nan"), 0, [str(error)[:300]])
    cpu, times = 0.0, 0
    with database.reading() as unit:
        rule(unit)  # warm
        began = spent(unit)
        while times < MOST_TIMES and (times == 0 or cpu < ENOUGH_SECONDS):
            rule(unit)
            times += 1
            cpu = spent(unit) - began
    shown: Any = getattr(found, "lines", found)
    rows = len(shown) if hasattr(shown, "__len__") else 1
    return Measured(title, round(cpu * 1000 / times, 1), rows, plans.dear(rows))


def spent(unit: Unit) -> float:
    """CPU seconds of this process and of the one of PostgreSQL that serves the unit."""
    own = time.process_time()
    if unit.dialect == "sqlite":
        return own
    wire: Any = unit.connection.connection.dbapi_connection
    fields = Path(f"/proc/{wire.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return own + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
