"""Refreshing: find the token and its grant in one read, spend it at the end, or end the family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.registry import Client
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.oidc import subject
from signon.oidc.claims import Authentication, Subject, subject_of
from signon.oidc.requests import RegisteredClient
from signon.prepared import one
from signon.tokens import grants, refreshing
from signon.tokens.refreshing import RefreshToken


@dataclass(frozen=True, slots=True)
class FoundRefreshToken:
    """A refresh token of a living grant, with the person and sign-in behind it."""

    token: RefreshToken
    client_id: str
    scope: str
    subject: Subject
    authentication: Authentication
    dpop_jkt: str | None = None

    def check_client(self, client: RegisteredClient) -> bool:
        """Whether it was issued to this client (Authlib asks)."""
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        """The scope that was granted; it cannot grow (RFC 6749 section 6)."""
        return self.scope


def find(unit: Unit, refresh_token: str, *, court: Court | None) -> FoundRefreshToken | None:
    """The token, if its grant lives and its person may still use it; spent ones are found too."""
    digest = opaque_tokens.digest(refresh_token)
    if court:
        found = _find_at_court(unit, digest, unit.now, court.id)
    else:
        found = _find(unit, digest, unit.now)
    if found is None:
        return None
    return FoundRefreshToken(
        token=RefreshToken(digest, found.grant_id, found.refresh_used_at is not None),
        client_id=found.client_id,
        scope=found.scope,
        subject=subject_of(
            unit,
            found.person,
            court,
            found.session_id,
            found.client_code,
            found.requested_claims,
        ),
        authentication=Authentication(
            found.session_id, found.auth_time, found.acr, tuple(found.amr)
        ),
        dpop_jkt=found.dpop_jkt,
    )


def successor(
    unit: Unit, found: FoundRefreshToken, client: Client, refresh_token: str, *, ring: KeyRing
) -> str | None:
    """The token that comes next: a fresh one, or within the client's grace the same once more.

    The token itself, where the client's are not rotated. None on reuse; then the family has been
    revoked.
    """
    if not found.token.was_used:
        return opaque_tokens.new_token() if client.rules.rotates else refresh_token
    if grace := client.refresh_grace_seconds:
        kept = refreshing.successor_within_grace(unit, found.token, ring=ring, grace_seconds=grace)
        if kept is not None:
            return kept
    unit.require_transaction()
    _revoke_replayed(unit, found, client)
    return None


def spend(
    unit: Unit, found: FoundRefreshToken, successor: str, client: Client, *, ring: KeyRing
) -> bool:
    """Spend the token for its successor, as the last act, unless it was spent for that before or
    is never spent.

    False when the answer must not be sent: another request was faster, and the family has been
    revoked; or the grant ended since the token was found, and nothing was spent.
    """
    if found.token.was_used or not client.rules.rotates:
        return True
    sealed = client.refresh_grace_seconds > 0
    if refreshing.rotate(unit, found.token, successor, ring=ring, keep_successor=sealed):
        return True
    unit.require_transaction()
    if refreshing.was_used(unit, found.token):
        _revoke_replayed(unit, found, client)
    return False


def _revoke_replayed(unit: Unit, found: FoundRefreshToken, client: Client) -> None:
    # RFC 9700 section 4.14.2: "the authorization server ... revokes the refresh token"
    grants.revoke(unit, found.token.grant_id, reason="refresh_token_replayed")
    trail.record(
        unit,
        Event.REFRESH_TOKEN_REPLAYED,
        actor=client.id,
        account_id=found.subject.id,
        client_id=client.id,
        grant=found.token.grant_id,
    )


class _Found(NamedTuple):
    refresh_digest: bytes
    grant_id: str
    refresh_used_at: datetime | None
    client_id: str
    session_id: str
    scope: str
    auth_time: datetime
    acr: str
    amr: Sequence[str]
    client_code: str | None
    requested_claims: dict[str, Any] | None
    dpop_jkt: str | None
    person: Mapping[str, Any]


def _found(*columns: Any) -> _Found:
    return _Found._make((*columns[:_OWN], subject.row(columns[_OWN:])))


_OWN = len(_Found._fields) - 1
_COLUMNS: subject.Columns = refreshing.FAMILY_COLUMNS
_ACCOUNT = refreshing.FAMILY.c.grants_account_id
_WITH_SESSION = subject.with_session(refreshing.FAMILY, refreshing.FAMILY.c.grants_session_id)


@one(_found)
def _find(digest: bytes, now: datetime) -> Select[Any]:
    return (
        select(*_COLUMNS, *subject.COLUMNS)
        .select_from(subject.joined(refreshing.FAMILY, _ACCOUNT))
        .where(refreshing.is_token(digest), *grants.living(now))
    )


@one(_found)
def _find_at_court(digest: bytes, now: datetime, court_id: str) -> Select[Any]:
    return (
        select(*_COLUMNS, *subject.columns_at_court(court_id))
        .select_from(subject.joined_at_court(_WITH_SESSION, _ACCOUNT, court_id))
        .where(refreshing.is_token(digest), *grants.living(now))
    )
