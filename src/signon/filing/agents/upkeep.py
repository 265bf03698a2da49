"""What becomes of pairs without anybody's act: imported ones find their people, others run out.

An imported pair stands between two legacy logins. Once both are linked it is known who is meant: both
are mailed, and after `OBJECTION` it holds, unless the principal has ended it. Looking every minute
finds that whichever way the logins were linked.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, Update, and_, select, update

from signon.accounts import directory
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import read_one
from signon.db import Database, Unit
from signon.filing.agents import ending, pairs, record
from signon.filing.agents.models import agent_pairs as table
from signon.filing.agents.pairs import LASTS, Pair, PairState, Side
from signon.filing.agents.record import PairStep
from signon.filing.models import rights
from signon.prepared import change, every, value, values

OBJECTION = timedelta(hours=24)
"""How long a principal may object to an imported pair before it holds."""
BATCH = 100
SAME = "Both logins are linked to one account."
OWN = "The pair was loaded by one of its two sides."
TWICE = "The same two people have another filing agency there."
OVER = "Its last day is over."
UNANSWERED = "It was not answered in time."


async def look(database: Database) -> int:
    """Answers how many pairs found their people or ran out."""
    done = 0
    for rule in (find_people, let_run_out):
        after: str | None = ""
        while after is not None:
            some, after = await database.write(rule, after)
            done += some
    return done


def find_people(unit: Unit, after: str) -> tuple[int, str | None]:
    """Imported pairs of which both logins are linked now."""
    rows = _linked(unit, after, BATCH)
    for row in rows:
        _join(unit, row)
    return len(rows), rows[-1].id if len(rows) == BATCH else None


def let_run_out(unit: Unit, after: str) -> tuple[int, str | None]:
    """Pairs whose last day is over, by their court's calendar, and offers that were left too long; no
    court is told of time passing.
    """
    rows = _over(unit, after, unit.now.date() + timedelta(days=1), unit.now - LASTS, BATCH)
    done = 0
    for pair_id in rows:
        pair = pairs.by_id(unit, pair_id)
        if pair.state(read_one(unit, pair.court_id), unit.now) is PairState.ENDED:
            told = OVER if pair.is_accepted else UNANSWERED
            done += ending.end_by_house(unit, pair, Side.TIME, told=told) is not None
    return done, rows[-1] if len(rows) == BATCH else None


def _join(unit: Unit, row: "_Linked") -> None:
    """It is a pair of two people from now on, or there can be none; while the principal's own offer to
    that person waits, it waits too.
    """
    agent = directory.by_id(unit, row.agent_id)
    assert agent is not None
    other = _other(unit, row.principal_id, agent.number, row.court_id)
    if other == PairState.OFFERED:
        return
    if refusal := TWICE if other else _refusal(row):
        ending.end_by_house(unit, pairs.by_id(unit, row.id), Side.IMPORT, told=refusal)
        return
    begins = unit.now + OBJECTION
    if _become(unit, row.id, row.principal_id, row.agent_id, agent.number, unit.now, begins) != 1:
        return
    pair = pairs.by_id(unit, row.id)
    after = {"state": PairState.ACTIVE.value, "active_from": begins.isoformat()}
    step = PairStep(Event.AGENT_LINKED, trail.SYSTEM, after=after)
    record.note(unit, pair, step, pair.principal, pair.agent)
    _tell(unit, pair)


def _tell(unit: Unit, pair: Pair) -> None:
    told = (
        "Account {agent} was a filing agent of account {principal} in the court’s own system, and is "
        "again in 24 hours, unless the principal ends it before."
    )
    court = read_one(unit, pair.court_id)
    record.tell(unit, court, pair, [pair.principal, pair.agent], told)


def _refusal(row: "_Linked") -> str:
    if row.principal_id == row.agent_id:
        return SAME
    return OWN if {row.principal_id, row.agent_id} & {row.imported_by, row.import_asked_by} else ""


class _Linked(NamedTuple):
    id: str
    court_id: str
    principal_id: str
    agent_id: str
    imported_by: str | None
    import_asked_by: str | None


_PRINCIPAL, _AGENT = rights.alias("principal_right"), rights.alias("agent_right")


@every(_Linked)
def _linked(after: str, limit: int) -> Select[str, str, str, str, str | None, str | None]:
    of_principal = and_(
        _PRINCIPAL.c.legacy_login_id == table.c.principal_login_id, _PRINCIPAL.c.ended_at.is_(None)
    )
    of_agent = and_(_AGENT.c.legacy_login_id == table.c.agent_login_id, _AGENT.c.ended_at.is_(None))
    return (
        select(
            table.c.id,
            table.c.court_id,
            _PRINCIPAL.c.account_id.label("principal_id"),
            _AGENT.c.account_id.label("agent_id"),
            table.c.imported_by,
            table.c.import_asked_by,
        )
        .join(_PRINCIPAL, of_principal)
        .join(_AGENT, of_agent)
        .where(table.c.state == PairState.WAITING.value, table.c.id > after)
        .order_by(table.c.id)
        .limit(limit)
    )


@change
def _become(
    pair_id: str,
    principal_id: str,
    agent_id: str,
    number: str,
    now: datetime,
    begins: datetime,
) -> Update:
    mine = update(table).where(table.c.id == pair_id, table.c.state == PairState.WAITING.value)
    return mine.values(
        state=PairState.ACTIVE.value,
        principal_id=principal_id,
        agent_id=agent_id,
        agent_number=number,
        handled_at=now,
        active_from=begins,
    )


@value
def _other(principal_id: str, agent_number: str, court_id: str) -> Select[str]:
    """The state of the open pair of these two, if there is one."""
    return select(table.c.state).where(
        table.c.principal_id == principal_id,
        table.c.agent_number == agent_number,
        table.c.court_id == court_id,
        table.c.ended_at.is_(None),
    )


@values
def _over(after: str, today: date, named_before: datetime, limit: int) -> Select[str]:
    is_over = (table.c.state == PairState.ACTIVE.value) & (table.c.ends_on < today)
    is_left = (table.c.state == PairState.OFFERED.value) & (table.c.created_at <= named_before)
    return (
        select(table.c.id)
        .where(table.c.ended_at.is_(None), is_over | is_left, table.c.id > after)
        .order_by(table.c.id)
        .limit(limit)
    )
