"""What either side and the court do to a pair that is there: other bounds, and its end, at once."""

from datetime import datetime

from sqlalchemy import Update, update

from signon.accounts import plain_words
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing.agents import bounds, naming, pairs, record, withdrawals
from signon.filing.agents.bounds import BoundColumns, BoundsAsked
from signon.filing.agents.models import agent_pairs as table
from signon.filing.agents.pairs import Pair, PairState, Person, Side
from signon.filing.agents.party import Party
from signon.filing.agents.record import PairStep
from signon.filing.court.desk import Desk, Power
from signon.filing.rights import filers, training
from signon.prepared import change
from signon.signin.acting import Needs
from signon.web.acts import Act

OVER = "pair_over"
AGENCY = "the filing of account {agent} for account {principal}"
"""What ends, in a mail."""


def set_bounds(unit: Unit, who: Party, pair_id: str, asked: BoundsAsked) -> Pair:
    """Replace them by the principal; narrower ones work like a withdrawal, at once.

    Raises InputError, NotFoundError, RefusedError: `frozen`, `no_principal`,
    `permission_not_held`, `pair_over`.
    """
    who.require_unfrozen()
    pair = pairs.own(unit, pair_id, who.account.id, Side.PRINCIPAL)
    court = _open(unit, pair)
    status = naming.require_principal(unit, who.account.id, court)
    within = bounds.checked(asked, status, court, training.today(court, unit.now))
    if within == pair.bounds:
        return pair
    if _set(unit, pair.id, pair.version, within.columns()) != 1:
        raise RefusedError(OVER, "This was changed or ended meanwhile: look at it again.")
    made = pairs.by_id(unit, pair.id)
    step = PairStep(
        Event.AGENT_BOUNDS_CHANGED,
        who.account.id,
        before=pair.bounds.told(),
        after=within.told(),
        source=who.source,
    )
    people = [made.principal, made.agent] if made.is_accepted else [made.principal]
    record.note_own(unit, who, made, record.note(unit, made, step, *people))
    if made.is_accepted:
        told = "Account {principal} changed what you may file for it."
        record.tell(unit, court, made, [made.agent], told)
    if within.narrows(pair.bounds):
        withdrawals.announce(unit, court.id, [pair.id])
    return made


def end_own(unit: Unit, who: Party, pair_id: str, side: Side, reason: str) -> Pair:
    """End it as one of its two sides; a principal's end of an offer withdraws it.

    Allowed to whoever holds a stopped account too: it gives nothing away. Raises InputError for
    the reason, NotFoundError, RefusedError (`pair_over`).
    """
    tidy = filers.reason_of(reason)
    if wrong := plain_words.problem(tidy):
        raise InputError(f"The reason {wrong}.", field="reason")
    pair = pairs.own(unit, pair_id, who.account.id, side)
    court = _open(unit, pair)
    if side is Side.AGENT and not pair.is_accepted:
        raise RefusedError("not_accepted", "You have not accepted this: decline it instead.")
    step = PairStep(Event.AGENT_ENDED, who.account.id, source=who.source)
    told = f"Account {who.account.number} has ended {AGENCY}."
    return _end(unit, court, pair, side, tidy, step, told)


def end_at_court(unit: Unit, desk: Desk, pair_id: str, reason: str) -> Pair:
    """End it by the court's staff. Raises as `end_own`, and RefusedError (`own_account`)."""
    tidy = filers.reason_of(reason)
    pair = pairs.at_court(unit, desk.court, pair_id)
    for person in (pair.principal, pair.agent):
        if person is not None:
            desk.require_another(person.id)
    _open(unit, pair)
    step = PairStep(Event.AGENT_ENDED, desk.actor, source=desk.source)
    told = f"The court has ended {AGENCY}."
    return _end(unit, desk.court, pair, Side.COURT, tidy, step, told)


def end_by_house(unit: Unit, pair: Pair, side: Side, *, told: str) -> Pair | None:
    """End it because its time is over or there can be no such pair; None when it had ended.

    Of time that passes no court is told.
    """
    if pair.ended_at is not None:
        return None
    step = PairStep(Event.AGENT_ENDED, trail.SYSTEM)
    words = f"There is an end of {AGENCY}."
    return _end(unit, read_one(unit, pair.court_id), pair, side, told, step, words)


BOUNDS = Act("bounds", set_bounds, needs=Needs.FRESH, done="The bounds are as they stand here now.")
END_OWN = Act("ended", end_own, done="It is ended, at once. Both of you are told by mail.")
END_AT_COURT = Act(
    "ended", end_at_court, needs=Power.FILERS, done="It is ended. Both are told by mail."
)


def _open(unit: Unit, pair: Pair) -> Court:
    if pair.ended_at is not None:
        raise _over()
    return read_one(unit, pair.court_id)


def _over() -> RefusedError:
    return RefusedError(OVER, "This has ended already: there is nothing left to do.")


def _end(
    unit: Unit, court: Court, pair: Pair, side: Side, reason: str, step: PairStep, told: str
) -> Pair:
    if _ended(unit, pair.id, side.value, reason, unit.now) != 1:
        raise _over()
    made = pairs.by_id(unit, pair.id)
    was = {"state": pair.kept.value}
    now = {"state": PairState.ENDED.value, "by": side.value, "reason": reason}
    people = _concerned(made)
    record.note(
        unit, made, PairStep(step.event, step.actor, was, now, step.source), *people, by=side.value
    )
    record.tell(unit, court, made, people, told, reason=reason)
    if made.is_accepted:
        withdrawals.announce(unit, court.id, [pair.id], tells_court=side is not Side.TIME)
    return made


def _concerned(pair: Pair) -> list[Person | None]:
    """Both where both know of it, else whoever named the other."""
    both = [pair.principal, pair.agent] if pair.is_accepted else [pair.principal]
    return [one for one in both if one is not None]


@change
def _set(pair_id: str, version: int, within: BoundColumns) -> Update:
    mine = update(table).where(
        table.c.id == pair_id, table.c.version == version, table.c.ended_at.is_(None)
    )
    return mine.values(**within._asdict(), version=version + 1)


@change
def _ended(pair_id: str, side: str, reason: str, now: datetime) -> Update:
    mine = update(table).where(table.c.id == pair_id, table.c.ended_at.is_(None))
    return mine.values(state=PairState.ENDED.value, ended_at=now, ended_by=side, reason=reason)
