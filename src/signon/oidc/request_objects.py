"""Signed authorization requests (RFC 9101), by value, at PAR and at the authorization endpoint.

What a client has signed is all that counts then: parameters beside the object are ignored. Clients
without keys have none; they are refused as ever.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from joserfc import jws

from signon.clients import assertions
from signon.clients.assertions import MALFORMED, SKEW, AssertionRefusedError, ClientKeys
from signon.clients.registry import Client
from signon.oidc.errors import AuthorizationError
from signon.texts import read_json
from signon.web.parameters import Parameters

TYPES = ("oauth-authz-req+jwt", "jwt")
LONGEST_LIFE = timedelta(minutes=60)
"""FAPI 2.0 Message Signing section 5.3.1: `exp` so long after `nbf`, and `nbf` so long ago."""
NOT_A_PARAMETER = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
INVALID = "invalid_request_object"


class RequestObjects:
    """Opens the request objects of clients."""

    def __init__(self, issuer: str, client_keys: ClientKeys) -> None:
        self._issuer = issuer
        self._client_keys = client_keys

    async def opened(self, asked: Parameters, client: Client, now: datetime) -> Parameters:
        """The request itself: what its object says, or what it says without one.

        Raises AuthorizationError: the client has no keys, did not sign it, or it does not hold.
        """
        token = asked.get("request")
        if token is None:
            if client.require_signed_request:
                raise AuthorizationError("invalid_request", "a signed request is needed")
            return asked
        if client.jwks is None and client.jwks_uri is None:
            raise AuthorizationError("request_not_supported", "request is not supported")
        if asked.get("client_id") not in {None, client.id} or "request" in asked.repeated():
            raise AuthorizationError("invalid_request", "client_id or request is repeated")
        try:
            claims = await self._claims(token, client)
        except AssertionRefusedError as error:
            raise AuthorizationError(INVALID, "it is not signed by a key of the client") from error
        for check in CHECKS:
            check(claims, client, self._issuer, now)
        return _parameters(claims)

    async def _claims(self, token: str, client: Client) -> Mapping[str, Any]:
        header = assertions.header_of(token)
        if str(header.get("typ", TYPES[0])).lower() not in TYPES:
            raise AssertionRefusedError("typ is none of a request object")
        keys = await self._client_keys.of(client, header.get("kid"))
        return assertions.signed_claims(token, keys, client.rules.signatures)


def check_client(claims: Mapping[str, Any], client: Client, _issuer: str, _now: datetime) -> None:
    """Issued by the client that asks, and no client assertion (RFC 9101 section 10.8)."""
    if claims.get("client_id") != client.id or claims.get("iss", client.id) != client.id:
        raise AuthorizationError(INVALID, "iss and client_id must be the client's")
    if "sub" in claims:
        raise AuthorizationError(INVALID, "sub does not belong into a request")


def check_audience(claims: Mapping[str, Any], _client: Client, issuer: str, _now: datetime) -> None:
    """For us, perhaps among others (RFC 9101 section 4)."""
    named = claims.get("aud")
    if issuer not in (named if isinstance(named, list) else [named]):
        raise AuthorizationError(INVALID, "aud must be the issuer")


def check_times(claims: Mapping[str, Any], _client: Client, _issuer: str, now: datetime) -> None:
    """It holds now, and for an hour at most (FAPI 2.0 Message Signing section 5.3.1)."""
    try:
        starts, ends = (assertions.moment(claims, name) for name in ("nbf", "exp"))
    except AssertionRefusedError as error:
        raise AuthorizationError(INVALID, "exp or nbf is missing or no number") from error
    if ends <= now or starts > now + SKEW:
        raise AuthorizationError(INVALID, "it has expired, or is from the future")
    if starts < now - LONGEST_LIFE - SKEW or ends > starts + LONGEST_LIFE + SKEW:
        raise AuthorizationError(INVALID, "it is too old, or lives too long")


def check_nesting(claims: Mapping[str, Any], _client: Client, _issuer: str, _now: datetime) -> None:
    """No request within a request (RFC 9101 section 4)."""
    if {"request", "request_uri"} & claims.keys():
        raise AuthorizationError(INVALID, "a request object holds no other")


CHECKS = (check_client, check_audience, check_times, check_nesting)


def for_refusal(asked: Parameters) -> Parameters:
    """The request as far as a refusal's way needs it, with what only its object says, unverified.

    Redirect URIs are compared with the registered ones all the same; `state` and `response_mode`
    harm nobody who would be refused.
    """
    try:
        claims = read_json(jws.extract_compact((asked.get("request") or "").encode()).payload)
        said = {name: claims.get(name) for name in ("redirect_uri", "state", "response_mode")}
    except MALFORMED:
        return asked
    said = {name: value for name, value in said.items() if isinstance(value, str)}
    return Parameters(urlencode({**said, **asked.lists()}, doseq=True))


def _parameters(claims: Mapping[str, Any]) -> Parameters:
    """Claims as parameters: texts as they are, numbers and objects as JSON has them."""
    given = ((name, value) for name, value in claims.items() if name not in NOT_A_PARAMETER)
    return Parameters(
        urlencode(
            {name: value if isinstance(value, str) else json.dumps(value) for name, value in given}
        )
    )
