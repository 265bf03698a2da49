"""For whom an agent may act, and for whom they act now, in a session at a court.

Nothing of it is carried in tokens or sessions: whoever looks (ID token, UserInfo, introspection,
refresh, our pages) asks here, and the principal's right is met with the pair's bounds at that moment
(`bounds.allowed`). One statement with one join, and only for whoever holds the role of an agent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, Update, and_, insert, select, update

from signon import ids
from signon.accounts.models import AccountStatus, accounts
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.agents import pairs, record
from signon.filing.agents.bounds import Allowed, allowed
from signon.filing.agents.models import acting_choices, agent_pairs
from signon.filing.agents.pairs import PairState, bounds_of
from signon.filing.agents.party import NOWHERE
from signon.filing.agents.record import PairStep
from signon.filing.court import court_policy
from signon.filing.models import rights
from signon.filing.rights import filing_status, training
from signon.filing.rights.filing_status import (
    RIGHT_COLUMNS,
    EcfStatus,
    FilingStatus,
    HeldRight,
    RightStatus,
    right_at,
)
from signon.filing.roles import Role
from signon.prepared import change, every, given
from signon.signin import filing_for
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.web.visitor import Source
from signon.words.sentences import _

Claims = dict[str, Any]
NOT_CHOSEN = "cannot_act_for"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody for whom an agent may file at a court now, and what."""

    pair_id: str
    account_id: str
    number: str
    name: str
    login: str | None
    roles: tuple[str, ...]
    allowed: Allowed
    may_pay: bool
    is_chosen: bool

    def claim(self) -> Claims:
        """The object of the claims (interface contract 5)."""
        known = {"ecf_login": self.login} if self.login else {}
        return {
            "sub": self.account_id,
            "account_number": self.number,
            "name": self.name,
            **known,
            "ecf_roles": list(self.roles),
        }


def holds_role(row: Mapping[Any, Any]) -> bool:
    """Whether a row with `RIGHT_COLUMNS` is an agent's: nobody else costs a statement."""
    return Role.FILING_AGENT.value in (row.get("right_roles") or ())


def principals(
    unit: Unit, agent_id: str, court: Court, session_id: str | None
) -> tuple[Principal, ...]:
    """Everybody for whom the agent may file at the court now, by name; which is chosen in the session.

    That the agent's own right is in force is whoever's who asks to know.
    """
    if not court_policy.has_agents(court):
        return ()
    today = training.today(court, unit.now)
    rows = _principals(unit, agent_id, court.id, session_id or "", unit.now)
    found = (_principal(row, court, unit.now, today) for row in rows)
    return tuple(sorted((one for one in found if one), key=lambda one: (one.name, one.number)))


def claims(status: FilingStatus, them: Sequence[Principal]) -> Claims:
    """The ``ecf_`` claims of whoever stands so at a court, with those of a filing agent.

    `sub` and roles stay the agent's; permissions and cases are those of the chosen principal's right
    within the bounds.
    """
    told = status.claims()
    if not is_agent(status):
        return told
    told["ecf_may_act_for"] = [one.claim() for one in them]
    chosen = chosen_of(them)
    if chosen is None:
        return told
    told["ecf_acting_for"] = chosen.claim()
    told["ecf_permissions"] = list(chosen.allowed.permissions)
    told.pop("ecf_cases", None)
    if chosen.allowed.cases is not None:
        told["ecf_cases"] = list(chosen.allowed.cases)
    return told


def is_agent(status: FilingStatus) -> bool:
    """Whether somebody may act for others at all."""
    return status.status is EcfStatus.ACTIVE and Role.FILING_AGENT in status.roles


def chosen_of(them: Iterable[Principal]) -> Principal | None:
    """The one who is chosen, if somebody is."""
    return next((one for one in them if one.is_chosen), None)


# ── Choosing ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Acting:
    """What an agent can choose at a court."""

    court: Court
    status: FilingStatus
    principals: tuple[Principal, ...]

    @property
    def has_own(self) -> bool:
        """Whether the person may file there for themselves too."""
        return bool(self.status.permissions)

    @property
    def chosen(self) -> Principal | None:
        """For whom they act now."""
        return chosen_of(self.principals)


def of_session(unit: Unit, session: Session, court: Court) -> Acting:
    """What somebody can choose in a session; nobody, for whoever is no agent there."""
    status = filing_status.find(unit, session.account.id, court)
    them = principals(unit, session.account.id, court, session.id) if is_agent(status) else ()
    return Acting(court, status, them)


def choose(
    unit: Unit, session: Session, court: Court, pair_id: str, *, source: Source = NOWHERE
) -> Principal:
    """Act for one of them from now on, in this session at this court.

    Raises SignInFirstError, RefusedError (`cannot_act_for`): another court's, one that has ended.
    """
    pairs.hold(unit, pair_id)
    acting = of_session(unit, session, court)
    found = next((one for one in acting.principals if one.pair_id == pair_id), None)
    if found is None:
        raise _cannot(unit, session, court, pair_id)
    _show(unit, session, court, filing_for.shown(found.name, court.name))
    if found.is_chosen:
        return found
    _leave(unit, session.id, court.id, unit.now)
    _choose(unit, ids.new_id(), session.id, court.id, pair_id, unit.now)
    _note(unit, session, court, found, source)
    return found


def act_as_oneself(unit: Unit, session: Session, court: Court) -> None:
    """Act for nobody from now on; `met` all the same, for there is nobody to ask about.

    Raises SignInFirstError.
    """
    _leave(unit, session.id, court.id, unit.now)
    _show(unit, session, court, "")


def _cannot(unit: Unit, session: Session, court: Court, pair_id: str) -> RefusedError:
    mine = [one for one in pairs.of_agent(unit, session.account.id) if one.id == pair_id]
    whom = mine[0].principal_words if mine else ""
    if mine and mine[0].is_accepted and mine[0].court_id != court.id:
        told = _(
            "{name} has named you at another court, not at {court}.", name=whom, court=court.name
        )
    elif mine and mine[0].is_accepted:
        told = _("You can no longer file for {name} at {court}.", name=whom, court=court.name)
    else:
        told = _("You have not been named as a filing agent at {name}.", name=court.name)
    return RefusedError(NOT_CHOSEN, told)


def _note(unit: Unit, session: Session, court: Court, found: Principal, source: Source) -> None:
    """An event about both, with the session by which grants are found; the first time a mail."""
    pair = pairs.by_id(unit, found.pair_id)
    step = PairStep(Event.AGENT_CHOSEN, session.account.id, source=source)
    record.note(unit, pair, step, pair.agent, pair.principal, session=session.id)
    if _first(unit, pair.id, unit.now) == 1:
        told = _("Account {agent} acts as your filing agent at this court for the first time.")
        record.tell(unit, court, pair, [pair.principal], told)


def _show(unit: Unit, session: Session, court: Court, shown: str) -> None:
    """Our pages say for whom; the demand is met."""
    sessions.note_met(unit, session, {**session.met, filing_for.met_key(court.id): shown})


# ── Withdrawing ──────────────────────────────────────────────────────────────


def pairs_for(unit: Unit, account_ids: Sequence[str], court_id: str | None = None) -> list[str]:
    """The pairs, open or not, in which one of these accounts is the principal."""
    # a list of any length
    found = select(agent_pairs.c.id).where(
        agent_pairs.c.principal_id.in_(account_ids), agent_pairs.c.active_from.is_not(None)
    )
    if court_id is not None:
        found = found.where(agent_pairs.c.court_id == court_id)
    return list(unit.execute(found).scalars())


def withdraw(unit: Unit, pair_ids: Sequence[str], *, until: datetime) -> list[tuple[str, str]]:
    """Let every choice of these pairs go that was made until then; answers all sessions and courts
    where there ever was one: what a court was given in them may speak of the principal still.
    """
    if not pair_ids:
        return []
    choices = acting_choices.c
    # a list of any length
    made = select(choices.id, choices.session_id, choices.court_id, choices.ended_at).where(
        choices.pair_id.in_(pair_ids), choices.chosen_at <= until
    )
    rows = unit.execute(made.order_by(choices.session_id)).all()
    for row in rows:
        # the session first, as whoever chooses does
        if row.ended_at is None:
            filing_for.forget(unit, row.session_id, row.court_id)
            _drop(unit, row.id, unit.now)
    return sorted({(row.session_id, row.court_id) for row in rows})


# ── Statements ───────────────────────────────────────────────────────────────


class _Row(NamedTuple):
    pair_id: str
    permissions: Sequence[str] | None
    cases: Sequence[str] | None
    ends_on: date | None
    may_pay: bool
    choice_id: str | None
    account_id: str
    number: str
    first_name: str | None
    last_name: str | None
    held: HeldRight


def _row(*values: Any) -> _Row:
    own = len(_Row._fields) - 1
    return _Row._make((*values[:own], HeldRight(*values[own:])))


def _principal(row: _Row, court: Court, now: datetime, today: date) -> Principal | None:
    status = filing_status.filing_status(court, row.held, now)
    within = bounds_of(row.permissions, row.cases, row.ends_on, row.may_pay)
    found = allowed(status, within, today)
    if found is None:
        return None
    return Principal(
        pair_id=row.pair_id,
        account_id=row.account_id,
        number=row.number,
        name=" ".join(part for part in (row.first_name, row.last_name) if part),
        login=status.login,
        roles=tuple(role.value for role in status.roles),
        allowed=found,
        may_pay=row.may_pay,
        is_chosen=row.choice_id is not None,
    )


@every(_row)
def _principals(
    agent_id: str, court_id: str, session_id: str, now: datetime
) -> Select[*tuple[Any, ...]]:
    is_chosen = and_(
        acting_choices.c.pair_id == agent_pairs.c.id,
        acting_choices.c.session_id == session_id,
        acting_choices.c.court_id == court_id,
        acting_choices.c.ended_at.is_(None),
    )
    at_court = right_at(accounts.c.id, given(court_id))
    return (
        select(
            agent_pairs.c.id,
            *(agent_pairs.c[name] for name in ("permissions", "cases", "ends_on", "may_pay")),
            acting_choices.c.id.label("choice_id"),
            accounts.c.id.label("account_id"),
            *(accounts.c[name] for name in ("number", "first_name", "last_name")),
            *RIGHT_COLUMNS,
        )
        .join(accounts, accounts.c.id == agent_pairs.c.principal_id)
        .join(rights, at_court)
        .outerjoin(acting_choices, is_chosen)
        .where(
            agent_pairs.c.agent_id == agent_id,
            agent_pairs.c.court_id == court_id,
            agent_pairs.c.state == PairState.ACTIVE.value,
            agent_pairs.c.ended_at.is_(None),
            agent_pairs.c.active_from <= now,
            accounts.c.status == AccountStatus.ACTIVE.value,
            rights.c.status == RightStatus.ACTIVE.value,
        )
    )


@change
def _leave(session_id: str, court_id: str, now: datetime) -> Update:
    return (
        update(acting_choices)
        .where(
            acting_choices.c.session_id == session_id,
            acting_choices.c.court_id == court_id,
            acting_choices.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


@change
def _drop(choice_id: str, now: datetime) -> Update:
    open_one = acting_choices.c.id == choice_id, acting_choices.c.ended_at.is_(None)
    return update(acting_choices).where(*open_one).values(ended_at=now)


@change
def _choose(choice_id: str, session_id: str, court_id: str, pair_id: str, now: datetime) -> Insert:
    return insert(acting_choices).values(
        id=choice_id, session_id=session_id, court_id=court_id, pair_id=pair_id, chosen_at=now
    )


@change
def _first(pair_id: str, now: datetime) -> Update:
    mine = update(agent_pairs).where(
        agent_pairs.c.id == pair_id, agent_pairs.c.first_acted_at.is_(None)
    )
    return mine.values(first_acted_at=now)
