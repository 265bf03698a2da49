"""`/oauth2/authorize`, and the way back from Cancel (RFC 6749 section 3.1)."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.refusal_reasons import Reason
from signon.clients.refusals import Refusals
from signon.clients.registry import Client, ClientRegistry
from signon.courts.registry import CourtRegistry
from signon.db import Database
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.notices import rehearsals
from signon.oidc import authorizing, checks, pushed_requests, request_objects
from signon.oidc.authorization_request import AddressedRequest
from signon.oidc.authorizing import ExplainRefusal, GoTo
from signon.oidc.checks import Surroundings
from signon.oidc.errors import AuthorizationError, UnverifiedRequestError
from signon.oidc.request_objects import RequestObjects
from signon.oidc.responses import (
    code_parameters,
    error_parameters,
    signed_response,
    with_all,
    with_parameters,
)
from signon.opaque_tokens import new_token
from signon.signin.demands import Demands
from signon.tokens.keys import SigningKeys
from signon.web.headers import form_target
from signon.web.parameters import Parameters, form, query
from signon.web.site import Site, Visit
from signon.words.sentences import _

PATH = "/oauth2/authorize"
CANCEL_PATH = "/oauth2/cancel"


class AuthorizationEndpoint:
    """Takes a request from a client's browser and answers with a redirect or a page of ours."""

    def __init__(
        self,
        site: Site,
        database: Database,
        clients: ClientRegistry,
        courts: CourtRegistry,
        keys: SigningKeys,
        demands: Demands,
        refusals: Refusals,
        objects: RequestObjects,
    ) -> None:
        self._site = site
        self._database = database
        self._clients = clients
        self._courts = courts
        self._keys = keys
        self._demands = demands
        self._refusals = refusals
        self._objects = objects

    def routes(self) -> list[Route]:
        """The endpoint, by GET and POST (OpenID Connect Core section 3.1.2.1), and its Cancel."""
        return [
            Route(PATH, self.authorize, methods=["GET"]),
            Route(PATH, self.take_post, methods=["POST"]),
            Route(CANCEL_PATH, self.cancel, methods=["GET"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """Client and redirect URI first, then the checks in order, then one unit of work."""
        visit = self._site.visit(request)
        asked = query(request)
        journey = None
        if (handle := asked.get("journey")) is not None:
            journey = await self._database.read(store.find, handle)
            if journey is None or journey.kind is not JourneyKind.AUTHORIZE:
                return self._over(visit, journey)
            asked = _kept(journey)
        elif pushed_requests.is_ours(asked.get("request_uri")):
            asked = await self._pushed(visit, asked)
        client = await self._clients.find(asked.get("client_id"))
        addressed = self._addressed(visit, request_objects.for_refusal(asked), client)
        try:
            if journey is None and addressed.request_uri is None:
                addressed = await self._opened(visit, asked, addressed)
            surroundings = Surroundings(
                self._site.issuer,
                await self._keys.get(),
                self._site.settings.require_pushed_requests,
            )
            outcome = await self._database.spend(
                authorizing.authorize,
                checks.accept(addressed, surroundings),
                settings=self._site.settings,
                demands=self._demands,
                session_token=visit.session_token,
                journey=journey,
            )
        except AuthorizationError as error:
            return await self._refuse(visit, addressed, error)
        if isinstance(outcome, ExplainRefusal):
            return await self._explain(visit, outcome)
        if isinstance(outcome, GoTo):
            return self._site.go(outcome.path)
        told = code_parameters(outcome.code, state=addressed.state, issuer=self._site.issuer)
        return await self._tell(visit, addressed, told)

    async def take_post(self, request: Request) -> Response:
        """The same request as a form: a post from another site brings no Lax cookie, our GET does."""
        posted = await form(request, limit=self._site.settings.body_limit_bytes)
        return self._site.go(with_all(PATH, posted.lists()))

    async def cancel(self, request: Request) -> Response:
        """Cancel on a page of ours: the client is told `access_denied`.

        By GET: it changes nothing that anybody could be harmed by, and pages redirect here.
        """
        visit = self._site.visit(request)
        denied = await self._database.write(
            authorizing.deny,
            query(request).get("journey"),
            settings=self._site.settings,
            session_token=visit.session_token,
            source=visit.source,
        )
        if denied is None:
            handle = query(request).get("journey")
            return self._over(visit, await self._database.read(store.find, handle))
        journey, error = denied
        client = await self._clients.find(journey.client_id)
        # the client may have been disabled, or the address taken away, since the journey began
        addressed = self._addressed(visit, _kept(journey), client)
        return await self._refuse(visit, addressed, error)

    async def _pushed(self, visit: Visit, asked: Parameters) -> Parameters:
        """What the client has pushed; whatever else the browser brings is ignored (RFC 9101 5)."""
        named, request_uri = asked.get("client_id") or "", asked.get("request_uri") or ""
        pushed = await self._database.read(pushed_requests.find, request_uri, named)
        if pushed is None or {"client_id", "request_uri"}.intersection(asked.repeated()):
            client = await self._clients.find(named)
            self._note(visit, Reason.REQUEST_URI, "", client=client, named=named)
            raise UnverifiedRequestError(
                "This sign-in took too long to begin, or was finished before. Go back to the site "
                "that sent you here and sign in from there."
            )
        return pushed

    async def _opened(
        self, visit: Visit, asked: Parameters, addressed: AddressedRequest
    ) -> AddressedRequest:
        """The request that the client has signed, or as it came. Raises AuthorizationError."""
        client = addressed.client
        opened = await self._objects.opened(asked, client, self._database.clock())
        return addressed if opened is asked else self._addressed(visit, opened, client)

    def _addressed(
        self, visit: Visit, asked: Parameters, client: Client | None
    ) -> AddressedRequest:
        """The first check; who guesses at clients and addresses leaves a trace."""
        try:
            return checks.address(asked, client)
        except UnverifiedRequestError as error:
            named = asked.get("client_id")
            self._note(visit, error.reason, error.about, client=client, named=named)
            raise

    async def _refuse(
        self, visit: Visit, addressed: AddressedRequest, error: AuthorizationError
    ) -> Response:
        self._note(visit, error.reason, error.description, client=addressed.client)
        # our answer's header with its number goes to the browser, not to the client
        number = visit.source.request_id if error.reason else None
        told = error_parameters(
            error, state=addressed.state, issuer=self._site.issuer, number=number
        )
        return await self._tell(visit, addressed, told)

    def _note(
        self,
        visit: Visit,
        reason: Reason | None,
        detail: str,
        *,
        client: Client | None,
        named: str | None = None,
    ) -> None:
        if reason is not None:
            self._refusals.note(
                reason,
                endpoint=visit.request.scope["path"],
                source=visit.source,
                client=client,
                named=named,
                detail=detail,
            )

    async def _tell(
        self, visit: Visit, addressed: AddressedRequest, told: Mapping[str, str]
    ) -> Response:
        """The one way back to a client: by redirect, or by a form that sends itself; perhaps signed."""
        if addressed.wants_jwt:
            keys, now = await self._keys.get(), self._database.clock()
            told = signed_response(addressed.client, told, keys, now=now)
        if not addressed.wants_form_post:
            return self._site.go(with_parameters(addressed.redirect_uri, told))
        # OAuth 2.0 Form Post Response Mode section 2: nothing travels in the query
        return self._site.page(
            visit,
            "form_post.html",
            form_targets=[form_target(addressed.redirect_uri)],
            script_nonce=new_token(),
            client=addressed.client,
            address=addressed.redirect_uri,
            fields=told,
        )

    def _over(self, visit: Visit, journey: Journey | None) -> Response:
        """The request is not taken up again; the client that sent the person may send another."""
        if journey and journey.kind is JourneyKind.BACK:
            return self._site.go(journey.resume_path)
        return self._site.page(
            visit, "expired.html", status=400, restart_url="/", restart_label=_("Start again")
        )

    async def _explain(self, visit: Visit, outcome: ExplainRefusal) -> Response:
        back = f"{CANCEL_PATH}?journey={outcome.journey.id}"
        heading, *paragraphs = await self._why_not(outcome)
        return self._site.page(
            visit,
            "message.html",
            status=403,
            account=outcome.session.account,
            form_targets=[form_target(outcome.journey.return_to or self._site.issuer)],
            kind="warning",
            heading=heading,
            paragraphs=paragraphs,
            actions=[
                {"label": _("Sign out"), "href": "/logout"},
                {"label": _("Go back"), "href": back},
            ],
        )

    async def _why_not(self, outcome: ExplainRefusal) -> list[str]:
        """The heading and what stands below it."""
        step = _("Sign out, and sign in with your own individual PACER account.")
        if rehearsals.court_of(outcome.session.account.email):
            return [
                _("This account is for a rehearsal"),
                _("It was invented for a rehearsal of a court, and opens nothing else."),
                step,
            ]
        court = await self._courts.get(outcome.journey.court_id or "")
        return [
            _("A firm account cannot be used here"),
            _(
                "You are signed in with a firm's administrative account. It manages and pays "
                "for other accounts, but it neither reads nor files at the {name}.",
                name=court.name,
            ),
            step,
        ]


def _kept(journey: Journey) -> Parameters:
    return Parameters(urlencode(dict(journey.request)))
