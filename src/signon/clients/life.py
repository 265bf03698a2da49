"""Registered clients as an operator sees them, their end and their return."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from signon.accounts import directory
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.application import FIELDS, Application
from signon.clients.models import clients, secrets
from signon.clients.secrets import unknown_client
from signon.db import Unit
from signon.errors import RefusedError

Record = dict[str, Any]
"""A client under the names of its options; times are aware datetimes."""


def all_clients(unit: Unit) -> list[Record]:
    """Every client that was ever registered, in the order in which they were."""
    return [_record(unit, row) for row in unit.execute(_ALL).mappings()]


def show(unit: Unit, client_id: str) -> Record:
    """One client, with what is known of its living secrets. Raises NotFoundError."""
    row = unit.execute(_ONE, {"client": client_id}).mappings().one_or_none()
    if row is None:
        raise unknown_client(client_id)
    living = unit.execute(_SECRETS, {"client": client_id, "now": unit.now}).mappings()
    return {**_record(unit, row), "secrets": [dict(secret) for secret in living]}


def disable(unit: Unit, client_id: str, *, actor: str = trail.COMMAND_LINE) -> datetime:
    """Close a client; answers when.

    Running servers learn of it within a second; its grants are worth nothing at once.
    Raises NotFoundError, and RefusedError for a client that is disabled already.
    """
    if unit.execute(_DISABLE, {"client": client_id, "now": unit.now}).rowcount != 1:
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
    if unit.execute(_ENABLE, {"client": client_id, "now": unit.now}).rowcount != 1:
        show(unit, client_id)
        raise RefusedError("enabled", f"The client {client_id} is not disabled.")
    trail.record(unit, Event.CLIENT_ENABLED, actor=actor, client_id=client_id)


def stored(unit: Unit, row: Mapping[Any, Any]) -> Application:
    """A client's row as the settled application that would make it."""
    firm = directory.by_id(unit, row["firm_id"]) if row["firm_id"] else None
    return Application(
        name=row["name"],
        court=row["court_id"],
        firm=firm.number if firm else None,
        profile=row["profile"],
        auth_method=row["auth_method"],
        jwks=row["jwks"],
        jwks_uri=row["jwks_uri"],
        grants=tuple(row["grants"]),
        scopes=tuple(row["scopes"]),
        redirect_uris=tuple(row["redirect_uris"]),
        post_logout_redirect_uris=tuple(row["post_logout_redirect_uris"]),
        return_uris=tuple(row["return_uris"]),
        backchannel_logout_uri=row["backchannel_logout_uri"],
        id_token_alg=row["id_token_alg"],
        refresh_grace_seconds=row["refresh_grace_seconds"],
        trusted=row["trusted"],
    )


def _record(unit: Unit, row: Mapping[Any, Any]) -> Record:
    application = stored(unit, row)
    return {
        "client_id": row["id"],
        **{field: getattr(application, name) for field, name in FIELDS.items()},
        "created_at": row["created_at"],
        "disabled_at": row["disabled_at"],
    }


_ALL = select(*clients.c).order_by(clients.c.created_at, clients.c.id)
_ONE = select(*clients.c).where(clients.c.id == bindparam("client"))
_SECRETS = (
    select(secrets.c.created_at, secrets.c.expires_at)
    .where(
        secrets.c.client_id == bindparam("client"),
        or_(secrets.c.expires_at.is_(None), secrets.c.expires_at > bindparam("now")),
    )
    .order_by(secrets.c.created_at)
)
_DISABLE = (
    update(clients)
    .where(clients.c.id == bindparam("client"), clients.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"))
)
_ENABLE = (
    update(clients)
    .where(clients.c.id == bindparam("client"), clients.c.disabled_at.is_not(None))
    .values(disabled_at=None, enabled_at=bindparam("now"))
)
