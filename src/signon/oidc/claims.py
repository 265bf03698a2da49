"""Claims, from one place: which scope brings what, and where it goes.

Court terms enter the protocol here and nowhere else (`filing.rights.filing_status` speaks them).
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from signon import ids
from signon.accounts import person
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.agents import acting
from signon.filing.agents.acting import Principal
from signon.filing.rights import filing_status, redaction

Row = Mapping[Any, Any]
Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom claims are about: one row of `oidc.subject`, and the client's court, if it has one."""

    row: Row
    court: Court | None
    client_code: str | None
    requested_claims: dict[str, Any] | None
    principals: tuple[Principal, ...] = ()

    def requested(self, place: str) -> Sequence[str]:
        """The claims asked for by name, for `id_token` or `userinfo` (Core section 5.5)."""
        asked: Mapping[str, Sequence[str]] = self.requested_claims or {}
        return asked.get(place, ())

    @property
    def id(self) -> str:
        """The `sub`: opaque, and the same at every court."""
        return str(self.row["account_id"])


def subject_of(
    unit: Unit,
    row: Row,
    court: Court | None,
    session_id: str,
    client_code: str | None,
    requested_claims: dict[str, Any] | None,
) -> Subject:
    """Whom a grant or a code is about; for whom a filing agent may act is looked up for agents alone."""
    found = Subject(row, court, client_code, requested_claims)
    if court is None or not acting.holds_role(row):
        return found
    return replace(found, principals=acting.principals(unit, found.id, court, session_id))


@dataclass(frozen=True, slots=True)
class Authentication:
    """The sign-in that a token speaks of."""

    session_id: str
    auth_time: datetime
    acr: str
    amr: Sequence[str]


ScopeClaims = Callable[[Subject, datetime], Claims]


def _ecf(subject: Subject, now: datetime) -> Claims:
    """Only a client bound to a court, and only that court."""
    if subject.court is None:
        return {}
    status = filing_status.of_row(subject.court, subject.row, now)
    found = acting.claims(status, subject.principals)
    return redaction.until_confirmed(subject.court, subject.row["session_met"], found)


USERINFO_ONLY: dict[str, ScopeClaims] = {
    "profile": lambda subject, _now: person.profile(subject.row),
    "email": lambda subject, _now: person.email(subject.row),
    "phone": lambda subject, _now: person.phone(subject.row),
    "address": lambda subject, _now: person.address(subject.row),
}
EVERYWHERE: dict[str, ScopeClaims] = {
    "pacer": lambda subject, _now: person.pacer(subject.row, subject.client_code),
    "ecf": _ecf,
}


ALL = {**USERINFO_ONLY, **EVERYWHERE}

NAMES: dict[str, tuple[str, ...]] = {
    "openid": (
        *("sub", "iss", "aud", "exp", "iat", "jti", "auth_time"),
        *("nonce", "acr", "amr", "sid", "at_hash"),
    ),
    "profile": (
        *("name", "given_name", "middle_name", "family_name"),
        *("preferred_username", "updated_at"),
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    "pacer": (
        *("pacer_account_number", "pacer_account_type", "pacer_upgraded"),
        *("pacer_search_status", "pacer_client_code", "pacer_billing_account"),
        *("pacer_client_code_required", "pacer_client_code_pattern"),
    ),
    "ecf": (
        *("ecf_court", "ecf_status", "ecf_go_live", "ecf_login", "ecf_roles"),
        *("ecf_admission", "ecf_permissions", "ecf_cases", "ecf_blocked_by"),
        *("ecf_acting_for", "ecf_may_act_for"),
        *("ecf_redaction_due", "ecf_notice_email", "ecf_other_logins"),
    ),
}
"""Every claim there can be, by the scope that brings it; announced by discovery."""


def userinfo(subject: Subject, scope: Sequence[str], now: datetime) -> Claims:
    """What UserInfo answers for a scope (OpenID Connect Core section 5.3.2)."""
    return {
        "sub": subject.id,
        **_of_scopes(ALL, subject, scope, now),
        **_by_name(subject, "userinfo", now),
    }


def introspection(subject: Subject, scope: Sequence[str], now: datetime) -> Claims:
    """What introspection tells beside the token's own claims: account and rights as they are."""
    return _of_scopes(EVERYWHERE, subject, scope, now)


def id_token(
    subject: Subject,
    authentication: Authentication,
    *,
    issuer: str,
    client_id: str,
    scope: Sequence[str],
    now: datetime,
    seconds: int,
    nonce: str | None,
    access_token: str,
    alg: str,
    is_whole: bool,
) -> Claims:
    """An ID token's claims (OpenID Connect Core section 2); all that UserInfo has if `is_whole`."""
    issued = int(now.timestamp())
    claims: Claims = {
        "iss": issuer,
        "sub": subject.id,
        "aud": client_id,
        "exp": issued + seconds,
        "iat": issued,
        "jti": ids.new_id(),
        "auth_time": int(authentication.auth_time.timestamp()),
        "acr": authentication.acr,
        "amr": list(authentication.amr),
        "sid": authentication.session_id,
        "at_hash": _half_hash(access_token, alg),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return {
        **_by_name(subject, "id_token", now),
        **_of_scopes(ALL if is_whole else EVERYWHERE, subject, scope, now),
        **claims,
    }


def _by_name(subject: Subject, place: str, now: datetime) -> Claims:
    wanted = subject.requested(place)
    if not wanted:
        return {}
    scopes = {scope for scope, names in NAMES.items() if not set(names).isdisjoint(wanted)}
    found = _of_scopes(ALL, subject, sorted(scopes), now)
    return {name: found[name] for name in wanted if name in found}


def _of_scopes(
    table: Mapping[str, ScopeClaims], subject: Subject, scope: Sequence[str], now: datetime
) -> Claims:
    claims: Claims = {}
    for name in scope:
        if name in table:
            claims.update(table[name](subject, now))
    return claims


def _half_hash(access_token: str, alg: str) -> str:
    """`at_hash`: left half of the algorithm's own hash (OpenID Connect Core section 3.1.3.6)."""
    hashing = hashlib.sha512 if alg == "Ed25519" else hashlib.sha256
    hashed = hashing(access_token.encode())
    left = hashed.digest()[: hashed.digest_size // 2]
    return base64.urlsafe_b64encode(left).decode().rstrip("=")
