"""Registering a client: checked in order, and then written down."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert

from signon import ids
from signon.accounts import directory
from signon.accounts.models import AccountKind
from signon.audit import trail
from signon.audit.events import Event
from signon.clients import secrets
from signon.clients.application import Application, Server
from signon.clients.checks import CHECKS
from signon.clients.models import Registration, clients
from signon.courts import registry as courts
from signon.db import Unit
from signon.errors import RefusedError
from signon.prepared import change


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client; the secret exists nowhere else and is never shown again."""

    client_id: str
    client_secret: str | None


def register(
    unit: Unit,
    application: Application,
    server: Server,
    *,
    client_id: str | None = None,
    actor: str = trail.COMMAND_LINE,
) -> Registered:
    """Write down a new client, under a new id unless one is given.

    Raises InputError or RefusedError at the first check that fails or for an id that is taken,
    NotFoundError for a court or firm that does not exist; then nothing has changed.
    """
    for check in CHECKS:
        check(application, server)
    asked = bound(unit, application).settled()
    # never the shape of an account's id: no client can pass for a person (RFC 9700 4.15)
    client_id = client_id or f"{asked.court or 'client'}-{ids.new_id()}"
    row = columns(unit, asked)
    if _insert(unit, client_id, unit.now, row) != 1:
        raise RefusedError("taken", f"There is a client {client_id} already.")
    secret = secrets.issue(unit, client_id) if asked.has_secret else None
    trail.record(
        unit,
        Event.CLIENT_CREATED,
        actor=actor,
        client_id=client_id,
        court_id=asked.court,
        account_id=row.firm_id,
        profile=asked.profile,
        auth_method=asked.auth_method,
        trusted=asked.trusted,
    )
    return Registered(client_id, secret)


def bound(unit: Unit, application: Application) -> Application:
    """The same with its court's id as the registry writes it.

    Raises NotFoundError for an unknown court, RefusedError for what is no active firm.
    """
    if application.firm:
        _firm_id(unit, application.firm)
    if not application.court:
        return replace(application, court=None)
    return replace(application, court=courts.read_one(unit, application.court).id)


def columns(unit: Unit, settled: Application) -> Registration:
    """A settled application as its row has it."""
    assert settled.id_token_alg is not None
    return Registration(
        name=settled.name,
        court_id=settled.court,
        firm_id=_firm_id(unit, settled.firm) if settled.firm else None,
        profile=settled.profile,
        auth_method=settled.auth_method,
        grants=list(settled.grants),
        scopes=list(settled.scopes or ()),
        redirect_uris=list(settled.redirect_uris),
        post_logout_redirect_uris=list(settled.post_logout_redirect_uris),
        return_uris=list(settled.return_uris),
        id_token_alg=settled.id_token_alg,
        refresh_grace_seconds=settled.refresh_grace_seconds,
        trusted=settled.trusted,
        claims_in_id_token=settled.claims_in_id_token,
        cso_tokens=settled.cso_tokens,
        backchannel_logout_uri=settled.backchannel_logout_uri,
        jwks=settled.jwks,
        jwks_uri=settled.jwks_uri,
    )


def _firm_id(unit: Unit, number: str) -> str:
    firm = directory.by_number(unit, number)
    if firm is None or firm.kind is not AccountKind.FIRM or not firm.is_active:
        raise RefusedError(
            "firm", f"There is no active firm account {number[:16]!r}: see `signon accounts list`."
        )
    return firm.id


@change
def _insert(client_id: str, now: datetime, row: Registration) -> Insert:
    new = insert(clients).values(id=client_id, created_at=now, **row._asdict())
    return new.on_conflict_do_nothing()
