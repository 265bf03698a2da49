"""Authorization codes: 60 seconds, for one client, redeemed once.

A second redemption is refused and ends what the first one got (RFC 6749 section 4.1.2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CTE, Insert, Join, Select, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.registry import Client, enabled_since
from signon.courts.registry import Court
from signon.db import Unit
from signon.oidc import subject
from signon.oidc.claims import Authentication, Subject, subject_of
from signon.oidc.models import codes
from signon.prepared import change, one, value
from signon.signin.models import sessions
from signon.signin.session import SESSION_COLUMNS
from signon.tokens import beginning, grants
from signon.tokens.grants import GrantRow, NewGrant

LONGEST = timedelta(minutes=10)
"""RFC 6749 section 4.1.2; one that has more before it comes from a clock that was set back since."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code that may be redeemed, with the person and sign-in behind it."""

    digest: bytes
    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    dpop_jkt: str | None
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


def find(unit: Unit, code: str, client: Client, *, court: Court | None) -> FoundCode | None:
    """The code if it was issued to this client, lives, and its person may still use it.

    A code that was used before is a replay: what it gave is revoked. In a unit that spends nothing
    is held meanwhile: `redeem` looks once more.
    """
    digest = opaque_tokens.digest(code)
    found = _find_at_court(unit, digest, court.id) if court else _find(unit, digest)
    # RFC 6749 section 4.1.3: "ensure that the authorization code was issued to the client"
    if found is None or found.client_id != client.id:
        return None
    if found.used_at is not None:
        unit.require_transaction()
        _revoke_replayed(unit, found.grant_id, client.id, found.person["account_id"])
        return None
    if not unit.now < found.expires_at <= unit.now + LONGEST:
        return None
    if not subject.may_use(found.person, found.auth_time):
        return None
    if found.session_ended_at is not None:
        return None
    told = (found.session_id, found.client_code, found.requested_claims)
    whom = subject_of(unit, found.person, court, *told)
    return FoundCode(
        digest=digest,
        client_id=client.id,
        redirect_uri=found.redirect_uri,
        scope=tuple(found.scope.split()),
        nonce=found.nonce,
        code_challenge=found.code_challenge,
        dpop_jkt=found.dpop_jkt,
        grant_id=found.grant_id,
        grant_ends=found.session_expires_at,
        subject=whom,
        authentication=Authentication(
            found.session_id, found.auth_time, found.acr, tuple(found.amr)
        ),
    )


def redeem(
    unit: Unit, found: FoundCode, *, refresh_token: str | None, jkt: str | None = None
) -> bool:
    """Spend the code and begin its grant with its first refresh token, if it gets one.

    With `jkt` the grant's refresh tokens are bound to that key.

    The last act, when the answer has been made. False when that must not be sent: another request
    spent the code first, whose grant is revoked; or the sign-in, the account or the client ended
    since the code was found, or the client code is another now. Then nothing was spent.
    """
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
        claims=found.subject.requested_claims,
        dpop_jkt=jkt,
    )
    if _begin(unit, found.digest, new, refresh_token):
        return True
    unit.require_transaction()
    if _used_at(unit, found.digest) is not None:
        _revoke_replayed(unit, found.grant_id, found.client_id, found.subject.id)
    return False


def _begin(unit: Unit, digest: bytes, new: NewGrant, refresh_token: str | None) -> bool:
    """Spend the code, and only then begin; PostgreSQL does all of it in one statement."""
    if unit.dialect != "postgresql":
        held = (new.session_id, new.auth_time, new.client_code)
        if _spend(unit, digest, unit.now, *held) is None:
            return False
        grants.begin(unit, new, refresh_token=refresh_token)
        return True
    row = new.row(unit.now)
    if refresh_token is None:
        return _spend_for_grant(unit, digest, unit.now, row) == 1
    first = opaque_tokens.digest(refresh_token)
    return _spend_for_both(unit, digest, unit.now, row, first) == 1


def _revoke_replayed(unit: Unit, grant_id: str, client_id: str, account_id: str) -> None:
    # RFC 6749 section 4.1.2: "SHOULD revoke all tokens previously issued based on that code"
    grants.revoke(unit, grant_id, reason="code_replayed")
    trail.record(
        unit, Event.CODE_REPLAYED, actor=client_id, account_id=account_id, client_id=client_id
    )


class _Found(NamedTuple):
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    requested_claims: dict[str, Any] | None
    dpop_jkt: str | None
    grant_id: str
    used_at: datetime | None
    expires_at: datetime
    session_id: str
    auth_time: datetime
    acr: str
    amr: Sequence[str]
    client_code: str | None
    session_ended_at: datetime | None
    session_expires_at: datetime
    person: Mapping[str, Any]


def _found(*columns: Any) -> _Found:
    return _Found._make((*columns[:_OWN], subject.row(columns[_OWN:])))


_OWN = len(_Found._fields) - 1
_COLUMNS: subject.Columns = (
    codes.c.client_id,
    codes.c.redirect_uri,
    codes.c.scope,
    codes.c.nonce,
    codes.c.code_challenge,
    codes.c.claims.label("requested_claims"),
    codes.c.dpop_jkt,
    codes.c.grant_id,
    codes.c.used_at,
    codes.c.expires_at,
    *SESSION_COLUMNS,
)
_CODES = codes.join(sessions, sessions.c.id == codes.c.session_id)


def _standing(digest: bytes, columns: subject.Columns, source: Join) -> Select[Any]:
    return (
        select(*_COLUMNS, *columns)
        .select_from(source)
        .where(codes.c.digest == digest, enabled_since(codes.c.client_id, codes.c.created_at))
    )


@one(_found)
def _find(digest: bytes) -> Select[Any]:
    return _standing(digest, subject.COLUMNS, subject.joined(_CODES, codes.c.account_id))


@one(_found)
def _find_at_court(digest: bytes, court_id: str) -> Select[Any]:
    source = subject.joined_at_court(_CODES, codes.c.account_id, court_id)
    return _standing(digest, subject.columns_at_court(court_id), source)


def _held(session_id: str, auth_time: datetime, client_code: str | None) -> CTE:
    """The session as it was found, held until the grant is there that has to end with it."""
    is_same = sessions.c.client_code.is_not_distinct_from(client_code)
    return (
        select(sessions.c.id)
        .where(
            sessions.c.id == session_id,
            sessions.c.ended_at.is_(None),
            is_same,
            subject.is_usable(sessions.c.account_id, auth_time),
        )
        .with_for_update(read=True, of=sessions)
        .cte("held")
    )


def _spending(
    digest: bytes, now: datetime, session_id: str, auth_time: datetime, client_code: str | None
) -> ReturningUpdate[bytes]:
    held = _held(session_id, auth_time, client_code)
    return (
        update(codes)
        .where(
            codes.c.digest == digest,
            codes.c.used_at.is_(None),
            codes.c.expires_at > now,
            codes.c.session_id == select(held.c.id).scalar_subquery(),
            enabled_since(codes.c.client_id, codes.c.created_at),
        )
        .values(used_at=now)
        .returning(codes.c.digest)
    )


@value
def _spend(
    digest: bytes, now: datetime, session_id: str, auth_time: datetime, client_code: str | None
) -> ReturningUpdate[bytes]:
    return _spending(digest, now, session_id, auth_time, client_code)


def _spent(digest: bytes, now: datetime, new: GrantRow) -> CTE:
    return _spending(digest, now, new.session_id, new.auth_time, new.client_code).cte("spent")


@change
def _spend_for_grant(digest: bytes, now: datetime, new: GrantRow) -> Insert:
    return beginning.begun(_spent(digest, now, new), new)


@change
def _spend_for_both(digest: bytes, now: datetime, new: GrantRow, first: bytes) -> Insert:
    return beginning.begun_with_token(_spent(digest, now, new), new, first)


@value
def _used_at(digest: bytes) -> Select[datetime | None]:
    return select(codes.c.used_at).where(codes.c.digest == digest)
