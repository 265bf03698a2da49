"""Relying parties and service clients as the provider sees them."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select

from signon import opaque_tokens
from signon.clients.models import (
    REGISTRATION,
    Registration,
    clients,
    dynamic_registrations,
    secrets,
)
from signon.clients.profiles import RULES, Dpop, Profile, Rules, requires_pkce
from signon.db import Database, Unit
from signon.prepared import HANDFUL, every, given, value

CACHE_SECONDS = 1.0
"""How long a disabled client may go on: every process asks again after this time."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A stored client secret: its SHA-256 and when it ends."""

    digest: bytes
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client that is not disabled."""

    id: str
    name: str
    court_id: str | None
    firm_id: str | None
    profile: Profile
    auth_method: str
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    return_uris: tuple[str, ...]
    id_token_alg: str
    refresh_grace_seconds: int
    trusted: bool
    claims_in_id_token: bool
    """Whether `profile`, `email`, `phone` and `address` are in ID tokens, not in UserInfo alone."""
    cso_tokens: bool
    secrets: tuple[Secret, ...]
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    backchannel_logout_uri: str | None = None
    dpop: str = Dpop.OPTIONAL
    require_par: bool = False
    require_signed_request: bool = False
    signed_userinfo: bool = False
    registered_itself: bool = False

    @property
    def is_public(self) -> bool:
        """Whether it has no secret to keep (RFC 6749 section 2.1)."""
        return self.auth_method == "none"

    @property
    def rules(self) -> Rules:
        """What its profile asks of it."""
        return RULES[self.profile]

    @property
    def requires_par(self) -> bool:
        """Whether it may only come with a pushed request (RFC 9126 section 6)."""
        return self.require_par or self.rules.requires_par

    @property
    def requires_pkce(self) -> bool:
        """Whether every authorization request needs a code challenge."""
        return requires_pkce(self.profile, is_public=self.is_public)

    @property
    def asks_consent(self) -> bool:
        """Courts' own and trusted clients never ask; nobody has reviewed what registered itself."""
        return not self.trusted and (self.court_id is None or self.registered_itself)

    @property
    def is_imitable(self) -> bool:
        """Whether another app on the person's machine could pass for it (RFC 8252 section 8.6)."""
        claimed = all(uri.startswith("https:") for uri in self.redirect_uris)
        return self.is_public and not claimed

    @property
    def may_return_to(self) -> tuple[str, ...]:
        """Where a page of ours may send people on to."""
        return self.redirect_uris + self.post_logout_redirect_uris + self.return_uris

    def check_secret(self, secret: str, now: datetime) -> bool:
        """Whether it is one of the secrets that live now; compares in constant time."""
        return any(
            opaque_tokens.matches(secret, known.digest)
            for known in self.secrets
            if known.expires_at is None or known.expires_at > now
        )


class ClientRegistry:
    """Clients by id, each kept for at most `CACHE_SECONDS`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, tuple[float, Client]] = {}

    async def find(self, client_id: str | None) -> Client | None:
        """The client, or None when there is no such client or it is disabled."""
        if not client_id:
            return None
        kept = self._kept.get(client_id)
        if kept and time.monotonic() - kept[0] < CACHE_SECONDS:
            return kept[1]
        asked = time.monotonic()
        found = await self._database.read(read_client, client_id)
        if found is None:
            self._kept.pop(client_id, None)
        else:
            self._kept[client_id] = (asked, found)
        return found

    def forget(self) -> None:
        """Read anew at the next use."""
        self._kept.clear()


def read_client(unit: Unit, client_id: str) -> Client | None:
    """The client with its secrets, or None when unknown or disabled."""
    rows = _read(unit, client_id)
    return _from_rows(rows) if rows else None


def names(unit: Unit, client_ids: Collection[str]) -> dict[str, str]:
    """What these clients are called, disabled ones too."""
    asked, found = list(client_ids), dict[str, str]()
    for first in range(0, len(asked), HANDFUL):
        some = asked[first : first + HANDFUL]
        # filled up, so that it is one statement however few they are
        found.update(_names(unit, *some, *some[:1] * (HANDFUL - len(some))))
    return found


def enabled_since(
    client_id: ColumnElement[str], given_at: ColumnElement[datetime]
) -> ColumnElement[bool]:
    """The condition under which what a client was given at some moment still holds for it.

    For hot statements of higher features over a table with these two columns: a disabled client
    has nothing at once, and what it had then stays worthless when it is enabled again.
    """
    since = clients.c.enabled_at
    return (
        select(clients.c.id)
        .where(
            clients.c.id == client_id,
            clients.c.disabled_at.is_(None),
            or_(since.is_(None), since <= given_at),
        )
        .correlate_except(clients)
        .exists()
    )


def is_standing(unit: Unit, client_id: str, issued_at: int) -> bool:
    """The same for a client's own token, whose `iat` (whole seconds) is all that is known of it."""
    given_at = datetime.fromtimestamp(issued_at + 1, UTC)
    return bool(_is_standing(unit, client_id, given_at))


def _from_rows(rows: Sequence["_Row"]) -> Client:
    said = rows[0].registration
    return Client(
        id=rows[0].id,
        name=said.name,
        court_id=said.court_id,
        firm_id=said.firm_id,
        profile=Profile(said.profile),
        auth_method=said.auth_method,
        grants=tuple(said.grants),
        scopes=tuple(said.scopes),
        redirect_uris=tuple(said.redirect_uris),
        post_logout_redirect_uris=tuple(said.post_logout_redirect_uris),
        return_uris=tuple(said.return_uris),
        id_token_alg=said.id_token_alg,
        refresh_grace_seconds=said.refresh_grace_seconds,
        trusted=said.trusted,
        claims_in_id_token=said.claims_in_id_token,
        cso_tokens=said.cso_tokens,
        jwks=said.jwks,
        jwks_uri=said.jwks_uri,
        backchannel_logout_uri=said.backchannel_logout_uri,
        dpop=said.dpop,
        require_par=said.require_par,
        require_signed_request=said.require_signed_request,
        signed_userinfo=said.signed_userinfo,
        registered_itself=rows[0].invitation_id is not None,
        secrets=tuple(Secret(row.digest, row.expires_at) for row in rows if row.digest),
    )


class _Row(NamedTuple):
    digest: bytes | None
    expires_at: datetime | None
    invitation_id: str | None
    id: str
    registration: Registration


def _row(
    digest: bytes | None,
    expires_at: datetime | None,
    invitation_id: str | None,
    client_id: str,
    *registration: Any,
) -> _Row:
    return _Row(digest, expires_at, invitation_id, client_id, Registration(*registration))


@every(_row)
def _read(client_id: str) -> Select[Any]:
    invited_by = dynamic_registrations.c.invitation_id
    found: Select[Any] = select(
        secrets.c.digest, secrets.c.expires_at, invited_by, clients.c.id, *REGISTRATION
    )
    source = clients.outerjoin(secrets, secrets.c.client_id == clients.c.id)
    source = source.outerjoin(
        dynamic_registrations, dynamic_registrations.c.client_id == clients.c.id
    )
    is_open = clients.c.id == client_id, clients.c.disabled_at.is_(None)
    return found.select_from(source).where(*is_open)


class _Name(NamedTuple):
    id: str
    name: str


@every(_Name)
def _names(*client_ids: str) -> Select[str, str]:
    return select(clients.c.id, clients.c.name).where(clients.c.id.in_(client_ids))


@value
def _is_standing(client_id: str, given_at: datetime) -> Select[bool]:
    found: Select[bool] = select(enabled_since(given(client_id), given(given_at)))
    return found
