"""What a person has allowed which application, and taking it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, Update, select, update

from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.models import clients
from signon.db import Unit
from signon.errors import NotFoundError
from signon.prepared import change, every
from signon.tokens.consents import forget
from signon.tokens.grants import living
from signon.tokens.models import consents, grants
from signon.web.visitor import Source
from signon.words.sentences import _

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Application:
    """A client with something of the person's: tokens that live (`signed_in`), a consent, or both.

    `since` is the first of these; `court_id` of a court's own system, which never asks.
    """

    client_id: str
    name: str
    court_id: str | None
    scopes: tuple[str, ...]
    since: datetime
    signed_in: bool
    asked: bool


def applications(unit: Unit, account_id: str) -> list[Application]:
    """Every one of them, by name."""
    found: dict[str, Application] = {}
    for given in _consented(unit, account_id):
        found[given.id] = Application(
            given.id,
            given.name,
            given.court_id,
            tuple(given.scopes),
            given.given_at,
            signed_in=False,
            asked=True,
        )
    for row in _signed_in(unit, account_id, unit.now):
        before = found.get(row.id)
        scopes = {*row.scope.split(), *(before.scopes if before else ())}
        since = min(row.created_at, before.since) if before else row.created_at
        asked = before.asked if before else False
        found[row.id] = Application(
            row.id,
            row.name,
            row.court_id,
            tuple(sorted(scopes)),
            since,
            signed_in=True,
            asked=asked,
        )
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.client_id))


def withdraw(unit: Unit, account_id: str, client_id: str, *, source: Source) -> None:
    """Take back the consent and end every grant; the client must ask again.

    Raises NotFoundError when the client has nothing of this person's.
    """
    forgotten = forget(unit, account_id, client_id)
    ended = _revoke(unit, account_id, client_id, unit.now)
    if not forgotten and not ended:
        raise NotFoundError(_("That application has no access to your account."))
    trail.record(
        unit,
        Event.GRANTS_WITHDRAWN,
        actor=account_id,
        account_id=account_id,
        client_id=client_id,
        source=source,
        grants=ended,
    )


class _Consented(NamedTuple):
    id: str
    name: str
    court_id: str | None
    scopes: list[str]
    given_at: datetime


class _SignedIn(NamedTuple):
    id: str
    name: str
    court_id: str | None
    scope: str
    created_at: datetime


_CLIENT = (clients.c.id, clients.c.name, clients.c.court_id)


@every(_Consented)
def _consented(account_id: str) -> Select[str, str, str | None, list[str], datetime]:
    return (
        select(*_CLIENT, consents.c.scopes, consents.c.given_at)
        .join(consents, consents.c.client_id == clients.c.id)
        .where(consents.c.account_id == account_id)
    )


@every(_SignedIn)
def _signed_in(account_id: str, now: datetime) -> Select[str, str, str | None, str, datetime]:
    return (
        select(*_CLIENT, grants.c.scope, grants.c.created_at)
        .join(grants, grants.c.client_id == clients.c.id)
        .join(accounts, accounts.c.id == grants.c.account_id)
        .where(grants.c.account_id == account_id, *living(now))
    )


@change
def _revoke(account_id: str, client_id: str, now: datetime) -> Update:
    return (
        update(grants)
        .where(
            grants.c.account_id == account_id,
            grants.c.client_id == client_id,
            grants.c.revoked_at.is_(None),
            grants.c.expires_at > now,
        )
        .values(revoked_at=now, revoked_reason=WITHDRAWN)
    )
