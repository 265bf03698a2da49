"""What an authorization's outcome tells the client, and the addresses it travels in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from signon.clients.registry import Client
from signon.oidc.errors import AuthorizationError
from signon.tokens.keys import PublishedKeys

RESPONSE_TYPE = "jarm+jwt"
"""A type of its own, so that nobody takes a response for an ID token (RFC 8725 section 3.11)."""
RESPONSE_LASTS = timedelta(minutes=5)


def with_parameters(address: str, parameters: Mapping[str, str | None]) -> str:
    """The address with parameters added to its query; what stood there stays as it was."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(given)}" if given else address


def with_all(path: str, parameters: Mapping[str, Sequence[str]]) -> str:
    """A path of ours with every value of a posted form, so that its GET finds what is repeated."""
    return f"{path}?{urlencode(parameters, doseq=True)}"


def error_parameters(
    error: AuthorizationError, *, state: str | None, issuer: str, number: str | None
) -> dict[str, str]:
    """What a refusal tells the client; it names the issuer (RFC 9207 section 2).

    `number` is the request's, by which the client's developer can ask us about it.
    """
    description = f"{error.description} (request {number})" if number else error.description
    told = {"error": error.code, "error_description": description, "iss": issuer}
    return told if state is None else {**told, "state": state}


def signed_response(
    client: Client, told: Mapping[str, str], keys: PublishedKeys, *, now: datetime
) -> dict[str, str]:
    """The same as one parameter, signed for the client as its ID tokens are (JARM section 2.1)."""
    claims = {**told, "aud": client.id, "exp": int((now + RESPONSE_LASTS).timestamp())}
    return {"response": keys.signer(client.id_token_alg).sign(claims, RESPONSE_TYPE)}


def code_parameters(code: str, *, state: str | None, issuer: str) -> dict[str, str]:
    """What a success tells the client; it names the issuer (RFC 9207 section 2)."""
    told = {"code": code, "iss": issuer}
    return told if state is None else {**told, "state": state}
