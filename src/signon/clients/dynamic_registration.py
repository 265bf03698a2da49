"""Clients that register themselves (RFC 7591) and look after that (RFC 7592).

By the same checks as `signon clients create`, and within the bounds of an invitation.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Insert, Select, Update, insert, select, update

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients import changes, client_metadata, invitations, life, registration
from signon.clients.application import Server
from signon.clients.client_metadata import ClientMetadata, Metadata
from signon.clients.invitations import TokenRefusedError, require_within
from signon.clients.models import clients, dynamic_registrations
from signon.clients.registry import read_client
from signon.db import Unit
from signon.errors import InputError
from signon.prepared import change, one

PATH = "/oauth2/register"


class Kept(NamedTuple):
    """A client that has registered itself."""

    created_at: datetime
    software_statement: str | None


def register(unit: Unit, initial_token: str, said: ClientMetadata, server: Server) -> Metadata:
    """A new client, and what lets it change itself, for one initial access token.

    Raises TokenRefusedError, and InputError, RefusedError or NotFoundError as
    `registration.register` does; then the token is as good as before.
    """
    invitation = invitations.use(unit, initial_token)
    asked = client_metadata.application(said, invitation)
    require_within(invitation, asked)
    made = registration.register(unit, asked, server, actor=invitation.made_by)
    token = opaque_tokens.new_token()
    _insert(
        unit, made.client_id, invitation.id, opaque_tokens.digest(token), said.software_statement
    )
    trail.record(
        unit,
        Event.CLIENT_REGISTERED_ITSELF,
        actor=made.client_id,
        client_id=made.client_id,
        court_id=invitation.court_id,
        invitation=invitation.id,
    )
    return _told(unit, made.client_id, made.client_secret, token)


def look(unit: Unit, client_id: str, token: str) -> Metadata:
    """What the client is registered with; its secret is kept as a digest and not told again.

    Raises TokenRefusedError.
    """
    _require(unit, client_id, token)
    return _told(unit, client_id, None, token)


def replace(
    unit: Unit, client_id: str, token: str, said: ClientMetadata, server: Server
) -> Metadata:
    """Register the client anew under its id, with a new token (RFC 7592 section 2.2).

    Raises TokenRefusedError, and InputError or RefusedError as `register` does.
    """
    new = _turn(unit, client_id, token)
    known = read_client(unit, client_id)
    if said.client_id != client_id:
        raise InputError("client_id must be that of the client.", field="client_id")
    secret = said.client_secret
    if secret is not None and not (known and known.check_secret(secret, unit.now)):
        raise InputError("client_secret must be the one that holds.", field="client_secret")
    invitation = invitations.of_client(unit, client_id)
    assert invitation is not None
    asked = client_metadata.application(said, invitation)
    require_within(invitation, asked)
    changed = changes.change(unit, client_id, asked, server, actor=client_id)
    _keep_statement(unit, client_id, said.software_statement)
    return _told(unit, client_id, changed.client_secret, new)


def remove(unit: Unit, client_id: str, token: str) -> None:
    """Close the client; its row stays, because the audit trail speaks of it.

    Raises TokenRefusedError.
    """
    _turn(unit, client_id, token)
    life.disable(unit, client_id, actor=client_id)


def _require(unit: Unit, client_id: str, token: str) -> Kept:
    found = _find(unit, client_id, opaque_tokens.digest(token))
    if found is None:
        raise TokenRefusedError
    return found


def _turn(unit: Unit, client_id: str, token: str) -> str:
    """Spend the token for a new one: of two changes at once one is made."""
    _require(unit, client_id, token)
    new = opaque_tokens.new_token()
    if _rotate(unit, client_id, opaque_tokens.digest(token), opaque_tokens.digest(new)) != 1:
        raise TokenRefusedError
    return new


def _told(unit: Unit, client_id: str, secret: str | None, token: str) -> Metadata:
    row = life.find(unit, client_id)
    assert row is not None
    kept = _require(unit, client_id, token)
    told = {
        "client_id": client_id,
        "client_id_issued_at": int(kept.created_at.timestamp()),
        **client_metadata.shown(life.stored(unit, row)),
        "registration_access_token": token,
    }
    if kept.software_statement is not None:
        told["software_statement"] = kept.software_statement
    # section 3.2.1: REQUIRED with a secret; ours end when they are rotated
    return {**told, "client_secret": secret, "client_secret_expires_at": 0} if secret else told


@change
def _insert(
    client_id: str, invitation_id: str, digest: bytes, software_statement: str | None
) -> Insert:
    return insert(dynamic_registrations).values(
        client_id=client_id,
        invitation_id=invitation_id,
        digest=digest,
        software_statement=software_statement,
    )


@one(Kept)
def _find(client_id: str, digest: bytes) -> Select[datetime, str | None]:
    found = select(clients.c.created_at, dynamic_registrations.c.software_statement)
    same = clients.c.id == dynamic_registrations.c.client_id
    return found.join(dynamic_registrations, same).where(
        clients.c.id == client_id,
        clients.c.disabled_at.is_(None),
        dynamic_registrations.c.digest == digest,
    )


@change
def _rotate(client_id: str, old: bytes, new: bytes) -> Update:
    mine = dynamic_registrations.c.client_id == client_id, dynamic_registrations.c.digest == old
    return update(dynamic_registrations).where(*mine).values(digest=new)


@change
def _keep_statement(client_id: str, software_statement: str | None) -> Update:
    mine = update(dynamic_registrations).where(dynamic_registrations.c.client_id == client_id)
    return mine.values(software_statement=software_statement)
