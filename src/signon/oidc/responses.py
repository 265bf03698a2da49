"""The one place that turns an authorization's outcome into a redirect."""

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


def error_location(
    redirect_uri: str, error: AuthorizationError, *, state: str | None, issuer: str
) -> str:
    """Where a refusal sends the browser; names the issuer (RFC 9207 section 2)."""
    return with_parameters(
        redirect_uri,
        {
            "error": error.code,
            "error_description": error.description,
            "state": state,
            "iss": issuer,
        },
    )


def code_location(redirect_uri: str, code: str, *, state: str | None, issuer: str) -> str:
    """Where a code sends the browser; names the issuer (RFC 9207 section 2)."""
    return with_parameters(redirect_uri, {"code": code, "state": state, "iss": issuer})
