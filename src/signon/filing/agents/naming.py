"""A principal names an agent by account number and last name.

As with firms' invitations nothing is looked up before the answer has gone out: a right name, a wrong
one and an account that can be no agent do the same work and get the same answer. Who is meant is
found afterwards (`deliver`), and is told by mail; the principal hears of it only when they accept.
"""

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import Field
from sqlalchemy import Select, Update, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import ids
from signon.accounts import directory, plain_words
from signon.accounts.directory import email_key
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.db import Database, Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.agents import bounds, pairs, party, record
from signon.filing.agents.bounds import BoundColumns, Bounds, BoundsAsked, may_be_principal
from signon.filing.agents.models import agent_pairs as table
from signon.filing.agents.pairs import LASTS, Pair, PairState, Person, Side
from signon.filing.agents.party import Party
from signon.filing.agents.record import PairStep
from signon.filing.rights import filing_status, training
from signon.filing.rights.filing_status import FilingStatus
from signon.filing.roles import Role
from signon.limits import counters
from signon.outbox import events
from signon.outbox.events import Due, Handler
from signon.prepared import change, one, value
from signon.signin.acting import Needs
from signon.web.acts import Act

NO_PRINCIPAL = "no_principal"
NAMED = "agents:named"
"""Kind of the outbox event of somebody who was named."""
DAY = timedelta(days=1)
NAMED_A_DAY = 20
"""Agents whom one principal names."""
MAILED_A_DAY = 10
"""Mails of this kind to one address, by whatever principals."""
_NUMBER = re.compile("[0-9]{7}")


class NewAgent(BoundsAsked):
    """Whom to name, for which court, within which bounds."""

    court: str = Field(examples=["casb"])
    """The court’s id."""
    account_number: str = Field(examples=["1000001"])
    """Number of the agent’s PACER account."""
    last_name: str = Field(examples=["Agent"])
    """The agent’s last name."""


def name(unit: Unit, who: Party, wanted: NewAgent) -> Pair:
    """Name somebody. The answer does not tell whether there is such an account.

    Raises InputError, RefusedError: `frozen`, `court_has_no_agents`,
    `court_not_live`, `no_principal`, `own_account`, `permission_not_held`, `already_named`,
    `too_many_agents`.
    """
    who.require_unfrozen()
    court = _court(unit, wanted)
    number, last_name = _person_of(wanted)
    within = _bounds(unit, who, court, wanted)
    if number == who.account.number:
        raise RefusedError("own_account", "You cannot be your own filing agent.")
    _count(unit, who)
    _let_go(unit, who.account.id, court.id, number, unit.now - LASTS, unit.now)
    new = _New(ids.new_id(), court.id, who.account.id, number, last_name, unit.now)
    made = _name(unit, new, within.columns())
    if made is None:
        raise RefusedError(
            "already_named", "You have named this person there already: change the bounds instead."
        )
    pair = pairs.by_id(unit, made)
    events.put(unit, NAMED, {"pair": made}, lane=NAMED)
    step = PairStep(Event.AGENT_NAMED, who.account.id, after=within.told(), source=who.source)
    record.note_own(unit, who, pair, record.note(unit, pair, step, pair.principal))
    return pair


def require_principal(unit: Unit, account_id: str, court: Court) -> FilingStatus:
    """How a principal stands at the court. Raises RefusedError (`no_principal`)."""
    status = filing_status.find(unit, account_id, court)
    if may_be_principal(status):
        return status
    if Role.FILING_AGENT in status.roles:
        told = "A filing agent files for others and can have no filing agents."
    elif status.roles:
        told = f"Your role at {court.name} is one for which nobody else may file."
    else:
        told = f"You have no filing right in force at {court.name}, so nobody can file for you."
    raise RefusedError(NO_PRINCIPAL, told)


def require_standing(unit: Unit, principal: Person, court: Court) -> None:
    """The same for whoever is to file for them. Raises RefusedError (`no_principal`)."""
    if not may_be_principal(filing_status.find(unit, principal.id, court)):
        raise RefusedError(
            NO_PRINCIPAL,
            f"{principal.name} has no filing right in force at {court.name} at present.",
        )


NAME = Act(
    "named",
    name,
    needs=Needs.FRESH,
    done="Number and name are on their way: if they are right, that person is asked by mail.",
)


class Naming:
    """The outbox's handler of those who were named."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of event."""
        return {NAMED: self.deliver}

    async def deliver(self, due: Due) -> None:
        """Find who is meant, and mail them."""
        await self._database.write(deliver, due.payload["pair"])


def deliver(unit: Unit, pair_id: str) -> None:
    """Whoever has that number and that last name is asked; where nobody has, nothing goes out."""
    found = _waiting(unit, pair_id)
    if found is None:
        return
    number, last_name, court_id = found
    person = directory.by_number(unit, number)
    if person is None or not person.is_active or _plain(person.last_name) != _plain(last_name):
        _handle(unit, pair_id, None, unit.now)
        return
    _handle(unit, pair_id, person.id, unit.now)
    counted = counters.key(email_key(person.email))
    if counters.hit(unit, NAMED, counted, window=DAY).count > MAILED_A_DAY:
        return  # a mailbox is not theirs to fill; it stands on the person's page all the same
    pair = pairs.by_id(unit, pair_id)
    what = "Account {principal} asks you to file for it as a filing agent."
    record.tell(unit, read_one(unit, court_id), pair, [pair.agent], what)


def _court(unit: Unit, wanted: NewAgent) -> Court:
    try:
        return party.court_of(unit, wanted.court)
    except NotFoundError:
        raise InputError("Choose one of the courts, by its id.", field="court") from None


def _bounds(unit: Unit, who: Party, court: Court, asked: BoundsAsked) -> Bounds:
    status = require_principal(unit, who.account.id, court)
    return bounds.checked(asked, status, court, training.today(court, unit.now))


def _person_of(wanted: NewAgent) -> tuple[str, str]:
    number, last_name = wanted.account_number.strip(), " ".join(wanted.last_name.split())
    if not _NUMBER.fullmatch(number):
        raise InputError("Enter the account number: seven digits.", field="account_number")
    if not 0 < len(last_name) <= 100 or not last_name.isprintable():
        raise InputError("Enter the person’s last name.", field="last_name")
    if wrong := plain_words.problem(last_name):
        raise InputError(f"The last name {wrong}.", field="last_name")
    return number, last_name


def _count(unit: Unit, who: Party) -> None:
    counted = counters.key(f"names {who.account.id}")
    if counters.hit(unit, NAMED, counted, window=DAY).count > NAMED_A_DAY:
        raise RefusedError(
            "too_many_agents", f"You named {NAMED_A_DAY} people today: go on tomorrow."
        )


def _plain(last_name: str | None) -> str:
    return " ".join((last_name or "").casefold().split())


class _New(NamedTuple):
    id: str
    court_id: str
    principal_id: str
    agent_number: str
    agent_last_name: str
    created_at: datetime


@value
def _name(new: _New, within: BoundColumns) -> ReturningInsert[str]:
    values = {**new._asdict(), **within._asdict(), "state": PairState.OFFERED.value, "version": 1}
    return insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)


@change
def _let_go(
    principal_id: str, court_id: str, number: str, before: datetime, now: datetime
) -> Update:
    """An offer that was left too long, or silently declined, makes way for another."""
    over = (table.c.state == PairState.OFFERED.value) & (table.c.created_at <= before)
    return (
        update(table)
        .where(
            table.c.principal_id == principal_id,
            table.c.court_id == court_id,
            table.c.agent_number == number,
            table.c.ended_at.is_(None),
            over,
        )
        .values(ended_at=now, state=PairState.ENDED.value, ended_by=Side.TIME.value)
    )


def _found(number: str, last_name: str, court_id: str) -> tuple[str, str, str]:
    return number, last_name, court_id


@one(_found)
def _waiting(pair_id: str) -> Select[*tuple[Any, ...]]:
    found = select(table.c.agent_number, table.c.agent_last_name, table.c.court_id)
    return found.where(
        table.c.id == pair_id,
        table.c.state == PairState.OFFERED.value,
        table.c.handled_at.is_(None),
    ).with_for_update()


@change
def _handle(pair_id: str, agent_id: str | None, now: datetime) -> Update:
    mine = update(table).where(table.c.id == pair_id, table.c.handled_at.is_(None))
    return mine.values(agent_id=agent_id, handled_at=now)
