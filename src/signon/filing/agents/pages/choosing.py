"""`/courts/{court}/acting-for`: an agent chooses for whom, and changes it at any time."""

from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError, SignInFirstError
from signon.filing.agents import acting, bounds, demand
from signon.filing.agents.acting import Acting
from signon.filing.court.court_policy import help_desk
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import acting as signed_in
from signon.signin import session as sessions
from signon.signin.pages import login_form
from signon.signin.session import Session
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit
from signon.web.visitor import Source

SELF = "self"
"""What is chosen by whoever files for nobody but themselves."""
KEPT = ("client_id", "return_to")


class _Seen(NamedTuple):
    """Who looks, from where, and what there is to choose."""

    visit: Visit
    court: Court
    session: Session
    acting: Acting
    journey: Journey | None
    kept: dict[str, str]

    @property
    def return_url(self) -> str:
        return self.kept.get("return_to") or self.court.cmecf_url


class ChoosingPages:
    """The demand's page, and the same for whoever comes by themselves."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._clients = wiring.clients
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """The choice and its form; Cancel is the sign-in's."""
        return [
            Route(demand.PATH, self.show, methods=["GET"]),
            Route(demand.PATH, self.choose, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET: for whom; on the way to the court whoever cannot choose is not asked."""
        asked = parameters.query(request)
        seen = await self._look(request, asked)
        if isinstance(seen, Response):
            return seen
        only = _only(seen) if seen.journey else None
        if only is None:
            done = "You act as chosen from now on." if asked.get("done") else ""
            return self._page(seen, done=done)
        try:
            await self._do(seen, only)
        except (RefusedError, SignInFirstError):
            return self._page(seen)  # it changed this very moment: look again
        return self._onward(seen)

    async def choose(self, request: Request) -> Response:
        """POST `pair`: act for them, or as oneself."""
        fields = await self._site.submitted(self._site.visit(request))
        seen = await self._look(request, fields)
        if isinstance(seen, Response):
            return seen
        pair_id = fields.text("pair")
        if not pair_id:
            missing = FieldError("pair", "Choose for whom you file.")
            return self._page(seen, [missing])
        try:
            await self._do(seen, pair_id)
        except SignInFirstError:
            return await self._sign_in(seen.court, fields)
        except RefusedError as error:
            again = await self._look(request, fields)
            wrong = [FieldError("pair", error.told)]
            return again if isinstance(again, Response) else self._page(again, wrong)
        return self._onward(seen)

    async def _do(self, seen: _Seen, pair_id: str) -> None:
        token, settings = seen.visit.session_token, self._site.settings
        rule = signed_in.proving(_choose, token, settings)
        await self._database.write(rule, seen.court, pair_id, seen.visit.source)

    async def _look(self, request: Request, asked: Parameters) -> _Seen | Response:
        visit = self._site.visit(request)
        court = await self._courts.get(request.path_params["court"])
        found = await self._database.read(
            _look, self._site.settings, visit.session_token, court, asked.get("journey")
        )
        if found is None:
            return await self._sign_in(court, asked)
        return _Seen(visit, court, *found, await self._kept(asked))

    async def _kept(self, asked: Parameters) -> dict[str, str]:
        """The client's way back, if it may name it."""
        client = await self._clients.find(asked.get("client_id"))
        wanted = asked.get("return_to")
        if client is None or wanted is None or wanted not in client.may_return_to:
            return {}
        return {"client_id": client.id, "return_to": wanted}

    async def _sign_in(self, court: Court, asked: Parameters) -> Response:
        handle = asked.get("journey")
        if handle is None:
            path = _address(court, await self._kept(asked))
            journey = await self._database.write(
                store.start,
                JourneyKind.PAGE,
                lasts=timedelta(seconds=self._site.settings.journey_seconds),
                court_id=court.id,
                request={"path": path, "fresh": False},
            )
            handle = journey.id
        return self._site.go(login_form.path(handle))

    def _onward(self, seen: _Seen) -> Response:
        if seen.journey:
            return self._site.go(seen.journey.resume_path)
        return self._site.go(_address(seen.court, {**seen.kept, "done": "1"}))

    def _page(
        self, seen: _Seen, errors: list[FieldError] | None = None, *, done: str = ""
    ) -> Response:
        journey, court = seen.journey, seen.court
        outside = login_form.leads_to(journey, court) if journey else None
        chosen = seen.acting.chosen
        return self._site.page(
            seen.visit,
            "acting_for.html",
            status=400 if errors else 200,
            account=seen.session.account,
            errors=errors or (),
            court=court,
            done=done if chosen or seen.acting.has_own else "",
            choices=[_shown(one) for one in seen.acting.principals],
            chosen=chosen.pair_id if chosen else SELF if seen.acting.has_own else "",
            has_own=seen.acting.has_own,
            journey=journey.id if journey else None,
            kept=seen.kept,
            return_url=seen.return_url,
            help_desk=help_desk(court),
            form_targets=login_form.targets(outside),
        )


def _only(seen: _Seen) -> str | None:
    """What there is no choice about on the way to the court: the one principal, or nobody."""
    if seen.acting.chosen:
        return seen.acting.chosen.pair_id
    if len(seen.acting.principals) > 1 or seen.acting.has_own:
        return None
    return seen.acting.principals[0].pair_id if seen.acting.principals else SELF


def _shown(one: acting.Principal) -> dict[str, Any]:
    permissions, cases = one.allowed
    parts = [
        ", ".join(bounds.words(permissions)).capitalize(),
        f"only in {', '.join(cases)}" if cases is not None else "in all cases",
        *(["fees may be paid on the internet"] if one.may_pay else []),
    ]
    return {"id": one.pair_id, "name": one.name, "number": one.number, "text": "; ".join(parts)}


def _address(court: Court, query: dict[str, str]) -> str:
    path = demand.PATH.format(court=court.id)
    return f"{path}?{urlencode(query)}" if query else path


def _look(
    unit: Unit, settings: Settings, token: str | None, court: Court, handle: str | None
) -> tuple[Session, Acting, Journey | None] | None:
    session = sessions.current(unit, token, settings)
    if session is None:
        return None
    journey = store.find(unit, handle)
    is_on_the_way = journey is not None and journey.court_id == court.id
    return session, acting.of_session(unit, session, court), journey if is_on_the_way else None


def _choose(unit: Unit, session: Session, court: Court, pair_id: str, source: Source) -> None:
    if pair_id == SELF:
        acting.act_as_oneself(unit, session, court)
    else:
        acting.choose(unit, session, court, pair_id, source=source)
