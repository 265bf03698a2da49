"""Refreshing: find the token and its grant in one read, spend it, or end the family."""

from dataclasses import dataclass

from sqlalchemy import select

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.registry import Client
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.oidc import subject
from signon.oidc.claims import Authentication, Subject
from signon.oidc.requests import RegisteredClient
from signon.prepared import Prepared
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

    def check_client(self, client: RegisteredClient) -> bool:
        """Whether it was issued to this client (Authlib asks)."""
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        """The scope that was granted; it cannot grow (RFC 6749 section 6)."""
        return self.scope


def find(unit: Unit, refresh_token: str, *, court: Court | None) -> FoundRefreshToken | None:
    """The token, if its grant lives and its person may still use it; spent ones are found too."""
    statement = _FIND_AT_COURT if court else _FIND
    values = {
        "digest": opaque_tokens.digest(refresh_token),
        "now": unit.now,
        **subject.values(court),
    }
    row = unit.row(statement, values)
    if row is None:
        return None
    return FoundRefreshToken(
        token=RefreshToken(
            row["refresh_digest"], row["grant_id"], row["refresh_used_at"] is not None
        ),
        client_id=row["client_id"],
        scope=row["scope"],
        subject=Subject(row, court, row["client_code"]),
        authentication=Authentication(
            row["session_id"], row["auth_time"], row["acr"], tuple(row["amr"])
        ),
    )


def spend(unit: Unit, found: FoundRefreshToken, client: Client, *, ring: KeyRing) -> str | None:
    """The successor, or None on reuse; then the family has been revoked."""
    grace = client.refresh_grace_seconds
    successor = refreshing.rotate(unit, found.token, ring=ring, keep_successor=grace > 0)
    if successor is None and grace > 0:
        successor = refreshing.successor_within_grace(
            unit, found.token, ring=ring, grace_seconds=grace
        )
    if successor is None:
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
    return successor


_IS_LIVING = (refreshing.is_token(), *grants.living())
_ACCOUNT = refreshing.FAMILY.c.grants_account_id
_FIND = Prepared(
    select(*refreshing.FAMILY_COLUMNS, *subject.COLUMNS)
    .select_from(subject.joined(refreshing.FAMILY, _ACCOUNT))
    .where(*_IS_LIVING)
)
_FIND_AT_COURT = Prepared(
    select(*refreshing.FAMILY_COLUMNS, *subject.COLUMNS_AT_COURT)
    .select_from(subject.joined_at_court(refreshing.FAMILY, _ACCOUNT))
    .where(*_IS_LIVING)
)
