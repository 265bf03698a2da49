"""What a person has allowed which application, and taking it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.models import clients
from signon.db import Moment, Unit
from signon.errors import NotFoundError
from signon.tokens.grants import living
from signon.tokens.models import consents, grants
from signon.web.visitor import Source

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
    values = {"account": account_id, "now": unit.now}
    found: dict[str, Application] = {}
    for given in unit.execute(_CONSENTED, values):
        found[given.id] = Application(
            given.id,
            given.name,
            given.court_id,
            tuple(given.scopes),
            given.given_at,
            signed_in=False,
            asked=True,
        )
    for row in unit.execute(_SIGNED_IN, values):
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
    values: dict[str, Any] = {"account": account_id, "client": client_id, "at": unit.now}
    forgotten = unit.execute(_FORGET, values).rowcount
    ended = unit.execute(_REVOKE, values).rowcount
    if not forgotten and not ended:
        raise NotFoundError("That application has nothing of yours.")
    trail.record(
        unit,
        Event.GRANTS_WITHDRAWN,
        actor=account_id,
        account_id=account_id,
        client_id=client_id,
        source=source,
        grants=ended,
    )


_CLIENT = (clients.c.id, clients.c.name, clients.c.court_id)
_CONSENTED = (
    select(*_CLIENT, consents.c.scopes, consents.c.given_at)
    .join(consents, consents.c.client_id == clients.c.id)
    .where(consents.c.account_id == bindparam("account"))
)
_SIGNED_IN = (
    select(*_CLIENT, grants.c.scope, grants.c.created_at)
    .join(grants, grants.c.client_id == clients.c.id)
    .join(accounts, accounts.c.id == grants.c.account_id)
    .where(grants.c.account_id == bindparam("account"), *living())
)
_FORGET = delete(consents).where(
    consents.c.account_id == bindparam("account"), consents.c.client_id == bindparam("client")
)
_REVOKE = (
    update(grants)
    .where(
        grants.c.account_id == bindparam("account"),
        grants.c.client_id == bindparam("client"),
        grants.c.revoked_at.is_(None),
        grants.c.expires_at > bindparam("at", type_=Moment),
    )
    .values(revoked_at=bindparam("at", type_=Moment), revoked_reason=WITHDRAWN)
)
