"""The page `/login`."""

from collections.abc import Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon import logs
from signon.accounts import client_codes
from signon.accounts.hashing import Turn
from signon.courts.registry import Court
from signon.errors import RefusedError, WaitError
from signon.journeys.store import Journey
from signon.signin import arrivals
from signon.signin.arrivals import Arrival, Asked
from signon.signin.comparisons import Comparisons
from signon.signin.login import Attempt, SecondStep, SignedIn
from signon.signin.pages import login_form, second_step
from signon.signin.pages.login_form import Form
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.csrf import ExpiredFormError
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

_log = logs.get(__name__)

TO_COURTS = {"label": _("Find a court"), "href": "/courts"}


class SignInPages:
    """Username and password, counted before they are hashed."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._gate = wiring.gate
        self._clients = wiring.clients
        self._courts = wiring.courts
        self._comparisons = Comparisons(wiring)
        self._sign_in = self._comparisons.passwords

    def routes(self) -> list[Route]:
        """`/login` with its forms."""
        return [
            Route("/login", self.ask, methods=["GET"]),
            Route("/login", self.answer, methods=["POST"]),
            Route("/login/cancel", self.cancel, methods=["GET", "POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """GET `/login`: the form, unless there is nothing to ask."""
        visit = self._site.visit(request)
        query = parameters.query(request)
        arrival = await self._arrive(visit, query.get("journey"))
        if arrival.is_lost:
            return self._expired(visit)
        if arrival.session and arrival.asked is Asked.NOTHING:
            return self._site.go(_resumed(arrival))
        form = login_form.prefilled(arrival, switch=query.get("switch") is not None)
        # known before the form comes back, so that its answer takes no statement more
        await self._comparisons.prepare()
        return await self._page(visit, arrival, form)

    async def answer(self, request: Request) -> Response:
        """POST `/login`: count, hash, look again, and go on."""
        visit = self._site.visit(request)
        form = Form.of(await self._site.submitted(visit))
        if problems := form.problems():
            arrival = await self._arrive(visit, form.journey)
            if arrival.is_lost:
                return self._expired(visit)
            return await self._page(visit, arrival, form, status=400, errors=problems)
        # whoever has no turn in time is told before anything is counted
        with self._gate.turn() as turn:
            return await self._attempted(visit, form, turn)

    async def _attempted(self, visit: Visit, form: Form, turn: Turn) -> Response:
        """The answer to an attempt. Raises BusyError."""
        try:
            arrival, attempt = await self._database.write(
                self._sign_in.begin,
                username=form.username,
                session_token=visit.session_token,
                journey_id=form.journey,
                device=visit.device or "",
                source=visit.source,
            )
        except WaitError as wait:
            _log.info("sign-in has to wait", seconds=wait.seconds, network=visit.source.network)
            arrival = await self._arrive(visit, form.journey)
            return await self._page(visit, arrival, form, wait_seconds=wait.seconds)
        if attempt is None:
            return self._expired(visit)
        try:
            done = await self._prove(visit, arrival, attempt, form, turn)
        except RefusedError as error:
            errors = [FieldError("password", error.sentence), FieldError(None, error.next_step)]
            wait_seconds = attempt.counted.wait_seconds
            return await self._page(
                visit, arrival, form, status=403, errors=errors, wait_seconds=wait_seconds
            )
        if isinstance(done, SecondStep):
            return self._site.go(second_step.address(done.half_id, form.journey))
        return self._site.signed_in(visit, done.onward, done.token)

    async def cancel(self, request: Request) -> Response:
        """`/login/cancel`: back to whoever sent the person here, with nothing done."""
        visit = self._site.visit(request)
        back = login_form.path(parameters.query(request).get("journey"))
        if request.method != "POST":
            return self._site.go(back)
        try:
            fields = await self._site.submitted(visit)
        except ExpiredFormError:
            return self._site.go(back)
        arrival = await self._arrive(visit, fields.get("journey"))
        if arrival.is_lost:
            return self._expired(visit)
        if arrival.journey is None:
            return self._site.go(back)
        court = await self._court(arrival.journey)
        return self._site.go(login_form.cancelled(arrival.journey, court))

    # ── Steps ────────────────────────────────────────────────────────────────

    async def _prove(
        self, visit: Visit, arrival: Arrival, attempt: Attempt, form: Form, turn: Turn
    ) -> SignedIn | SecondStep:
        """Hash without a connection, then start the session or write down the refusal.

        Raises RefusedError, BusyError.
        """
        finish = partial(
            self._sign_in.finish,
            arrival=arrival,
            session_token=visit.session_token,
            device=visit.device or "",
            client_code=client_codes.checked(form.client_code),
            source=visit.source,
        )
        return await self._comparisons.password(
            attempt,
            form.password,
            turn,
            finish,
            journey=arrival.journey,
            source=visit.source,
        )

    async def _arrive(self, visit: Visit, journey_id: str | None) -> Arrival:
        return await self._database.read(
            arrivals.arrive,
            self._settings,
            session_token=visit.session_token,
            journey_id=journey_id,
        )

    # ── Answers ──────────────────────────────────────────────────────────────

    async def _page(
        self,
        visit: Visit,
        arrival: Arrival,
        form: Form,
        *,
        status: int = 200,
        errors: Sequence[FieldError] = (),
        wait_seconds: int = 0,
    ) -> Response:
        """The sign-in form, with what was typed before but never with a password."""
        journey = arrival.journey
        client = await self._clients.find(journey.client_id) if journey else None
        court = await self._court(journey)
        is_live = court is not None and court.is_live(self._database.clock())
        response = self._site.page(
            visit,
            "login.html",
            status=429 if wait_seconds else status,
            errors=errors,
            client=client or court,
            wait_seconds=wait_seconds,
            **login_form.around(arrival, form, court, is_live=is_live),
        )
        if wait_seconds:
            response.headers["retry-after"] = str(wait_seconds)
        return response

    async def _court(self, journey: Journey | None) -> Court | None:
        if journey is None or journey.court_id is None:
            return None
        return (await self._courts.all()).get(journey.court_id)

    def _expired(self, visit: Visit) -> Response:
        """The way leads on from a court, because only a court knows what it wanted."""
        return self._site.page(
            visit,
            "expired.html",
            status=400,
            restart_url=TO_COURTS["href"],
            restart_label=TO_COURTS["label"],
        )


def _resumed(arrival: Arrival) -> str:
    return arrival.journey.resume_path if arrival.journey else "/"
