"""`/oauth2/end_session`: OpenID Connect RP-Initiated Logout 1.0.

With a hint for the very session that the browser holds, the session ends at once. In every
other case a page of ours asks first, so that nobody can sign people out by a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.refusal_reasons import Reason
from signon.clients.refusals import Refusals, stripped
from signon.clients.registry import Client, ClientRegistry
from signon.config import Settings
from signon.db import Database, Unit
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.oidc.errors import UnverifiedRequestError
from signon.oidc.responses import with_all, with_parameters
from signon.signin import session as sessions
from signon.tokens.keys import BadTokenError, PublishedKeys, SigningKeys
from signon.web.parameters import Parameters, form, query
from signon.web.site import Site, Visit
from signon.web.visitor import Source

PATH = "/oauth2/end_session"
NOT_OURS = (
    "The site's request to sign you out has an ID token that we did not issue, or that was issued "
    "too long ago."
)


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A checked request: `hint` are the claims of a verified ID token, `return_to` is registered."""

    client: Client | None
    hint: Mapping[str, Any] | None
    return_to: str | None


class EndSessionEndpoint:
    """Signs a person out when a relying party asks."""

    def __init__(
        self,
        site: Site,
        database: Database,
        clients: ClientRegistry,
        keys: SigningKeys,
        refusals: Refusals,
    ) -> None:
        self._site = site
        self._database = database
        self._clients = clients
        self._keys = keys
        self._refusals = refusals

    def routes(self) -> list[Route]:
        """By GET and POST (section 2)."""
        return [Route(PATH, self.end_session, methods=["GET", "POST"])]

    async def end_session(self, request: Request) -> Response:
        """End the session at once, or ask."""
        if request.method == "POST":
            # a post from another site brings no Lax cookie; our own GET does
            posted = await form(request, limit=self._site.settings.body_limit_bytes)
            return self._site.go(with_all(PATH, posted.lists()))
        visit = self._site.visit(request)
        checked = await self._check(visit, query(request))
        address = await self._database.write(
            _end_or_ask,
            checked,
            settings=self._site.settings,
            session_token=visit.session_token,
            source=visit.source,
        )
        if address is None:
            return self._site.page(visit, "signed_out.html")
        return self._site.go(address)

    async def _check(self, visit: Visit, asked: Parameters) -> LogoutRequest:
        if asked.repeated():
            raise _StillSignedInError("The site's request to sign you out repeats a parameter.")
        hint = self._hint(asked.get("id_token_hint"), await self._keys.get())
        named = asked.get("client_id")
        # section 2: "the OP MUST verify that the Client Identifier matches" the hint's audience
        if hint is not None and named is not None and hint.get("aud") != named:
            raise _StillSignedInError(
                "The site's request to sign you out names another site than its ID token does."
            )
        client = await self._clients.find(str(hint["aud"]) if hint else named)
        return_to = asked.get("post_logout_redirect_uri")
        if return_to is not None:
            # section 3: "MUST NOT perform post-logout redirection" unless it matches exactly
            if client is None or return_to not in client.post_logout_redirect_uris:
                self._note(visit, client, named, return_to)
                raise _StillSignedInError(_why_not_back(client, hint, named))
            return_to = with_parameters(return_to, {"state": asked.get("state")})
        return LogoutRequest(client, hint, return_to)

    def _note(self, visit: Visit, client: Client | None, named: str | None, return_to: str) -> None:
        unknown = client is None and named is not None
        self._refusals.note(
            Reason.UNKNOWN_CLIENT if unknown else Reason.POST_LOGOUT_REDIRECT_URI,
            endpoint=PATH,
            source=visit.source,
            client=client,
            named=named,
            detail=stripped(return_to),
        )

    def _hint(self, token: str | None, keys: PublishedKeys) -> Mapping[str, Any] | None:
        if token is None:
            return None
        try:
            claims = keys.verify(token, typ="JWT")
        except BadTokenError as error:
            raise _StillSignedInError(NOT_OURS) from error
        if claims.get("iss") != self._site.issuer or not isinstance(claims.get("aud"), str):
            raise _StillSignedInError(NOT_OURS)
        return claims


class _StillSignedInError(UnverifiedRequestError):
    """Nobody was signed out; the person may do that here."""

    ways = ({"label": "Sign out here", "href": "/logout"},)


def _why_not_back(client: Client | None, hint: Mapping[str, Any] | None, named: str | None) -> str:
    if client is not None:
        return "The address to return to is not one that this site has registered with us."
    if hint is None and named is None:
        return (
            "The site's request to sign you out names an address to return to, and does not say "
            "whose it is."
        )
    return "The site that sent you here is not registered with us, or not any more."


def _end_or_ask(
    unit: Unit,
    checked: LogoutRequest,
    *,
    settings: Settings,
    session_token: str | None,
    source: Source,
) -> str | None:
    """Where to go on: the client, our own question, or None for the signed-out page."""
    session = sessions.current(unit, session_token, settings)
    if session is None:
        # nobody is signed in, so there is nothing to ask; only a hint earns the way back
        return checked.return_to if checked.hint is not None else None
    hint = checked.hint or {}
    if hint.get("sid") == session.id and hint.get("sub") == session.account.id:
        sessions.end(unit, session, reason="signed_out_by_client", source=source)
        return checked.return_to
    journey = store.start(
        unit,
        JourneyKind.LOGOUT,
        lasts=timedelta(seconds=settings.journey_seconds),
        client_id=checked.client.id if checked.client else None,
        court_id=checked.client.court_id if checked.client else None,
        return_to=checked.return_to,
    )
    return journey.resume_path
