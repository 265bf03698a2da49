"""The events about one account, newest first, with where they came from while that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, exists, func, or_, select

from signon.audit.events import Event
from signon.audit.models import AT_DESKS, REFUSED, events, origins
from signon.db import Unit
from signon.prepared import every, value

NEWEST = 2**62
FEW = 5
"""Accounts that are looked for together."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event; `address` and `user_agent` are empty once their retention is over."""

    seq: int
    at: datetime
    event: str
    actor: str
    client_id: str | None
    court_id: str | None
    reason: str | None
    detail: dict[str, Any]
    address: str
    user_agent: str


def of_account(
    unit: Unit, account_id: str, *, before: int = NEWEST, limit: int = 20
) -> list[Happened]:
    """At most `limit` events about the account with a `seq` below `before`."""
    return _of_account(unit, account_id, before, limit)


@dataclass(frozen=True, slots=True)
class AtCourt:
    """An event at a court, without where it came from."""

    seq: int
    at: datetime
    event: str
    actor: str
    account_id: str | None
    client_id: str | None
    reason: str | None
    detail: dict[str, Any]


def of_court(
    unit: Unit, court_id: str, *, account_id: str = "", before: int = NEWEST, limit: int = 20
) -> list[AtCourt]:
    """At most `limit` events at the court, about one account if given, newest first."""
    if not account_id:
        return _of_court(unit, court_id, before, limit)
    return _of_account_at_court(unit, court_id, account_id, before, limit)


def naming(
    unit: Unit, court_id: str, thing: str, *, since: datetime, limit: int = 20
) -> list[AtCourt]:
    """At most `limit` events at a court's desk since then whose detail names a thing by its id."""
    return _naming(unit, court_id, thing, since, limit)


def refused_at(
    unit: Unit, court_id: str, mac: str, account_ids: Sequence[str], *, since: datetime, limit: int
) -> list[AtCourt]:
    """At most `limit` sign-ins begun at a court that failed since then: of the first few accounts,
    or of an unknown name by the MAC that stands for it.
    """
    # filled up, so that it is one statement however few they are
    some = (*account_ids[:FEW], *[""] * (FEW - len(account_ids)))
    return _refused_at(unit, court_id, mac, since, limit, *some)


@dataclass(frozen=True, slots=True)
class Noted:
    """An event without where it came from."""

    at: datetime
    event: str
    detail: dict[str, Any]


def of_kinds(unit: Unit, account_id: str, kinds: Sequence[Event], *, limit: int) -> list[Noted]:
    """At most `limit` events of these kinds about the account, newest first."""
    return _of_kinds(unit, account_id, limit, *kinds)


def has_happened(unit: Unit, account_id: str, kinds: Sequence[Event], *, before: datetime) -> bool:
    """Whether one of these has happened to the account before that moment."""
    return bool(_has_happened(unit, account_id, before, *kinds))


_AtCourt = Select[int, datetime, str, str, str | None, str | None, str | None, dict[str, Any]]


@every(Noted)
def _of_kinds(account_id: str, limit: int, *kinds: str) -> Select[datetime, str, dict[str, Any]]:
    return (
        select(events.c.at, events.c.event, events.c.detail)
        .where(events.c.account_id == account_id, events.c.event.in_(kinds))
        .order_by(events.c.seq.desc())
        .limit(limit)
    )


@value
def _has_happened(account_id: str, before: datetime, *kinds: str) -> Select[bool]:
    one_of = (events.c.account_id == account_id, events.c.event.in_(kinds))
    found: Select[bool] = select(exists().where(*one_of, events.c.at < before))
    return found


@every(Happened)
def _of_account(
    account_id: str, before: int, limit: int
) -> Select[int, datetime, str, str, str | None, str | None, str | None, dict[str, Any], str, str]:
    return (
        select(
            events.c.seq,
            events.c.at,
            events.c.event,
            events.c.actor,
            events.c.client_id,
            events.c.court_id,
            events.c.reason,
            events.c.detail,
            func.coalesce(origins.c.address, "").label("address"),
            func.coalesce(origins.c.user_agent, "").label("user_agent"),
        )
        .select_from(events.outerjoin(origins, origins.c.event_id == events.c.id))
        .where(events.c.account_id == account_id, events.c.seq < before)
        .order_by(events.c.seq.desc())
        .limit(limit)
    )


def _at_court(court_id: str, before: int, limit: int) -> _AtCourt:
    return (
        select(
            events.c.seq,
            events.c.at,
            events.c.event,
            events.c.actor,
            events.c.account_id,
            events.c.client_id,
            events.c.reason,
            events.c.detail,
        )
        .where(events.c.court_id == court_id, events.c.seq < before)
        .order_by(events.c.seq.desc())
        .limit(limit)
    )


@every(AtCourt)
def _naming(court_id: str, thing: str, since: datetime, limit: int) -> _AtCourt:
    found = _at_court(court_id, NEWEST, limit).where(AT_DESKS, events.c.at > since)
    return found.where(cast(events.c.detail, String).contains(thing))


@every(AtCourt)
def _refused_at(
    court_id: str, mac: str, since: datetime, limit: int, *account_ids: str
) -> _AtCourt:
    tried = or_(events.c.account_id.in_(account_ids), cast(events.c.detail, String).contains(mac))
    return _at_court(court_id, NEWEST, limit).where(REFUSED, events.c.at > since, tried)


@every(AtCourt)
def _of_court(court_id: str, before: int, limit: int) -> _AtCourt:
    return _at_court(court_id, before, limit).where(AT_DESKS)


@every(AtCourt)
def _of_account_at_court(court_id: str, account_id: str, before: int, limit: int) -> _AtCourt:
    return _at_court(court_id, before, limit).where(events.c.account_id == account_id)
