"""The page `/consent`: what a client that is neither a court's nor trusted asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients import invitations
from signon.clients.registry import Client, ClientRegistry
from signon.clients.scopes import known
from signon.config import Settings
from signon.courts import registry as courts
from signon.db import Database, Unit
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.tokens import consents
from signon.web.headers import form_target
from signon.web.parameters import query
from signon.web.site import Site, Visit
from signon.web.visitor import Source
from signon.words.sentences import _

WORDS = {
    "openid": _("know that it is you, by a number of its own"),
    "profile": _("see your name and username"),
    "email": _("see your e-mail address"),
    "phone": _("see your telephone number"),
    "address": _("see your postal address"),
    "pacer": _("see your PACER account number, its type and its search status"),
    "ecf": _("see what you may file at its court"),
    "account": _("see and change your account’s data on your behalf"),
    "court": _("act for its court where you are staff"),
    "firm": _("manage your firm’s account on your behalf"),
    "firm:read": _("see your firm’s account and its members"),
    "firm:members": _("invite and remove members of your firm’s account"),
    "firm:settings": _("change the settings of your firm’s account"),
    "admin": _("run this service on your behalf"),
}
"""What each scope means to the person who is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and on which journey."""

    session: Session | None
    journey: Journey | None


class ConsentPages:
    """Asks once for a client and a set of scopes; the answer is kept."""

    def __init__(self, site: Site, database: Database, clients: ClientRegistry) -> None:
        self._site = site
        self._database = database
        self._clients = clients

    def routes(self) -> list[Route]:
        """`/consent` with its two forms."""
        return [
            Route("/consent", self.ask, methods=["GET"]),
            Route("/consent", self.allow, methods=["POST"]),
            Route("/consent/cancel", self.cancel, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show who asks for what, and for how long."""
        visit = self._site.visit(request)
        asked = await self._database.read(
            _look, self._site.settings, visit.session_token, query(request).get("journey")
        )
        client = await self._client(asked.journey)
        if asked.journey is None or client is None:
            return self._expired(visit)
        if asked.session is None:
            return self._site.go(f"/login?journey={asked.journey.id}")
        return self._site.page(
            visit,
            "consent.html",
            account=asked.session.account,
            form_targets=[form_target(asked.journey.return_to or self._site.issuer)],
            client=client,
            inviter=await self._inviter(client),
            items=[WORDS[scope] for scope in _scope(asked.journey, client)],
            lasts=self._lasts(),
            journey=asked.journey.id,
        )

    async def allow(self, request: Request) -> Response:
        """Keep the answer and go on with the request."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        journey = await self._database.read(store.find, fields.get("journey"))
        client = await self._client(journey)
        if journey is None or client is None:
            return self._expired(visit)
        await self._database.write(
            _allow,
            self._site.settings,
            visit.session_token,
            client.id,
            _scope(journey, client),
            source=visit.source,
        )
        return self._site.go(journey.resume_path)

    async def cancel(self, request: Request) -> Response:
        """Nothing is given; the client is told `access_denied`."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        return self._site.go("/oauth2/cancel?" + urlencode({"journey": fields.text("journey")}))

    async def _client(self, journey: Journey | None) -> Client | None:
        if journey is None or journey.kind is not JourneyKind.AUTHORIZE:
            return None
        return await self._clients.find(journey.client_id)

    async def _inviter(self, client: Client) -> str:
        """Who invited a client that registered itself, for people; empty for every other."""
        if not client.registered_itself:
            return ""
        return await self._database.read(_inviter, client.id) or _("this service’s operators")

    def _lasts(self) -> str:
        hours = self._site.settings.session_absolute_seconds // 3600
        return _(
            "It can do so until you sign out, and for {hours} hours at most. "
            "Next time it will not ask again, unless it asks for more.",
            hours=hours,
        )

    def _expired(self, visit: Visit) -> Response:
        return self._site.page(
            visit, "expired.html", status=400, restart_url="/", restart_label=_("Start again")
        )


def _scope(journey: Journey, client: Client) -> tuple[str, ...]:
    asked = known(journey.request.get("scope"))
    return tuple(scope for scope in asked if scope in client.scopes)


def _look(unit: Unit, settings: Settings, token: str | None, journey_id: str | None) -> Asked:
    return Asked(sessions.current(unit, token, settings), store.find(unit, journey_id))


def _inviter(unit: Unit, client_id: str) -> str | None:
    """The name of the court for which it was invited; None where it was for none."""
    found = invitations.of_client(unit, client_id)
    return courts.read_one(unit, found.court_id).name if found and found.court_id else None


def _allow(
    unit: Unit,
    settings: Settings,
    token: str | None,
    client_id: str,
    scope: Sequence[str],
    *,
    source: Source,
) -> None:
    """Without a session nothing is written: going on leads to the sign-in page."""
    session = sessions.current(unit, token, settings)
    if session is not None:
        consents.give(
            unit, session.account.id, client_id, scope, source=source, proof=session.proof
        )
