"""Signing in to a demonstration court, staying signed in, and signing out.

Every page asks the provider anew what the person may do, so that rights which come or go are
seen at the next click; a court that is not a demonstration may ask less often.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.clock import Clock
from signon.courts.registry import CourtType
from signon.demo import programs
from signon.demo.court_sessions import CourtSession, CourtSessions
from signon.demo.logout_tokens import LogoutTokenRefusedError, LogoutTokens
from signon.demo.menus import Menu, filing_menus
from signon.demo.pages import Pages
from signon.demo.programs import Programs
from signon.demo.relying_party import RelyingParty, SignInEndedError, SignInRefusedError
from signon.demo.rights import Rights, changes
from signon.web import parameters
from signon.web.cookies import Cookie

SIGNED_OUT = "signed-out"
CALLBACK = "/callback"
BACKCHANNEL_LOGOUT = "/backchannel-logout"
FORM_BYTES = 16 * 1024
PLACES = ("/", "/query", "/reports", "/utilities", "/whoami")
"""Where a sign-in may lead."""


@dataclass(frozen=True, slots=True)
class CourtSite:
    """What a demonstration court is made of."""

    id: str
    name: str
    type: CourtType
    address: str
    issuer: str

    @property
    def front(self) -> str:
        """The front page; also where people come back to from the provider's pages."""
        return f"{self.address}/"

    @property
    def callback(self) -> str:
        """Where authorization responses come to."""
        return self.address + CALLBACK

    @property
    def backchannel_logout(self) -> str:
        """Where logout tokens come to."""
        return self.address + BACKCHANNEL_LOGOUT


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request of somebody who is signed in, with the rights of this moment.

    A program has no `session` here but a token of its own, which `renewed` takes the place of.
    """

    session: CourtSession | None
    person: Rights
    menus: Sequence[Menu]
    changed: Sequence[str] = field(default_factory=list)
    renewed: str | None = None


class CourtSignIn:
    """One court's way in and out."""

    def __init__(
        self,
        site: CourtSite,
        party: RelyingParty,
        asked: Programs,
        pages: Pages,
        *,
        clock: Clock,
    ) -> None:
        self._site = site
        self._party = party
        self._programs = asked
        self._pages = pages
        self._clock = clock
        self._sessions = CourtSessions(clock)
        self._logout_tokens = LogoutTokens(party, clock=clock)
        self._cookie = Cookie(f"{site.id}_session", secure=False)

    def routes(self) -> list[Route]:
        """The way in, the way back from the provider, the way out."""
        return [
            Route("/login", self.sign_in),
            Route(CALLBACK, self.come_back),
            Route("/logout", self.sign_out, methods=["POST"]),
            Route(BACKCHANNEL_LOGOUT, self.be_told, methods=["POST"]),
        ]

    def go_and_sign_in(self, request: Request) -> Response:
        """To the sign-in, and back to the page that was asked for."""
        return self._pages.go("/login?" + urlencode({"to": request.url.path}))

    async def sign_in(self, request: Request) -> Response:
        """Off to the provider; the browser's own cookie ties the way back to it."""
        going_to = parameters.query(request).get("to") or "/"
        address, pending = await self._party.begin(going_to if going_to in PLACES else "/")
        session = self._sessions.find(self._cookie.read(request)) or self._sessions.start()
        session.remember(pending)
        response = self._pages.go(address)
        self._cookie.set(response, session.token)
        return response

    async def come_back(self, request: Request) -> Response:
        """The provider's answer, used once; a second look at it leads to the front page."""
        session = self._sessions.find(self._cookie.read(request))
        if session is None:
            return self._pages.page("no_cookie.html", status=400, person=None)
        answer = parameters.query(request).first_values()
        pending = session.pending.pop(answer.get("state", ""), None)
        if pending is None:
            return self._pages.go("/") if session.person else self._expired()
        try:
            signed_in = await self._party.finish(answer, pending)
            userinfo = await self._party.userinfo(signed_in)
        except SignInRefusedError as error:
            return self._not_signed_in(session, error.code)
        except SignInEndedError:
            return self._expired()
        # a new name for the session of somebody new: the old one may be known to others
        session = self._sessions.start(session)
        session.signed_in, session.userinfo = signed_in, userinfo
        session.person = Rights.of(userinfo)
        response = self._pages.go(pending.going_to)
        self._cookie.set(response, session.token)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End our session first, then the provider's, and come back to the front page."""
        require_own_form(request)
        session = self._sessions.find(self._cookie.read(request))
        if session is None or session.signed_in is None:
            return self._pages.go(f"/?state={SIGNED_OUT}")
        self._sessions.end(session)
        address = await self._party.sign_out_address(
            session.signed_in, self._site.front, state=SIGNED_OUT
        )
        response = self._pages.go(address)
        self._cookie.drop(response)
        return response

    async def be_told(self, request: Request) -> Response:
        """The provider says, past every browser, that a sign-in is over."""
        form = await parameters.form(request, limit=FORM_BYTES)
        # Back-Channel Logout section 2.8: "SHOULD include Cache-Control: no-store"
        headers = {"cache-control": "no-store"}
        try:
            signed_out = await self._logout_tokens.read(form.get("logout_token") or "")
        except LogoutTokenRefusedError as error:
            body = {"error": "invalid_request", "error_description": error.detail}
            return JSONResponse(body, 400, headers)
        self._sessions.end_of(signed_out)
        return Response(status_code=200, headers=headers)

    async def arrive(self, request: Request, *, rotate: bool = False) -> Arrival | Response | None:
        """Whoever is signed in, with the rights of this moment; a page if that has just ended."""
        session = self._sessions.find(self._cookie.read(request))
        if session is not None and session.is_over:
            return self._ended(session)
        if session is None or session.person is None:
            return await self._program(request)
        before = session.person
        try:
            async with session.turn:
                await self._look(session, rotate=rotate)
        except SignInEndedError:
            return self._ended(session)
        return Arrival(
            session,
            session.person,
            filing_menus(session.person, self._site.type),
            changes(before, session.person),
        )

    def handed_on(self, request: Request, arrival: Arrival, response: Response) -> Response:
        """The answer, with the program's new token if there is one."""
        if arrival.renewed:
            programs.hand_on(request, response, arrival.renewed)
        return response

    async def end_program(self, request: Request) -> None:
        """End the token that a program has shown, at the provider."""
        if token := programs.cookie(request, programs.COOKIES):
            await self._programs.sign_out(token)

    async def _program(self, request: Request) -> Arrival | None:
        """A program that shows its token in a cookie, as it does at every court."""
        seen = await self._programs.look(programs.cookie(request, programs.COOKIES))
        if seen is None:
            return None
        number = seen.claims.get("pacer_account_number")
        person = Rights.of({"preferred_username": number, **seen.claims})
        if code := programs.cookie(request, [programs.CLIENT_CODE]):
            person = replace(person, client_code=code)
        menus = filing_menus(person, self._site.type)
        return Arrival(None, person, menus, renewed=seen.renewed)

    async def _look(self, session: CourtSession, *, rotate: bool) -> None:
        """Ask UserInfo, after a refresh if need be; new rights bring a new ID token too."""
        assert session.signed_in is not None
        assert session.person is not None
        if rotate or session.signed_in.expires_at <= self._clock().timestamp():
            session.signed_in = await self._party.refresh(session.signed_in)
        userinfo = await self._party.userinfo(session.signed_in)
        now = Rights.of(userinfo)
        if changes(session.person, now):
            session.signed_in = await self._party.refresh(session.signed_in)
        session.userinfo, session.person = userinfo, now

    def _not_signed_in(self, session: CourtSession, code: str) -> Response:
        """Cancelled or refused; whoever was signed in before stays so."""
        return self._pages.page(
            "not_signed_in.html", person=None, code=code, still=session.person is not None
        )

    def _ended(self, session: CourtSession) -> Response:
        self._sessions.end(session)
        response = self._pages.page("ended.html", status=403, person=None)
        self._cookie.drop(response)
        return response

    def _expired(self) -> Response:
        return self._pages.page("sign_in_again.html", status=400, person=None)


def require_own_form(request: Request) -> None:
    """The other sites of this machine are "same-site" and may not post here."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise parameters.BadRequestError("This form was sent from another site.", status=403)
