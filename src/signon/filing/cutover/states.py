"""Who is ready for a court's day: one state for each of its legacy logins, computed when asked.

A court may import any address, so it must not learn from this who has an account: of one person it
sees `Preparedness` alone; of the states that depend on accounts, numbers of the day's point, and none
under ten (docs/decisions/0035-what-a-court-learns-before-its-day.md).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, or_, select

from signon.accounts import unreachable
from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.filing.linking.models import prepared_links
from signon.filing.models import legacy_logins, rights
from signon.prepared import every

FEW = 10
"""A number below it could be one that the court knows the people of."""


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
    """How many of a court's logins are in each state, by one statement."""
    found = dict(_counted(unit, court_id))
    return {state: found.get(state, 0) for state in LoginState}


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


def _pair(name: str, number: int) -> tuple[LoginState, int]:
    return LoginState(name), number


@every(_pair)
def _counted(court_id: str) -> Select[*tuple[Any, ...]]:
    # by the name that the subquery gives it: spelled out twice, PostgreSQL takes them for two
    each = (
        select(state().label("state"))
        .select_from(joined())
        .where(legacy_logins.c.court_id == court_id)
        .subquery()
    )
    return select(each.c.state, func.count().label("number")).group_by(each.c.state)


def _standing_pair(name: str, number: int) -> tuple[Preparedness, int]:
    return Preparedness(name), number


def standings(unit: Unit, court_id: str) -> dict[Preparedness, int]:
    """How many there are of each that a court may see, now."""
    found = dict(_standings(unit, court_id))
    return {one: found.get(one, 0) for one in Preparedness}


@every(_standing_pair)
def _standings(court_id: str) -> Select[*tuple[Any, ...]]:
    each = (
        select(standing().label("standing"))
        .select_from(joined())
        .where(legacy_logins.c.court_id == court_id)
        .subquery()
    )
    return select(each.c.standing, func.count().label("number")).group_by(each.c.standing)
