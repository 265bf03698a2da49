"""A pair of a principal and an agent at a court: what it is, and how either side and the court find it.

What can be seen when it is asked for is not written down: that a pair waits until the agent holds the
role there, that an offer was left too long, that the last day is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    literal,
    or_,
    select,
    tuple_,
)

from signon.accounts import found_by
from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Moment, Unit
from signon.errors import InputError, NotFoundError
from signon.filing.agents.bounds import Bounds
from signon.filing.agents.models import agent_pairs as table
from signon.filing.legacy_logins.found_by import logins_at
from signon.filing.models import legacy_logins
from signon.filing.models import rights as right_table
from signon.filing.rights import training
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import Role
from signon.prepared import every, one, value
from signon.searching import ranges
from signon.searching.words import SHORTEST, beginnings
from signon.web.paging import place_after, place_of
from signon.web.preconditions import etag_of
from signon.words.language import Language, tagged
from signon.words.sentences import _

LASTS = timedelta(days=14)
"""How long somebody who was named may take to answer."""
OVER = _("Its last day is over.")
UNANSWERED = _("It was not answered in time.")
"""How time ends a pair."""


class PairState(StrEnum):
    """How a pair stands; the first four are of one that is open."""

    OFFERED = "offered"
    WAITING = "waiting"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


class Side(StrEnum):
    """By whom a pair was ended."""

    PRINCIPAL = "principal"
    AGENT = "agent"
    COURT = "court"
    IMPORT = "import"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the two."""

    id: str
    number: str
    name: str
    email: str
    language: Language | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair as both sides and the court see it.

    `agent` is None until somebody was found, and nobody but that person is told who it is before
    it is accepted: then stands what was typed. Of an imported pair there are the two logins.
    `agent_holds`: the agent has the role there, in force.
    """

    id: str
    court_id: str
    kept: PairState
    bounds: Bounds
    version: int
    created_at: datetime
    active_from: datetime | None
    first_acted_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    reason: str | None
    declined_quietly: bool
    is_imported: bool
    agent_number: str | None
    agent_last_name: str | None
    principal: Person | None
    agent: Person | None
    principal_login: str | None
    agent_login: str | None
    agent_holds: bool

    @property
    def is_accepted(self) -> bool:
        """Whether both know of each other."""
        return self.active_from is not None

    @property
    def etag(self) -> str:
        """Another one whenever anything about it changes."""
        return etag_of(self.id, self.kept, self.version, self.ended_at)

    def state_for_agent(self, court: Court, now: datetime) -> PairState:
        """How it stands for whoever was named, who knows of a silent no."""
        return PairState.DECLINED if self.declined_quietly else self.state(court, now)

    def state(self, court: Court, now: datetime) -> PairState:
        """How it stands now for everybody else, to whom a silent no looks like no answer."""
        if self.kept is PairState.OFFERED:
            return PairState.OFFERED if now < self.created_at + LASTS else PairState.ENDED
        if self.kept is not PairState.ACTIVE:
            return self.kept
        if self.bounds.ends_on and self.bounds.ends_on < training.today(court, now):
            return PairState.ENDED
        begins = self.active_from or now
        return PairState.ACTIVE if self.agent_holds and begins <= now else PairState.WAITING

    @property
    def agent_words(self) -> str:
        """The agent as the principal and the court may know them."""
        if self.agent is not None and self.is_accepted:
            return self.agent.name
        return self.agent_last_name or self.agent_login or ""

    @property
    def numbers(self) -> dict[str, str]:
        """Both accounts by their numbers, as mails name them: words of strangers do not travel."""
        known = self.agent if self.is_accepted else None
        return {
            "principal": self.principal.number if self.principal else "",
            "agent": known.number if known else self.agent_number or "",
        }

    @property
    def principal_words(self) -> str:
        """The principal, of an import that waits the login."""
        return self.principal.name if self.principal else self.principal_login or ""


def unknown_pair() -> NotFoundError:
    """One answer for a pair that is none, and for one that is not the caller's."""
    return NotFoundError(_("There is no such filing agent here."))


def of_principal(unit: Unit, account_id: str) -> list[Pair]:
    """Those whom somebody named, the newest first."""
    return _of_principal(unit, account_id)


def of_agent(unit: Unit, account_id: str) -> list[Pair]:
    """Those who named somebody, the newest first."""
    return _of_agent(unit, account_id)


def own(unit: Unit, pair_id: str, account_id: str, side: Side) -> Pair:
    """One of an account's own, on that side of it. Raises NotFoundError."""
    found = _by_id(unit, pair_id)
    person = found and (found.principal if side is Side.PRINCIPAL else found.agent)
    if found is None or person is None or person.id != account_id:
        raise unknown_pair()
    return found


def at_court(unit: Unit, court: Court, pair_id: str) -> Pair:
    """One of a court's. Raises NotFoundError."""
    found = _by_id(unit, pair_id)
    if found is None or found.court_id != court.id:
        raise unknown_pair()
    return found


def by_id(unit: Unit, pair_id: str) -> Pair:
    """One that is known to be there."""
    found = _by_id(unit, pair_id)
    assert found is not None
    return found


def of_court(
    unit: Unit, court: Court, *, words: str = "", after: str = "", limit: int = 50
) -> list[Pair]:
    """The court's pairs, the newest first; `words` begin either side's name, number or login.

    Raises InputError: too few characters.
    """
    conditions = [table.c.court_id == court.id]
    if words:
        conditions.append(_holding(unit, court, words))
    if after:
        at, pair_id = place_after(after)
        conditions.append(
            tuple_(table.c.created_at, table.c.id) < tuple_(literal(at, Moment), pair_id)
        )
    # composed of what is looked for
    statement = _PAIRS.where(*conditions).order_by(table.c.created_at.desc(), table.c.id.desc())
    return [_pair(*row) for row in unit.execute(statement.limit(limit))]


def key(pair: Pair) -> str:
    """Where a pair stands in the court's list."""
    return place_of(pair.created_at, pair.id)


def _holding(unit: Unit, court: Court, text: str) -> ColumnElement[bool]:
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        raise InputError(f"Search for {SHORTEST} characters or more.", field="q")
    people = ranges.subjects(unit, found_by.at_court(court.id), beginnings(tidy))
    logins = ranges.subjects(unit, logins_at(court.id), [tidy])
    numbered = select(accounts.c.id).where(accounts.c.number == tidy)
    meant = or_(
        table.c.agent_number == tidy,
        table.c.principal_id.in_(numbered),
        table.c.principal_id.in_(people),
        # who was named is found by a name only when they have accepted
        table.c.active_from.is_not(None) & table.c.agent_id.in_(people),
        table.c.principal_login_id.in_(logins),
        table.c.agent_login_id.in_(logins),
    )
    return table.c.id.in_(select(table.c.id).where(table.c.court_id == court.id, meant))


# ── Statements ───────────────────────────────────────────────────────────────

_PRINCIPAL, _AGENT = accounts.alias("principal"), accounts.alias("agent")
_PRINCIPAL_LOGIN = legacy_logins.alias("principal_login")
_AGENT_LOGIN = legacy_logins.alias("agent_login")
_HELD = right_table.alias("held")
_AGENT_ROLES = (
    # of the one right: asked for the role in SQL, PostgreSQL looks through all agents of the court
    select(_HELD.c.roles)
    .where(
        _HELD.c.account_id == table.c.agent_id,
        _HELD.c.court_id == table.c.court_id,
        _HELD.c.ended_at.is_(None),
        _HELD.c.status == RightStatus.ACTIVE.value,
    )
    .scalar_subquery()
    .label("agent_roles")
)
_OWN = (
    *(table.c.id, table.c.court_id, table.c.state, table.c.version, table.c.created_at),
    *(table.c.active_from, table.c.first_acted_at, table.c.ended_at, table.c.ended_by),
    *(table.c.reason, table.c.declined_quietly, table.c.imported_by, table.c.agent_number),
    *(table.c.agent_last_name, table.c.permissions, table.c.cases, table.c.ends_on),
    table.c.may_pay,
)


def _person_columns(alias: Any, name: str) -> tuple[ColumnElement[Any], ...]:
    columns = ("id", "number", "first_name", "last_name", "username", "email", "locale")
    return tuple(alias.c[one].label(f"{name}s_{one}") for one in columns)


_PERSON = 7
_PAIRS: Select[*tuple[Any, ...]] = (
    select(
        *_OWN,
        *_person_columns(_PRINCIPAL, "principal"),
        *_person_columns(_AGENT, "agent"),
        _PRINCIPAL_LOGIN.c.login.label("principal_login"),
        _AGENT_LOGIN.c.login.label("agent_login"),
        _AGENT_ROLES,
    )
    .select_from(table)
    .outerjoin(_PRINCIPAL, _PRINCIPAL.c.id == table.c.principal_id)
    .outerjoin(_AGENT, _AGENT.c.id == table.c.agent_id)
    .outerjoin(_PRINCIPAL_LOGIN, _PRINCIPAL_LOGIN.c.id == table.c.principal_login_id)
    .outerjoin(_AGENT_LOGIN, _AGENT_LOGIN.c.id == table.c.agent_login_id)
)


def _person(
    account_id: str | None,
    number: str,
    first_name: str | None,
    last_name: str | None,
    username: str,
    email: str,
    locale: str | None,
) -> Person | None:
    if account_id is None:
        return None
    name = " ".join(part for part in (first_name, last_name) if part)
    return Person(account_id, number, name or username, email, tagged(locale))


def bounds_of(
    permissions: Sequence[str] | None,
    cases: Sequence[str] | None,
    ends_on: date | None,
    may_pay: bool,
) -> Bounds:
    """The bounds in a row's columns."""
    return Bounds(
        None if permissions is None else tuple(permissions),
        None if cases is None else tuple(cases),
        ends_on,
        may_pay,
    )


def _pair(*values: Any) -> Pair:
    own = dict(zip((column.name for column in _OWN), values, strict=False))
    people = values[len(_OWN) :]
    principal_login, agent_login, agent_roles = people[2 * _PERSON :]
    bounds = (own.pop(name) for name in ("permissions", "cases", "ends_on", "may_pay"))
    return Pair(
        kept=PairState(own.pop("state")),
        bounds=bounds_of(*bounds),
        is_imported=own.pop("imported_by") is not None,
        principal=_person(*people[:_PERSON]),
        agent=_person(*people[_PERSON : 2 * _PERSON]),
        principal_login=principal_login,
        agent_login=agent_login,
        agent_holds=Role.FILING_AGENT in (agent_roles or ()),
        **own,
    )


@one(_pair)
def _by_id(pair_id: str) -> Select[*tuple[Any, ...]]:
    return _PAIRS.where(table.c.id == pair_id)


@value
def hold(pair_id: str) -> Select[str]:
    """Let nobody end or change a pair until the unit ends."""
    return select(table.c.id).where(table.c.id == pair_id).with_for_update()


@every(_pair)
def _of_principal(account_id: str) -> Select[*tuple[Any, ...]]:
    mine = _PAIRS.where(table.c.principal_id == account_id)
    return mine.order_by(table.c.created_at.desc(), table.c.id)


@every(_pair)
def _of_agent(account_id: str) -> Select[*tuple[Any, ...]]:
    mine = _PAIRS.where(table.c.agent_id == account_id)
    return mine.order_by(table.c.created_at.desc(), table.c.id)
