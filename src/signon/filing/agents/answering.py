"""Whoever was named answers: accepts, and is then known to the principal, or declines."""

from datetime import datetime

from sqlalchemy import ColumnElement, Update, update

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.audit.events import Event
from signon.courts.registry import read_one
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.filing.agents import naming, pairs, party, record
from signon.filing.agents.models import agent_pairs as table
from signon.filing.agents.pairs import LASTS, Pair, PairState, Side
from signon.filing.agents.party import Party
from signon.filing.agents.record import PairStep
from signon.prepared import change
from signon.web.acts import Act

OVER = "offer_over"
NOT_FIT = "not_for_this_account"
CHANGED = "bounds_changed"


def accept(unit: Unit, who: Party, pair_id: str, version: int | None = None) -> Pair:
    """Become the agent; `version` is of the bounds that the person has read.

    Raises NotFoundError, RefusedError: `frozen`, `own_account`, `not_for_this_account`,
    `offer_over`, `bounds_changed`, `court_has_no_agents`, `no_principal`.
    """
    who.require_unfrozen()
    pair = _offered(unit, who, pair_id)
    court = party.court_of(unit, pair.court_id)
    _require_fit(who.account, pair)
    assert pair.principal is not None
    naming.require_standing(unit, pair.principal, court)
    if version is not None and version != pair.version:
        raise _bounds_changed()
    if _accept(unit, pair.id, who.account.id, pair.version, unit.now, unit.now - LASTS) != 1:
        raise _lost(unit, who, pair)
    made = pairs.by_id(unit, pair.id)
    after = {"state": PairState.ACTIVE.value, **made.bounds.told()}
    step = PairStep(Event.AGENT_ACCEPTED, who.account.id, after=after, source=who.source)
    record.note_own(unit, who, made, record.note(unit, made, step, made.agent, made.principal))
    told = "Account {agent} is now a filing agent of account {principal}."
    record.tell(unit, court, made, [made.agent, made.principal], told)
    return made


def decline(unit: Unit, who: Party, pair_id: str, *, tells: bool) -> None:
    """Say no. The principal hears of it only when the person wants that; else no answer came.

    Raises NotFoundError, RefusedError (`frozen`, `offer_over`).
    """
    who.require_unfrozen()
    pair = _offered(unit, who, pair_id)
    declined = _decline if tells else _decline_quietly
    if declined(unit, pair.id, who.account.id, unit.now) != 1:
        raise _lost(unit, who, pair)
    after = {"state": PairState.DECLINED.value}
    step = PairStep(Event.AGENT_DECLINED, who.account.id, after=after, source=who.source)
    people = [pair.agent, pair.principal] if tells else [pair.agent]
    record.note(unit, pair, step, *people)
    if tells:
        told = "Account {agent} declined to be your filing agent."
        record.tell(unit, read_one(unit, pair.court_id), pair, [pair.principal], told)


ACCEPT = Act("accepted", accept, done="You are their filing agent at this court.")
DECLINE = Act("declined", decline, done="You declined. Nothing has changed.")


def _offered(unit: Unit, who: Party, pair_id: str) -> Pair:
    pair = pairs.own(unit, pair_id, who.account.id, Side.AGENT)
    is_open = pair.kept is PairState.OFFERED and not pair.declined_quietly
    if not is_open or unit.now >= pair.created_at + LASTS:
        raise _over(pair)
    return pair


def _require_fit(account: Account, pair: Pair) -> None:
    if pair.principal and account.id == pair.principal.id:
        raise RefusedError("own_account", "You cannot be your own filing agent.")
    if account.kind is AccountKind.SHARED:
        told = "A shared account cannot be a filing agent: use an account of your own."
    elif account.kind is not AccountKind.INDIVIDUAL:
        told = "Only a person’s own account can be a filing agent’s."
    elif not account.is_upgraded:
        told = "This account has to be upgraded before it can be a filing agent’s."
    else:
        return
    raise RefusedError(NOT_FIT, told)


def _lost(unit: Unit, who: Party, before: Pair) -> RefusedError:
    """Why the guarded statement found nothing: somebody else was first."""
    try:
        now = pairs.own(unit, before.id, who.account.id, Side.AGENT)
    except NotFoundError as error:
        return error
    is_open = now.kept is PairState.OFFERED and not now.declined_quietly
    return _bounds_changed() if is_open else _over(now)


def _over(pair: Pair) -> RefusedError:
    if pair.ended_by in {Side.PRINCIPAL, Side.COURT}:
        return RefusedError(OVER, f"{pair.principal_words} or the court has withdrawn this.")
    if pair.kept in {PairState.ACTIVE, PairState.DECLINED} or pair.declined_quietly:
        return RefusedError(OVER, "You have answered this already.")
    return RefusedError(OVER, "This is over: it was not answered in time, or has ended.")


def _bounds_changed() -> RefusedError:
    return RefusedError(
        CHANGED, "The bounds were changed since you read them: read them again, then accept."
    )


def _open(pair_id: str, agent_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.id == pair_id,
        table.c.agent_id == agent_id,
        table.c.state == PairState.OFFERED.value,
        table.c.ended_at.is_(None),
        table.c.declined_quietly.is_(False),
    )


@change
def _accept(
    pair_id: str, agent_id: str, version: int, now: datetime, named_after: datetime
) -> Update:
    """Of any number of answers and withdrawals at the same moment one counts."""
    is_this = (table.c.version == version, table.c.created_at > named_after)
    mine = update(table).where(*_open(pair_id, agent_id), *is_this)
    return mine.values(state=PairState.ACTIVE.value, active_from=now)


@change
def _decline(pair_id: str, agent_id: str, now: datetime) -> Update:
    mine = update(table).where(*_open(pair_id, agent_id))
    return mine.values(state=PairState.DECLINED.value, ended_at=now)


@change
def _decline_quietly(pair_id: str, agent_id: str, now: datetime) -> Update:
    """It stays open for whoever named the agent, until it was left too long."""
    mine = update(table).where(*_open(pair_id, agent_id), table.c.created_at <= now)
    return mine.values(declined_quietly=True)
