"""Access tokens: signed, short, not stored (RFC 9068)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signon import ids
from signon.clients.scopes import API_SCOPES
from signon.clock import LEEWAY
from signon.tokens.keys import Signer

TYPE = "at+jwt"
ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The sign-in behind a person's token; a client's own token has none."""

    grant_id: str
    auth_time: datetime
    acr: str
    amr: Sequence[str]


def resources(issuer: str) -> tuple[str, str]:
    """All that a token may be for: the REST API and UserInfo."""
    return f"{issuer}/api/v1", f"{issuer}/oauth2/userinfo"


def audience(issuer: str, scope: Sequence[str]) -> str:
    """The REST API whenever one of its scopes is granted, else UserInfo."""
    api, userinfo = resources(issuer)
    return api if API_SCOPES.intersection(scope) else userinfo


def is_current(claims: Mapping[str, Any], now: float) -> bool:
    """Whether a token has not expired, nor comes from a clock that has been set back since."""
    return int(claims.get("exp", 0)) > now >= int(claims.get("iat", 0)) - LEEWAY.total_seconds()


def mint(
    signer: Signer,
    *,
    issuer: str,
    subject: str,
    client_id: str,
    scope: Sequence[str],
    now: datetime,
    seconds: int,
    signed_in: SignedIn | None = None,
    jkt: str | None = None,
) -> str:
    """A signed access token that lives for `seconds`, bound to the key of thumbprint `jkt`.

    It carries neither roles nor account data: what is asked of it is asked at that moment.
    """
    issued = int(now.timestamp())
    # RFC 9068 section 2.2: iss, exp, aud, sub, client_id, iat and jti are REQUIRED
    claims: dict[str, Any] = {
        "iss": issuer,
        "exp": issued + seconds,
        "aud": audience(issuer, scope),
        "sub": subject,
        "client_id": client_id,
        "iat": issued,
        "jti": ids.new_id(),
    }
    if scope:
        claims["scope"] = " ".join(scope)
    if signed_in is not None:
        claims["gid"] = signed_in.grant_id
        claims["auth_time"] = int(signed_in.auth_time.timestamp())
        claims["acr"] = signed_in.acr
        claims["amr"] = list(signed_in.amr)
    if jkt is not None:
        claims["cnf"] = {"jkt": jkt}
    return signer.sign(claims, TYPE)
