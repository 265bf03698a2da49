"""An authorization request, first as it came and then as it was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass

from signon.clients.registry import Client
from signon.oidc.requested_claims import RequestedClaims
from signon.web.parameters import Parameters

FORM_POSTS = ("form_post", "form_post.jwt")
SIGNED = ("jwt", "query.jwt", "form_post.jwt")
"""`jwt` is `query.jwt` for a code (JARM section 2.3.4)."""
RESPONSE_MODES = ("query", "form_post", *SIGNED)


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
    def request_uri(self) -> str | None:
        """Under which it was pushed, if it was (RFC 9126)."""
        return self.parameters.get("request_uri")

    @property
    def wants_form_post(self) -> bool:
        """Whether answers are posted; never to an app's own scheme, where no form can go."""
        is_web = self.redirect_uri.startswith(("https:", "http:"))
        return is_web and self.parameters.get("response_mode") in FORM_POSTS

    @property
    def wants_jwt(self) -> bool:
        """Whether answers are signed (JWT Secured Authorization Response Mode)."""
        return self.parameters.get("response_mode") in SIGNED


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check; it cannot be made otherwise.

    `scope` is what will be granted; `hinted_subject` is the `sub` of a verified
    `id_token_hint` or the one that `claims` names; `max_age` is in seconds; `wants_aal2`
    that a sign-in with one factor does not do; `dpop_jkt` names the key that the code is for,
    and `request_uri` where it was pushed.
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
    dpop_jkt: str | None = None
    request_uri: str | None = None
