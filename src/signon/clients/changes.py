"""Changing what a client is registered with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Update, update

from signon import prepared
from signon.audit import trail
from signon.audit.events import Event
from signon.clients import life, secrets
from signon.clients.application import Application, Server, differences
from signon.clients.checks import CHECKS
from signon.clients.models import Registration, clients
from signon.clients.registration import bound, columns
from signon.clients.secrets import unknown_client
from signon.db import Unit
from signon.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Changed:
    """The fields with their old and new values; a secret if the client had none and needs one."""

    fields: Mapping[str, tuple[Any, Any]]
    client_secret: str | None = None


def change(
    unit: Unit,
    client_id: str,
    asked: Application,
    server: Server,
    *,
    actor: str = trail.COMMAND_LINE,
) -> Changed:
    """Make a client what is asked, under the same checks as a new one.

    Running servers go by it within a second. A client that no longer shows a secret loses those
    it had. Raises as `registration.register` does, NotFoundError for an unknown client, and
    RefusedError when it would pass to another court or firm: the people who trusted it did not.
    """
    before = _locked(unit, client_id)
    for check in CHECKS:
        check(new_in(asked, before), server)
    after = bound(unit, asked).settled()
    require_binding(before, after)
    fields = differences(before, after)
    if not fields:
        return Changed(fields)
    _set(unit, client_id, columns(unit, after))
    trail.record(
        unit,
        Event.CLIENT_CHANGED,
        actor=actor,
        client_id=client_id,
        court_id=after.court,
        fields=list(fields),
    )
    return Changed(fields, _secret(unit, client_id, before, after))


def require_binding(before: Application, after: Application) -> None:
    """Raises RefusedError when a client would pass to another court or firm."""
    if (before.court, before.firm) != (after.court, after.firm):
        raise RefusedError(
            "binding", "A client stays with its court or firm: register another one there."
        )


def new_in(asked: Application, before: Application) -> Application:
    """What there is to check: an algorithm that it has already may have lost its key since."""
    keeps = asked.id_token_alg == before.id_token_alg
    return replace(asked, id_token_alg=None) if keeps else asked


def set_keys(
    unit: Unit,
    client_id: str,
    server: Server,
    *,
    jwks: Mapping[str, Any] | None = None,
    jwks_uri: str | None = None,
    actor: str = trail.COMMAND_LINE,
) -> Changed:
    """Replace the public keys of a client that signs: by a set, or by a set's address.

    To rotate without a gap, register old and new key together first. Raises as `change` does.
    """
    asked = replace(_locked(unit, client_id), jwks=jwks, jwks_uri=jwks_uri)
    return change(unit, client_id, asked, server, actor=actor)


def _locked(unit: Unit, client_id: str) -> Application:
    """The client as it is; nobody else changes it until this unit ends."""
    row = life.lock(unit, client_id)
    if row is None:
        raise unknown_client(client_id)
    return life.stored(unit, row)


def _secret(unit: Unit, client_id: str, before: Application, after: Application) -> str | None:
    if before.has_secret and not after.has_secret:
        secrets.forget(unit, client_id)
    if after.has_secret and not before.has_secret:
        return secrets.issue(unit, client_id)
    return None


@prepared.change
def _set(client_id: str, row: Registration) -> Update:
    return update(clients).where(clients.c.id == client_id).values(**row._asdict())
