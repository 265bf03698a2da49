"""An authorization request, first as it came and then as it was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass

from signon.clients.registry import Client
from signon.oidc.requested_claims import RequestedClaims
from signon.web.parameters import Parameters


@dataclass(frozen=True, slots=True)
class AddressedRequest:
    """A request of a known client to one of its own redirect URIs: errors may go there."""

    client: Client
    redirect_uri: str
    parameters: Parameters

    @property
    def state(self) -> str | None:
        """Echoed exactly in every answer."""
        return self.parameters.get("state")

    @property
    def wants_form_post(self) -> bool:
        """Whether answers are posted; never to an app's own scheme, where no form can go."""
        is_web = self.redirect_uri.startswith(("https:", "http:"))
        return is_web and self.parameters.get("response_mode") == "form_post"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check; it cannot be made otherwise.

    `scope` is what will be granted; `hinted_subject` is the `sub` of a verified
    `id_token_hint` or the one that `claims` names; `max_age` is in seconds; `wants_aal2`
    that a sign-in with one factor does not do.
    """

    client: Client
    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str | None
    prompt: frozenset[str]
    max_age: int | None
    wants_aal2: bool
    hinted_subject: str | None
    claims: RequestedClaims
    raw: Mapping[str, str]
