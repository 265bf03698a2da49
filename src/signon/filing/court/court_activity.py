"""What happened at a court, from the audit trail, for its own staff: who, what, about whom.

Only what the court did and what concerns its rights: nobody's sign-ins, no addresses of machines.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from signon.accounts.models import accounts
from signon.audit import activity, trail
from signon.audit.activity import NEWEST, AtCourt
from signon.clients import registry
from signon.db import Unit
from signon.filing.court import event_words
from signon.filing.court.desk import Desk
from signon.filing.court.event_words import EventWords

OF_LOGIN = timedelta(days=30)
"""How far back one login's story goes."""


NOBODY = {trail.SYSTEM: "the service itself", trail.COMMAND_LINE: "the command line"}
"""Who did what no account did."""


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One event. `actor`, `about`, `client` and `reason` are for people, empty where there is none."""

    seq: int
    at: datetime
    told: EventWords
    actor: str
    about: str
    reason: str
    client: str = ""


def lines(
    unit: Unit, desk: Desk, *, account_id: str = "", before: int = NEWEST, limit: int = 50
) -> list[ActivityLine]:
    """At most `limit` events at the court with a `seq` below `before`, newest first; with an
    `account_id` those about one account, its sign-ins on the way there too.
    """
    rows = activity.of_court(unit, desk.court.id, account_id=account_id, before=before, limit=limit)
    return _shown(unit, rows)


def of_login(unit: Unit, desk: Desk, login_id: str, *, limit: int = 20) -> list[ActivityLine]:
    """What was tried with one legacy login of the court lately, and done about it."""
    since = unit.now - OF_LOGIN
    return _shown(unit, activity.naming(unit, desk.court.id, login_id, since=since, limit=limit))


def _shown(unit: Unit, rows: Sequence[AtCourt]) -> list[ActivityLine]:
    ids = {row.actor for row in rows} | {row.account_id for row in rows if row.account_id}
    named = {row.client_id for row in rows if row.client_id}
    people = _people(unit, ids)
    programs = registry.names(unit, (ids - people.keys()) | named)
    return [
        ActivityLine(
            seq=row.seq,
            at=row.at,
            told=event_words.told(row.event),
            actor=_name(row.actor, people, programs),
            about=_name(row.account_id, people, programs) if row.account_id else "",
            reason=event_words.reason(row.event, row.reason, row.detail),
            client=programs.get(row.client_id or "", ""),
        )
        for row in rows
    ]


def _name(one: str, people: Mapping[str, str], programs: Mapping[str, str]) -> str:
    if one in people:
        return people[one]
    return programs.get(one) or NOBODY.get(one, one)


def _people(unit: Unit, ids: Collection[str]) -> dict[str, str]:
    """Usernames, by the accounts' ids."""
    # a list of any length
    statement = select(accounts.c.id, accounts.c.username)
    rows = unit.execute(statement.where(accounts.c.id.in_(ids))).all() if ids else []
    return {row.id: row.username for row in rows}
