"""What an authorization's outcome tells the client, and the addresses it travels in."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from signon.oidc.errors import AuthorizationError


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


def code_parameters(code: str, *, state: str | None, issuer: str) -> dict[str, str]:
    """What a success tells the client; it names the issuer (RFC 9207 section 2)."""
    told = {"code": code, "iss": issuer}
    return told if state is None else {**told, "state": state}
