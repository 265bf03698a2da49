"""Every endpoint of the provider."""

from starlette.routing import Route

from signon.clients.assertions import ClientKeys
from signon.clients.refusals import Refusals
from signon.oidc.authorization_endpoint import AuthorizationEndpoint
from signon.oidc.client_requests import ClientRequests
from signon.oidc.cors import CrossOrigin
from signon.oidc.discovery import Discovery
from signon.oidc.end_session_endpoint import EndSessionEndpoint
from signon.oidc.introspection_endpoint import IntrospectionEndpoint
from signon.oidc.pages import ConsentPages
from signon.oidc.revocation_endpoint import RevocationEndpoint
from signon.oidc.token_endpoint import TokenEndpoint
from signon.oidc.userinfo_endpoint import UserInfoEndpoint
from signon.outbound import Outbound
from signon.signin.wiring import Wiring
from signon.tokens.keys import SigningKeys


def routes(
    wiring: Wiring, keys: SigningKeys, outbound: Outbound, refusals: Refusals
) -> list[Route]:
    """Authorization, token, UserInfo, end of session, discovery and JWKS."""
    site, database, settings = wiring.site, wiring.database, wiring.site.settings
    clients, courts = wiring.clients, wiring.courts
    cross_origin = CrossOrigin(database)
    requests = ClientRequests(settings, database, clients, courts, ClientKeys(outbound), refusals)
    return [
        *TokenEndpoint(settings, database, wiring.ring, keys, requests, cross_origin).routes(),
        *IntrospectionEndpoint(settings, database, keys, requests).routes(),
        *RevocationEndpoint(settings.issuer, database, keys, requests, cross_origin).routes(),
        *UserInfoEndpoint(settings.issuer, database, clients, courts, keys, cross_origin).routes(),
        *AuthorizationEndpoint(
            site, database, clients, courts, keys, wiring.demands, refusals
        ).routes(),
        *ConsentPages(site, database, clients).routes(),
        *Discovery(settings.issuer, keys).routes(),
        *EndSessionEndpoint(site, database, clients, keys, refusals).routes(),
    ]
