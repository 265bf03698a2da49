"""Authlib's request, client and response, around ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Payload, OAuth2Request

from signon.clients.refusal_reasons import Reason
from signon.clients.registry import Client
from signon.clients.scopes import known
from signon.oidc.client_requests import ClientRequest
from signon.web.parameters import Parameters


class FormPayload(OAuth2Payload):  # type: ignore[misc]  # Authlib is untyped
    """The request's parameters, parsed once and with duplicates kept."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._first_values = parameters.first_values()

    @property
    def data(self) -> dict[str, str]:
        """The first value of each parameter, as Authlib asks for them."""
        return self._first_values

    @property
    def datalist(self) -> dict[str, list[str]]:
        """Every value of each parameter, so that repetition is seen."""
        return self._parameters.lists()

    @property
    def scope(self) -> str | None:
        """The scopes that there are: no grant ever sees another."""
        return " ".join(known(self._first_values.get("scope"))) or None


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]  # Authlib is untyped
    """A request as the grants read it.

    The URI is made from the configured issuer, because a TLS proxy hands requests over by
    http, which Authlib refuses.
    """

    def __init__(self, method: str, uri: str, asked: ClientRequest) -> None:
        # Authlib takes the address apart every time, and it is always the same one
        self.__dict__.update(_checked(method, uri))
        self.payload = FormPayload(asked.parameters)
        self.asked = asked

    @property
    def form(self) -> Mapping[str, str]:
        """The body's parameters."""
        data: Mapping[str, str] = self.payload.data
        return data


@cache
def _checked(method: str, uri: str) -> dict[str, Any]:
    """What Authlib's own constructor would set. Raises its InsecureTransportError."""
    return dict(vars(OAuth2Request(method, uri)))


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib is untyped
    """A registered client as Authlib asks for it."""

    def __init__(self, client: Client) -> None:
        self.registration = client
        self.client_id = client.id

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client is registered for the grant."""
        return grant_type in self.registration.grants


@dataclass(frozen=True, slots=True)
class ProtocolResponse:
    """An answer that no web framework has touched yet."""

    status: int
    body: Any
    headers: list[tuple[str, str]]
    refused: Reason | None = None
    """What of the refusals that leave a trace it is."""
