"""Issuing authorization codes: one INSERT, which spends the pushed request that it is for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Insert, Update, insert, select, update

from signon import ids, opaque_tokens
from signon.db import Unit
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.models import codes, pushed_requests
from signon.prepared import change, given
from signon.signin.session import Session


class CodeRow(NamedTuple):
    """The row of a code that is issued."""

    digest: bytes
    client_id: str
    account_id: str
    session_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    claims: Mapping[str, Any] | None
    dpop_jkt: str | None
    grant_id: str
    created_at: datetime
    expires_at: datetime


def issue(
    unit: Unit, request: AuthorizationRequest, session: Session, *, lasts: timedelta
) -> str | None:
    """A fresh code for an accepted request of a signed-in person.

    A pushed request is spent for it: None when that has happened before, as in another tab.
    """
    code = opaque_tokens.new_token()
    row = CodeRow(
        digest=opaque_tokens.digest(code),
        client_id=request.client.id,
        account_id=session.account.id,
        session_id=session.id,
        redirect_uri=request.redirect_uri,
        scope=" ".join(request.scope),
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        claims=request.claims.stored(),
        dpop_jkt=request.dpop_jkt,
        grant_id=ids.new_id(),
        created_at=unit.now,
        expires_at=unit.now + lasts,
    )
    if request.request_uri is None:
        _issue(unit, row)
        return code
    pushed = opaque_tokens.digest(request.request_uri)
    if unit.dialect == "postgresql":
        return code if _issue_for(unit, pushed, row) == 1 else None
    if _spend_pushed(unit, pushed, unit.now) != 1:
        return None
    _issue(unit, row)
    return code


@change
def _issue(row: CodeRow) -> Insert:
    return insert(codes).values(**row._asdict())


def _spending_pushed(pushed: bytes, now: datetime) -> Update:
    unused = pushed_requests.c.digest == pushed, pushed_requests.c.used_at.is_(None)
    return update(pushed_requests).where(*unused).values(used_at=now)


@change
def _spend_pushed(pushed: bytes, now: datetime) -> Update:
    return _spending_pushed(pushed, now)


@change
def _issue_for(pushed: bytes, row: CodeRow) -> Insert:
    """`_spend_pushed` and the code's row in one statement, on PostgreSQL."""
    spending = _spending_pushed(pushed, row.created_at)
    spent = spending.returning(pushed_requests.c.digest).cte("spent")
    values = select(*map(given, row)).select_from(spent)
    return insert(codes).from_select(CodeRow._fields, values)
