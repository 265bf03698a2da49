"""Client secrets: 256 random bits, shown once, kept as SHA-256; two may live at once."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select, update

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.application import SECRET_METHODS
from signon.clients.models import clients, secrets
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError

OVERLAP = timedelta(hours=24)
"""How long the old secret goes on beside the new one, unless somebody says otherwise."""
MOST_LIVING = 2
"""How many `rotate` leaves: the new one, and the one before it."""
LONGEST_OVERLAP = timedelta(days=30)


def issue(unit: Unit, client_id: str) -> str:
    """Store the digest of a new secret without an end, and answer the secret."""
    secret = opaque_tokens.new_token()
    digest = opaque_tokens.digest(secret)
    values = {"digest": digest, "client_id": client_id, "created_at": unit.now}
    unit.execute(insert(secrets), values)
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
    unit.execute(_FORGET_OLDER, {"client": client_id})
    unit.execute(_LET_END, {"client": client_id, "end": unit.now + overlap})
    secret = issue(unit, client_id)
    trail.record(unit, Event.CLIENT_SECRET_ROTATED, actor=actor, client_id=client_id)
    return secret


def _lock(unit: Unit, client_id: str) -> None:
    """Let no second rotation see the same secrets."""
    found = unit.execute(_LOCK, {"client": client_id}).one_or_none()
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


_CLIENT = secrets.c.client_id == bindparam("client")
_LOCK = (
    select(clients.c.auth_method, clients.c.disabled_at)
    .where(clients.c.id == bindparam("client"))
    .with_for_update()
)
_FORGET_OLDER = delete(secrets).where(_CLIENT, secrets.c.expires_at.is_not(None))
_LET_END = (
    update(secrets)
    .where(_CLIENT, secrets.c.expires_at.is_(None))
    .values(expires_at=bindparam("end"))
)
