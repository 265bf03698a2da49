"""Who is ready for a court's day: one state for each of its legacy logins, computed when asked.

A court may import any address, so it must not learn from this who has an account: of one person it
sees `Preparedness` alone; of the states that depend on accounts, numbers of the day's point, and none
under ten (docs/decisions/0035-what-a-court-learns-before-its-day.md).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from signon.accounts import unreachable
from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court.kept_counts import MANY, CountKind
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.filing.linking.models import prepared_links
from signon.filing.models import CLOSED, legacy_logins, rights
from signon.prepared import every, value

FEW = 10
"""A number below it could be one that the court knows the people of."""
NEAR = timedelta(days=120)
"""Before a court's day and after it."""
FEW_ROWS = 3000
"""Logins that are sorted for a page; of more, a list goes through its order."""


class Preparedness(StrEnum):
    """What a court may see of one person."""

    LINKED = "linked"
    PREPARED = "prepared"
    NOT_PREPARED = "not_prepared"
    UNUSABLE = "unusable"


class LoginState(StrEnum):
    """All that can be so; the last four are *not prepared* and depend on accounts."""

    LINKED = "linked"
    PREPARED = "prepared"
    UNUSABLE = "unusable"
    ACCOUNT_FOUND = "account_found"
    LEGACY_ACCOUNT = "legacy_account"
    SHARED_ONLY = "shared_only"
    NO_ACCOUNT = "no_account"


OF_ACCOUNTS = (
    LoginState.ACCOUNT_FOUND,
    LoginState.LEGACY_ACCOUNT,
    LoginState.SHARED_ONLY,
    LoginState.NO_ACCOUNT,
)
"""The states that a court sees as numbers only."""


def counted(unit: Unit, court_id: str) -> dict[LoginState, int]:
    """How many of a court's logins are in each state."""
    found = _in_parts(unit, court_id, _counted, _counted_rest)
    return {state: found[state.value] for state in LoginState}


def told(counts: Mapping[LoginState, int]) -> dict[LoginState, int | None]:
    """The numbers as a court sees them: None for what is hidden.

    Their sum is known, so one hidden number alone could be reckoned: as many are hidden as it
    takes for the hidden ones to be two, and ten people together.
    """
    by_size = sorted(OF_ACCOUNTS, key=lambda state: counts[state])
    hidden = [state for state in by_size if counts[state] < FEW]
    for state in by_size[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(counts[one] for one in hidden) >= FEW):
            break
        hidden.append(state)
    return {state: None if state in hidden else counts[state] for state in OF_ACCOUNTS}


# ── What the states are in SQL ───────────────────────────────────────────────

LINK = rights.alias("link")
"""The right that a login has become, if it has."""
READY = prepared_links.alias("ready")
"""The prepared link that is good for a login, if there is one."""


def joined() -> FromClause:
    """The logins with what has become of them; both joins find one row at most."""
    link = and_(LINK.c.legacy_login_id == legacy_logins.c.id, LINK.c.ended_at.is_(None))
    ready = and_(
        READY.c.legacy_login_id == legacy_logins.c.id,
        READY.c.login_version == legacy_logins.c.proof_version,
        READY.c.ended_at.is_(None),
    )
    return legacy_logins.outerjoin(LINK, link).outerjoin(READY, ready)


def is_unusable() -> ColumnElement[bool]:
    """Whether nobody can prove the login: the court has closed it, or has no address for it that
    mail reaches.
    """
    return or_(
        legacy_logins.c.status != LoginStatus.ACTIVE.value,
        legacy_logins.c.email_key == "",
        # a list of its own: looked through once, not once for each login
        legacy_logins.c.email_key.in_(unreachable.ADDRESSES),
    )


def standing() -> ColumnElement[str]:
    """Of a login in `joined`, as a court sees it."""
    return case(*_seen(), else_=Preparedness.NOT_PREPARED.value)


def stands(one: Preparedness) -> ColumnElement[bool]:
    """Whether a login in `joined` is in that state; said so that the few are found by their rows."""
    if one is Preparedness.LINKED:
        return LINK.c.id.is_not(None)
    if one is Preparedness.PREPARED:
        return and_(LINK.c.id.is_(None), READY.c.id.is_not(None))
    return standing() == one.value


def few(unit: Unit, court_id: str, one: Preparedness) -> CompoundSelect[str] | None:
    """The logins of a court that may be in that state; None when they are many, or not to be
    found by rows of their own.
    """
    if one is Preparedness.NOT_PREPARED:
        return None
    found = _MAYBE[one](court_id)
    # composed of the state
    some = found.limit(FEW_ROWS + 1).subquery()
    number = unit.scalar(select(func.count()).select_from(some)) or 0
    return found if number <= FEW_ROWS else None


def _maybe_linked(court_id: str) -> CompoundSelect[str]:
    held = rights.c.court_id == court_id, rights.c.ended_at.is_(None)
    linked = select(rights.c.legacy_login_id).where(*held, rights.c.legacy_login_id.is_not(None))
    return union_all(linked)


def _maybe_prepared(court_id: str) -> CompoundSelect[str]:
    ready = prepared_links.c.court_id == court_id, prepared_links.c.ended_at.is_(None)
    return union_all(select(prepared_links.c.legacy_login_id).where(*ready))


def _maybe_unusable(court_id: str) -> CompoundSelect[str]:
    """Each by an index of its own: with OR, the court's logins would be walked through."""
    here = legacy_logins.c.court_id == court_id
    closed = select(legacy_logins.c.id).where(here, literal_column(CLOSED.text))
    returns = legacy_logins.c.email_key.in_(unreachable.ADDRESSES)
    return union_all(closed, select(legacy_logins.c.id).where(here, returns))


_MAYBE: Mapping[Preparedness, Callable[[str], CompoundSelect[str]]] = {
    Preparedness.LINKED: _maybe_linked,
    Preparedness.PREPARED: _maybe_prepared,
    Preparedness.UNUSABLE: _maybe_unusable,
}


def state() -> ColumnElement[str]:
    """Of a login in `joined`, with what is known of accounts."""
    person = accounts.c.kind == AccountKind.INDIVIDUAL.value
    return case(
        *_seen(),
        (_has_account(person, _upgraded()) | _was_named(), LoginState.ACCOUNT_FOUND.value),
        (_has_account(person, accounts.c.upgraded_at.is_(None)), LoginState.LEGACY_ACCOUNT.value),
        (_has_account(accounts.c.kind == AccountKind.SHARED.value), LoginState.SHARED_ONLY.value),
        else_=LoginState.NO_ACCOUNT.value,
    )


def _seen() -> tuple[tuple[ColumnElement[bool], str], ...]:
    return (
        (LINK.c.id.is_not(None), Preparedness.LINKED.value),
        (READY.c.id.is_not(None), Preparedness.PREPARED.value),
        (is_unusable(), Preparedness.UNUSABLE.value),
    )


def _upgraded() -> ColumnElement[bool]:
    return and_(
        accounts.c.upgraded_at.is_not(None),
        accounts.c.email_verified,
        accounts.c.status == AccountStatus.ACTIVE.value,
    )


def _has_account(*of: ColumnElement[bool]) -> ColumnElement[bool]:
    """The address as it stands there; one with a `+tag` is found by nobody else's account."""
    same = accounts.c.email_key == legacy_logins.c.email_key
    whole = func.lower(accounts.c.email) == legacy_logins.c.email_key
    return exists().where(same, whole, *of).correlate(legacy_logins)


def _was_named() -> ColumnElement[bool]:
    """Whether somebody has proved the login before, with an account that is upgraded."""
    before = prepared_links.alias("before")
    return (
        exists()
        .where(
            before.c.legacy_login_id == legacy_logins.c.id,
            accounts.c.id == before.c.account_id,
            accounts.c.upgraded_at.is_not(None),
            accounts.c.status == AccountStatus.ACTIVE.value,
        )
        .correlate(legacy_logins)
    )


# ── Counting them ────────────────────────────────────────────────────────────

PART = 50_000
"""Logins that one statement counts: a larger court's would take longer than a statement may."""


class OneState(NamedTuple):
    """A state, and how many logins are in it."""

    state: str
    number: int


def standings(unit: Unit, court_id: str) -> dict[Preparedness, int]:
    """How many there are of each that a court may see, now."""
    found = _in_parts(unit, court_id, _standings, _standings_rest)
    return {one: found[one.value] for one in Preparedness}


def are_many(unit: Unit, court: Court) -> bool:
    """Whether a court has more logins than are counted for a page."""
    return (_some(unit, court.id, MANY + 1) or 0) > MANY


def counts_last(court: Court, now: datetime) -> timedelta:
    """Near its day a court looks at them; at other times hardly ever."""
    is_near = court.go_live is not None and abs(court.go_live - now) < NEAR
    return timedelta(minutes=10) if is_near else timedelta(days=1)


def _standings_of(unit: Unit, court: Court) -> Mapping[str, int]:
    return {one.value: number for one, number in standings(unit, court.id).items()}


STANDINGS = CountKind("standings", are_many, _standings_of, counts_last)


def _in_parts(
    unit: Unit,
    court_id: str,
    one: Callable[[Unit, str, str, str], list[OneState]],
    rest: Callable[[Unit, str, str], list[OneState]],
) -> Counter[str]:
    found: Counter[str] = Counter()
    after = ""
    while end := _end(unit, court_id, after, PART - 1):
        found.update(dict(one(unit, court_id, after, end)))
        after = end
    found.update(dict(rest(unit, court_id, after)))
    return found


@value
def _some(court_id: str, most: int) -> Select[int]:
    some = select(literal(1)).where(legacy_logins.c.court_id == court_id).limit(most).subquery()
    return select(func.count().label("number")).select_from(some)


@value
def _end(court_id: str, after: str, further: int) -> Select[str]:
    """The last login of a part; none of the last part."""
    of_court = legacy_logins.c.court_id == court_id, legacy_logins.c.login_key > after
    ordered = select(legacy_logins.c.login_key).where(*of_court).order_by(legacy_logins.c.login_key)
    return ordered.offset(further).limit(1)


def _numbers(
    what: ColumnElement[str], court_id: str, after: str, *end: ColumnElement[bool]
) -> Select[str, int]:
    # by the name that the subquery gives it: spelled out twice, PostgreSQL takes them for two
    each = (
        select(what.label("state"))
        .select_from(joined())
        .where(legacy_logins.c.court_id == court_id, legacy_logins.c.login_key > after, *end)
        .subquery()
    )
    return select(each.c.state, func.count().label("number")).group_by(each.c.state)


@every(OneState)
def _counted(court_id: str, after: str, end: str) -> Select[str, int]:
    return _numbers(state(), court_id, after, legacy_logins.c.login_key <= end)


@every(OneState)
def _counted_rest(court_id: str, after: str) -> Select[str, int]:
    return _numbers(state(), court_id, after)


@every(OneState)
def _standings(court_id: str, after: str, end: str) -> Select[str, int]:
    return _numbers(standing(), court_id, after, legacy_logins.c.login_key <= end)


@every(OneState)
def _standings_rest(court_id: str, after: str) -> Select[str, int]:
    return _numbers(standing(), court_id, after)
