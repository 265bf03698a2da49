"""Pushed authorization requests (RFC 9126): what a client sent by itself, for its `request_uri`.

One is looked at as often as pages need it, in as many tabs as there are, and spent when a code is
issued for it (`issuing.issue`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Insert, Select, insert, select

from signon import opaque_tokens
from signon.db import Unit
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.models import pushed_requests
from signon.prepared import change, value
from signon.web.parameters import Parameters

PREFIX = "urn:ietf:params:oauth:request_uri:"
LASTS = timedelta(seconds=60)
"""How long a browser may take to come with it (FAPI 2.0 section 5.3.2.2: less than 600 s)."""


def new_request_uri() -> str:
    """One that nobody can guess (RFC 9126 section 7.1)."""
    return PREFIX + opaque_tokens.new_token()


def is_ours(request_uri: str | None) -> bool:
    """Whether it is of the form that we give; any other is an address, which we do not fetch."""
    return request_uri is not None and request_uri.startswith(PREFIX)


def push(unit: Unit, request: AuthorizationRequest) -> None:
    """Keep an accepted request under the `request_uri` that it has been given."""
    assert request.request_uri is not None
    digest = opaque_tokens.digest(request.request_uri)
    _insert(unit, digest, request.client.id, request.raw, unit.now + LASTS)


def find(unit: Unit, request_uri: str, client_id: str) -> Parameters | None:
    """What this client has pushed, unless that was too long ago or a code was issued for it."""
    found = _find(unit, opaque_tokens.digest(request_uri), client_id, unit.now)
    return None if found is None else Parameters(urlencode(found))


@change
def _insert(
    digest: bytes, client_id: str, request: Mapping[str, Any], expires_at: datetime
) -> Insert:
    return insert(pushed_requests).values(
        digest=digest, client_id=client_id, request=request, expires_at=expires_at
    )


@value
def _find(digest: bytes, client_id: str, now: datetime) -> Select[dict[str, Any]]:
    return select(pushed_requests.c.request).where(
        pushed_requests.c.digest == digest,
        pushed_requests.c.client_id == client_id,
        pushed_requests.c.used_at.is_(None),
        pushed_requests.c.expires_at > now,
    )
