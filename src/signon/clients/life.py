"""Registered clients as an operator sees them, their end and their return."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, null, or_, select, update

from signon.accounts import directory
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.application import FIELDS, Application
from signon.clients.models import (
    REGISTRATION,
    Registration,
    clients,
    dynamic_registrations,
    secrets,
)
from signon.clients.secrets import unknown_client
from signon.db import Unit
from signon.errors import RefusedError
from signon.prepared import change, every, one, values

Record = dict[str, Any]
"""A client under the names of its options; times are aware datetimes."""


def all_clients(unit: Unit) -> list[Record]:
    """Every client that was ever registered, in the order in which they were, each with whether it
    registered itself.
    """
    themselves = set(_registered_themselves(unit))
    return [{**_record(unit, row), "registered_itself": row.id in themselves} for row in _all(unit)]


def show(unit: Unit, client_id: str) -> Record:
    """One client, with what is known of its living secrets. Raises NotFoundError.

    Of one that has registered itself also by which invitation, and its software statement as it was
    given: nobody has checked that.
    """
    row = find(unit, client_id)
    if row is None:
        raise unknown_client(client_id)
    living = [secret._asdict() for secret in _living_secrets(unit, client_id, unit.now)]
    itself = _registered_itself(unit, client_id)
    return {
        **_record(unit, row),
        "secrets": living,
        "registered_itself": itself is not None,
        **(itself._asdict() if itself else {}),
    }


def disable(unit: Unit, client_id: str, *, actor: str = trail.COMMAND_LINE) -> datetime:
    """Close a client; answers when.

    Running servers learn of it within a second; its grants are worth nothing at once.
    Raises NotFoundError, and RefusedError for a client that is disabled already.
    """
    if _disable(unit, client_id, unit.now) != 1:
        since = show(unit, client_id)["disabled_at"]
        when = since.isoformat(timespec="seconds")
        raise RefusedError("disabled", f"The client {client_id} is disabled since {when} already.")
    trail.record(unit, Event.CLIENT_DISABLED, actor=actor, client_id=client_id)
    return unit.now


def enable(unit: Unit, client_id: str, *, actor: str = trail.COMMAND_LINE) -> None:
    """Open a disabled client again, with the secrets and addresses that it had.

    What it was given before stays worthless: people sign in anew. Raises NotFoundError, and
    RefusedError for a client that is not disabled.
    """
    if _enable(unit, client_id, unit.now) != 1:
        show(unit, client_id)
        raise RefusedError("enabled", f"The client {client_id} is not disabled.")
    trail.record(unit, Event.CLIENT_ENABLED, actor=actor, client_id=client_id)


class Stored(NamedTuple):
    """A client as its row has it."""

    id: str
    created_at: datetime
    disabled_at: datetime | None
    registration: Registration


def stored(unit: Unit, row: Stored) -> Application:
    """A client's row as the settled application that would make it."""
    said = row.registration
    firm = directory.by_id(unit, said.firm_id) if said.firm_id else None
    return Application(
        name=said.name,
        court=said.court_id,
        firm=firm.number if firm else None,
        profile=said.profile,
        auth_method=said.auth_method,
        jwks=said.jwks,
        jwks_uri=said.jwks_uri,
        grants=tuple(said.grants),
        scopes=tuple(said.scopes),
        redirect_uris=tuple(said.redirect_uris),
        post_logout_redirect_uris=tuple(said.post_logout_redirect_uris),
        return_uris=tuple(said.return_uris),
        backchannel_logout_uri=said.backchannel_logout_uri,
        dpop=said.dpop,
        require_par=said.require_par,
        require_signed_request=said.require_signed_request,
        signed_userinfo=said.signed_userinfo,
        id_token_alg=said.id_token_alg,
        refresh_grace_seconds=said.refresh_grace_seconds,
        trusted=said.trusted,
        claims_in_id_token=said.claims_in_id_token,
        cso_tokens=said.cso_tokens,
    )


def _record(unit: Unit, row: Stored) -> Record:
    application = stored(unit, row)
    return {
        "client_id": row.id,
        **{field: getattr(application, name) for field, name in FIELDS.items()},
        "created_at": row.created_at,
        "disabled_at": row.disabled_at,
    }


class _Itself(NamedTuple):
    invitation_id: str
    software_statement: str | None


class _Secret(NamedTuple):
    created_at: datetime
    expires_at: datetime | None


def _stored(
    client_id: str, created_at: datetime, disabled_at: datetime | None, *registration: Any
) -> Stored:
    return Stored(client_id, created_at, disabled_at, Registration(*registration))


def _clients() -> Select[Any]:
    found: Select[Any] = select(
        clients.c.id, clients.c.created_at, clients.c.disabled_at, *REGISTRATION
    )
    return found


@every(_stored)
def _all() -> Select[Any]:
    return _clients().order_by(clients.c.created_at, clients.c.id)


@one(_stored)
def find(client_id: str) -> Select[Any]:
    """The client's row, of a disabled one too."""
    return _clients().where(clients.c.id == client_id)


@one(_stored)
def lock(client_id: str) -> Select[Any]:
    """The same, and nobody else changes it until this unit ends."""
    return _clients().where(clients.c.id == client_id).with_for_update()


@every(_Secret)
def _living_secrets(client_id: str, now: datetime) -> Select[datetime, datetime | None]:
    end = secrets.c.expires_at
    living = secrets.c.client_id == client_id, or_(end.is_(None), end > now)
    return select(secrets.c.created_at, end).where(*living).order_by(secrets.c.created_at)


@one(_Itself)
def _registered_itself(client_id: str) -> Select[str, str | None]:
    found = dynamic_registrations
    return select(found.c.invitation_id, found.c.software_statement).where(
        found.c.client_id == client_id
    )


@values
def _registered_themselves() -> Select[str]:
    return select(dynamic_registrations.c.client_id)


@change
def _disable(client_id: str, now: datetime) -> Update:
    is_open = clients.c.id == client_id, clients.c.disabled_at.is_(None)
    return update(clients).where(*is_open).values(disabled_at=now)


@change
def _enable(client_id: str, now: datetime) -> Update:
    is_closed = clients.c.id == client_id, clients.c.disabled_at.is_not(None)
    return update(clients).where(*is_closed).values(disabled_at=null(), enabled_at=now)
