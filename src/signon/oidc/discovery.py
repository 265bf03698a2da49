"""Discovery and JWKS: made from what the server has registered, so they cannot lie.

OpenID Connect Discovery 1.0 section 3 and RFC 8414 section 2 share one document.
"""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.authentication import METHODS
from signon.clients.profiles import SIGNATURES
from signon.clients.scopes import KNOWN_SCOPES
from signon.config import Settings
from signon.oidc import (
    authorization_endpoint,
    checks,
    claims,
    end_session_endpoint,
    introspection_endpoint,
    pushed_request_endpoint,
    registration_endpoint,
    revocation_endpoint,
    token_endpoint,
    userinfo_endpoint,
)
from signon.oidc.authorization_request import RESPONSE_MODES
from signon.oidc.server import GRANT_TYPES
from signon.tokens import dpop
from signon.tokens.keys import PublishedKeys, SigningKeys
from signon.web.direct import AtHand, Constant
from signon.words.language import LANGUAGES

JWKS_PATH = "/oauth2/jwks"
OPENID_PATH = "/.well-known/openid-configuration"
OAUTH_PATH = "/.well-known/oauth-authorization-server"
METADATA_CACHING = "public, max-age=3600"
JWKS_CACHING = "public, max-age=600"


class Discovery:
    """The public documents; no database but for the keys' snapshot."""

    def __init__(self, settings: Settings, keys: SigningKeys) -> None:
        self._issuer = settings.issuer
        self._require_par = settings.require_pushed_requests
        self._keys = keys
        self._metadata: tuple[tuple[str, ...], Response] | None = None
        self._jwks: tuple[str, Response] | None = None

    def routes(self) -> list[Route]:
        """Both metadata documents and the JWK Set."""
        return [
            Constant(OPENID_PATH, self.metadata, self._at_hand(self._metadata_of)),
            Constant(OAUTH_PATH, self.oauth_metadata, self._at_hand(self._metadata_of)),
            Constant(JWKS_PATH, self.jwks, self._at_hand(self._jwks_of)),
            *(
                Route(path, preflight, methods=["OPTIONS"])
                for path in (OPENID_PATH, OAUTH_PATH, JWKS_PATH)
            ),
        ]

    async def metadata(self, request: Request) -> Response:
        """The metadata; the answer is made again only when the algorithms change."""
        return self._metadata_of(request, await self._keys.get())

    async def oauth_metadata(self, request: Request) -> Response:
        """The same document where OAuth looks for it; counted by itself."""
        return await self.metadata(request)

    async def jwks(self, request: Request) -> Response:
        """The published keys, with an entity tag (RFC 9110 section 8.8.3)."""
        return self._jwks_of(request, await self._keys.get())

    def _at_hand(self, answer: Callable[[Request, PublishedKeys], Response]) -> AtHand:
        def at_hand(request: Request) -> Response | None:
            keys = self._keys.at_hand()
            return answer(request, keys) if keys else None

        return at_hand

    def _metadata_of(self, _request: Request, keys: PublishedKeys) -> Response:
        algorithms = keys.algorithms
        if self._metadata is None or self._metadata[0] != algorithms:
            made = metadata(self._issuer, algorithms, require_par=self._require_par)
            document = json.dumps(made, separators=(",", ":"))
            self._metadata = algorithms, _public(document.encode(), METADATA_CACHING)
        return self._metadata[1]

    def _jwks_of(self, request: Request, keys: PublishedKeys) -> Response:
        if keys.etag in request.headers.get("if-none-match", ""):
            return _public(b"", JWKS_CACHING, etag=keys.etag, status=304)
        if self._jwks is None or self._jwks[0] != keys.etag:
            self._jwks = keys.etag, _public(keys.jwks_json, JWKS_CACHING, etag=keys.etag)
        return self._jwks[1]


async def preflight(request: Request) -> Response:
    """Whatever headers a page's script sends along, it may read what everybody may."""
    asked = request.headers.get("access-control-request-headers", "*")
    headers = {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET",
        # `*` does not cover the Authorization header
        "access-control-allow-headers": asked if asked.isprintable() else "*",
        "access-control-max-age": "600",
        "vary": "Access-Control-Request-Headers",
    }
    return Response(status_code=204, headers=headers)


def metadata(issuer: str, algorithms: tuple[str, ...], *, require_par: bool) -> dict[str, Any]:
    """What the server can do for some client or other, in the words of discovery."""
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + authorization_endpoint.PATH,
        "token_endpoint": issuer + token_endpoint.PATH,
        "userinfo_endpoint": issuer + userinfo_endpoint.PATH,
        "end_session_endpoint": issuer + end_session_endpoint.PATH,
        "introspection_endpoint": issuer + introspection_endpoint.PATH,
        "pushed_authorization_request_endpoint": issuer + pushed_request_endpoint.PATH,
        "registration_endpoint": issuer + registration_endpoint.PATH,
        "revocation_endpoint": issuer + revocation_endpoint.PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(algorithms),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNATURES),
        "introspection_endpoint_auth_methods_supported": [m for m in METHODS if m != "none"],
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": sorted(KNOWN_SCOPES),
        "claims_supported": [name for names in claims.NAMES.values() for name in names],
        "claim_types_supported": ["normal"],
        "ui_locales_supported": [one.tag for one in LANGUAGES],
        "acr_values_supported": list(checks.ACR_VALUES),
        "prompt_values_supported": sorted(checks.PROMPTS),
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": require_par,
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "require_signed_request_object": False,
        "request_object_signing_alg_values_supported": list(SIGNATURES),
        "authorization_signing_alg_values_supported": list(algorithms),
        "introspection_signing_alg_values_supported": list(algorithms),
        "userinfo_signing_alg_values_supported": list(algorithms),
        "request_uri_parameter_supported": False,
    }


def _public(body: bytes, caching: str, *, etag: str | None = None, status: int = 200) -> Response:
    headers = {"cache-control": caching, "access-control-allow-origin": "*"}
    if etag is not None:
        headers["etag"] = etag
    return Response(body, status, headers, media_type="application/json")
