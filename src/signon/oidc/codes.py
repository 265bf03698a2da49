"""Authorization codes: 60 seconds, for one client, redeemed once.

A second redemption is refused and ends what the first one got (RFC 6749 section 4.1.2).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import ids, opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.registry import Client, enabled_since
from signon.courts.registry import Court
from signon.db import Unit
from signon.oidc import subject
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.claims import Authentication, Subject
from signon.oidc.models import codes
from signon.prepared import Prepared
from signon.signin.models import sessions
from signon.signin.session import SESSION_COLUMNS, Session
from signon.tokens import grants
from signon.tokens.grants import NewGrant

SPENT: Final = ""
"""What `redeem` answers when somebody was faster; no token is the empty string."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code that may be redeemed, with the person and sign-in behind it."""

    digest: bytes
    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    grant_id: str
    grant_ends: datetime
    subject: Subject
    authentication: Authentication

    def get_redirect_uri(self) -> str:
        """The redirect URI of the authorization request (Authlib compares it)."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was granted (Authlib hands it on to the tokens)."""
        return " ".join(self.scope)


def issue(unit: Unit, request: AuthorizationRequest, session: Session, *, lasts: timedelta) -> str:
    """A fresh code for an accepted request of a signed-in person."""
    code = opaque_tokens.new_token()
    unit.change(
        _INSERT,
        {
            "digest": opaque_tokens.digest(code),
            "client_id": request.client.id,
            "account_id": session.account.id,
            "session_id": session.id,
            "redirect_uri": request.redirect_uri,
            "scope": " ".join(request.scope),
            "nonce": request.nonce,
            "code_challenge": request.code_challenge,
            "claims": request.claims.stored(),
            "grant_id": ids.new_id(),
            "created_at": unit.now,
            "expires_at": unit.now + lasts,
        },
    )
    return code


def find(unit: Unit, code: str, client: Client, *, court: Court | None) -> FoundCode | None:
    """The code if it was issued to this client, lives, and its person may still use it.

    A code that was used before is a replay: what it gave is revoked.
    """
    statement = _FIND_AT_COURT if court else _FIND
    digest = opaque_tokens.digest(code)
    row = unit.row(statement, {"digest": digest, **subject.values(court)})
    # RFC 6749 section 4.1.3: "ensure that the authorization code was issued to the client"
    if row is None or row["client_id"] != client.id:
        return None
    if row["used_at"] is not None:
        _revoke_replayed(unit, row["grant_id"], client.id, row["account_id"])
        return None
    if row["code_expires_at"] <= unit.now or not subject.may_use(row, row["auth_time"]):
        return None
    if row["session_ended_at"] is not None:
        return None
    return FoundCode(
        digest=digest,
        client_id=client.id,
        redirect_uri=row["redirect_uri"],
        scope=tuple(row["scope"].split()),
        nonce=row["nonce"],
        code_challenge=row["code_challenge"],
        grant_id=row["grant_id"],
        grant_ends=row["session_expires_at"],
        subject=Subject(row, court, row["client_code"]),
        authentication=Authentication(
            row["session_id"], row["auth_time"], row["acr"], tuple(row["amr"])
        ),
    )


def redeem(unit: Unit, found: FoundCode, *, with_refresh_token: bool) -> str | None:
    """Spend the code and begin its grant; answers the first refresh token, if there is one.

    Answers `SPENT` when another request spent it first; that one's grant is revoked.
    """
    refresh_token = opaque_tokens.new_token() if with_refresh_token else None
    new = NewGrant(
        id=found.grant_id,
        account_id=found.subject.id,
        client_id=found.client_id,
        session_id=found.authentication.session_id,
        scope=" ".join(found.scope),
        auth_time=found.authentication.auth_time,
        acr=found.authentication.acr,
        amr=found.authentication.amr,
        client_code=found.subject.client_code,
        expires_at=found.grant_ends,
        claims=found.subject.row["requested_claims"],
    )
    if grants.begin_by(unit, _SPENDING, found.digest, new, refresh_token=refresh_token):
        return refresh_token
    _revoke_replayed(unit, found.grant_id, found.client_id, found.subject.id)
    return SPENT


def _revoke_replayed(unit: Unit, grant_id: str, client_id: str, account_id: str) -> None:
    # RFC 6749 section 4.1.2: "SHOULD revoke all tokens previously issued based on that code"
    grants.revoke(unit, grant_id, reason="code_replayed")
    trail.record(
        unit, Event.CODE_REPLAYED, actor=client_id, account_id=account_id, client_id=client_id
    )


_INSERT = Prepared(
    insert(codes), given=[column.name for column in codes.c if column is not codes.c.used_at]
)


def _spend(digest: bytes, now: datetime) -> ReturningUpdate[bytes]:
    fresh = codes.c.used_at.is_(None), codes.c.expires_at > now
    spent = update(codes).where(codes.c.digest == digest, *fresh).values(used_at=now)
    return spent.returning(codes.c.digest)


_SPENDING = grants.Spending(_spend)
_COLUMNS = (
    codes.c.client_id,
    codes.c.redirect_uri,
    codes.c.scope,
    codes.c.nonce,
    codes.c.code_challenge,
    codes.c.claims.label("requested_claims"),
    codes.c.grant_id,
    codes.c.used_at,
    codes.c.expires_at.label("code_expires_at"),
    *SESSION_COLUMNS,
)
_CODES = codes.join(sessions, sessions.c.id == codes.c.session_id)
_IS_STANDING = (
    codes.c.digest == bindparam("digest"),
    enabled_since(codes.c.client_id, codes.c.created_at),
)
# holds the session: it cannot end between this look and the grant that is made in it
_FIND = Prepared(
    select(*_COLUMNS, *subject.COLUMNS)
    .select_from(subject.joined(_CODES, codes.c.account_id))
    .where(*_IS_STANDING)
    .with_for_update(read=True, of=sessions)
)
_FIND_AT_COURT = Prepared(
    select(*_COLUMNS, *subject.COLUMNS_AT_COURT)
    .select_from(subject.joined_at_court(_CODES, codes.c.account_id))
    .where(*_IS_STANDING)
    .with_for_update(read=True, of=sessions)
)
