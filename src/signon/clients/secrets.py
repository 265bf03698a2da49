"""Client secrets: 256 random bits, shown once, kept as SHA-256; two may live at once."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Update,
    delete,
    insert,
    select,
    true,
    update,
)

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.application import SECRET_METHODS
from signon.clients.models import clients, secrets
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.prepared import change, every, one

OVERLAP = timedelta(hours=24)
"""How long the old secret goes on beside the new one, unless somebody says otherwise."""
MOST_LIVING = 2
"""How many `rotate` leaves: the new one, and the one before it."""
LONGEST_OVERLAP = timedelta(days=30)


def issue(unit: Unit, client_id: str) -> str:
    """Store the digest of a new secret without an end, and answer the secret."""
    secret = opaque_tokens.new_token()
    _insert(unit, opaque_tokens.digest(secret), client_id, unit.now)
    return secret


def rotate(
    unit: Unit,
    client_id: str,
    *,
    overlap: timedelta = OVERLAP,
    actor: str = trail.COMMAND_LINE,
) -> str:
    """A new secret; the one before it ends after `overlap`, any older one at once.

    Raises NotFoundError, RefusedError for a client that is disabled or has no secret, and
    InputError for an overlap of more than `LONGEST_OVERLAP`.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise InputError(f"The overlap must be 0 to {LONGEST_OVERLAP.days * 24} hours.")
    _lock(unit, client_id)
    _forget_older(unit, client_id)
    _let_end(unit, client_id, unit.now + overlap)
    secret = issue(unit, client_id)
    trail.record(unit, Event.CLIENT_SECRET_ROTATED, actor=actor, client_id=client_id)
    return secret


class Ending(NamedTuple):
    """A secret that another one has taken the place of, and when it ends."""

    client_id: str
    name: str
    expires_at: datetime


def ending(unit: Unit, *, firm_id: str | None = None, limit: int) -> list[Ending]:
    """The next that end: until then the client has to use its new one. Of all clients, or a firm's."""
    return (
        _of_firm_ending(unit, firm_id, unit.now, limit)
        if firm_id
        else _ending(unit, unit.now, limit)
    )


def _lock(unit: Unit, client_id: str) -> None:
    """Let no second rotation see the same secrets."""
    found = _lock_client(unit, client_id)
    if found is None:
        raise unknown_client(client_id)
    if found.disabled_at is not None:
        raise RefusedError(
            "disabled", f"The client {client_id} is disabled: `signon clients enable` opens it."
        )
    if found.auth_method == "none":
        raise RefusedError("no_secret", f"{client_id} is a public client: it has no secret.")
    if found.auth_method not in SECRET_METHODS:
        raise RefusedError(
            "no_secret",
            f"{client_id} signs with keys of its own: `signon clients set-jwks` changes them.",
        )


def unknown_client(client_id: str) -> NotFoundError:
    """What to say of an id that no client has."""
    return NotFoundError(f"There is no client {client_id[:64]!r}: `signon clients list` shows all.")


class _Client(NamedTuple):
    auth_method: str
    disabled_at: datetime | None


@one(_Client)
def _lock_client(client_id: str) -> Select[str, datetime | None]:
    found = select(clients.c.auth_method, clients.c.disabled_at).where(clients.c.id == client_id)
    return found.with_for_update()


@change
def _insert(digest: bytes, client_id: str, now: datetime) -> Insert:
    return insert(secrets).values(digest=digest, client_id=client_id, created_at=now)


@change
def forget(client_id: str) -> Delete:
    """Let the client have no secret any more."""
    return delete(secrets).where(secrets.c.client_id == client_id)


@change
def _forget_older(client_id: str) -> Delete:
    ending = secrets.c.expires_at.is_not(None)
    return delete(secrets).where(secrets.c.client_id == client_id, ending)


@change
def _let_end(client_id: str, end: datetime) -> Update:
    endless = secrets.c.client_id == client_id, secrets.c.expires_at.is_(None)
    return update(secrets).where(*endless).values(expires_at=end)


@every(Ending)
def _ending(now: datetime, limit: int) -> Select[*tuple[Any, ...]]:
    return _that_end(now, true(), limit)


@every(Ending)
def _of_firm_ending(firm_id: str, now: datetime, limit: int) -> Select[*tuple[Any, ...]]:
    return _that_end(now, clients.c.firm_id == firm_id, limit)


def _that_end(now: datetime, whose: ColumnElement[bool], limit: int) -> Select[*tuple[Any, ...]]:
    end = secrets.c.expires_at
    return (
        select(clients.c.id.label("client_id"), clients.c.name, end)
        .join(clients, clients.c.id == secrets.c.client_id)
        .where(end > now, clients.c.disabled_at.is_(None), whose)
        .order_by(end, clients.c.id)
        .limit(limit)
    )
