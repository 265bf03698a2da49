"""The pages between sign-in and going on: client code, second factor, redaction notice."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.registry import ClientRegistry
from signon.courts.registry import CourtRegistry
from signon.db import Unit
from signon.errors import InputError, RefusedError, SignInFirstError
from signon.filing.rights import redaction, second_factor
from signon.filing.rights.second_factor import Obligation, SecondFactor
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.profile.pages.holder import ACCOUNT, Holder
from signon.signin import client_code, half_sign_ins
from signon.signin.acting import Needs
from signon.signin.client_code import ClientCode
from signon.signin.demands import Place
from signon.signin.pages import login_form, second_step
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _


class DemandPages:
    """What the demands ask."""

    def __init__(
        self,
        holder: Holder,
        clients: ClientRegistry,
        courts: CourtRegistry,
        factor: SecondFactor,
        code: ClientCode,
    ) -> None:
        self._holder = holder
        self._site = holder.site
        self._database = holder.database
        self._clients = clients
        self._courts = courts
        self._factor = factor
        self._code = code
        self._give = Act("client-code", code.give)
        self._put_off = Act("put-off", factor.put_off)

    def routes(self) -> list[Route]:
        """Three pages and their forms; Cancel is the sign-in's."""
        return [
            Route(client_code.PATH, self.ask_code, methods=["GET"]),
            Route(client_code.PATH, self.answer_code, methods=["POST"]),
            Route(SecondFactor.path, self.ask_factor, methods=["GET"]),
            Route(SecondFactor.path, self.answer_factor, methods=["POST"]),
            Route(redaction.PATH, self.ask_redaction, methods=["GET"]),
            Route(redaction.PATH, self.answer_redaction, methods=["POST"]),
        ]

    # ── A client code ────────────────────────────────────────────────────────

    async def ask_code(self, request: Request) -> Response:
        """The rule, and the field with what was typed on the sign-in page."""
        visit = self._site.visit(request)
        handle = parameters.query(request).get("journey")
        session = await self._holder.session(visit)
        if session is None:
            return self._sign_in(handle)
        return await self._code_page(visit, session, handle, session.client_code or "")

    async def answer_code(self, request: Request) -> Response:
        """Take it, and go on."""
        visit, fields, session = await self._submitted(request)
        handle, typed = fields.get("journey"), fields.text("client_code")
        if session is None:
            return self._sign_in(handle)
        try:
            await self._holder.do(request, self._give, typed)
        except SignInFirstError:
            return self._sign_in(handle)
        except InputError as error:
            problem = [FieldError(error.field, error.sentence)]
            return await self._code_page(visit, session, handle, typed, problem, status=400)
        return self._onward(await self._database.read(store.find, handle))

    async def _code_page(
        self,
        visit: Visit,
        session: Session,
        handle: str | None,
        typed: str,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        rule = await self._database.read(self._code.rule_of, session.account)
        journey = await self._database.read(store.find, handle)
        return await self._page(
            visit,
            session,
            journey,
            "client_code.html",
            errors,
            status=status,
            rule=rule,
            typed=typed,
        )

    # ── A second factor ──────────────────────────────────────────────────────

    async def ask_factor(self, request: Request) -> Response:
        """Why it is due, how often it may still wait, and the way to enrol."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        handle, wants_aal2 = asked.get("journey"), asked.get("level") == "aal2"
        session = await self._holder.session(visit)
        if session is None:
            return self._sign_in(handle)
        if session.account.has_factor:
            return await self._prove(visit, handle)
        duty, journey = await self._database.read(self._duty, session, handle, wants_aal2)
        if duty is None and journey is None:
            return self._site.go(ACCOUNT)
        return await self._page(visit, session, journey, "second_factor_due.html", duty=duty)

    async def answer_factor(self, request: Request) -> Response:
        """Enrol now, or put it off."""
        visit, fields, session = await self._submitted(request)
        handle = fields.get("journey")
        if session is None:
            return self._sign_in(handle)
        if fields.get("skip") is None:
            return self._site.go(f"{ACCOUNT}/factors" + _query(handle))
        journey = await self._database.read(store.find, handle)
        try:
            await self._holder.do(request, self._put_off, source=visit.source)
        except SignInFirstError:
            return self._sign_in(handle)
        except RefusedError:
            return self._site.go(SecondFactor.path + _query(handle))
        return self._onward(journey)

    async def _prove(self, visit: Visit, handle: str | None) -> Response:
        """The session is from before the factor: ask for that now, and for an old password too."""
        try:
            _unused, half_id = await self._holder.do(
                visit.request, HALF, visit.device or "", handle
            )
        except SignInFirstError:
            journey = await self._database.read(store.find, handle)
            back = journey.resume_path if journey else ACCOUNT
            return await self._holder.sign_in(back, fresh=True)
        return self._site.go(second_step.address(half_id, handle))

    def _duty(
        self, unit: Unit, session: Session, handle: str | None, wants_aal2: bool
    ) -> tuple[Obligation | None, Journey | None]:
        """The account's own duty, which may be put off, unless the client wants two factors."""
        journey = store.find(unit, handle)
        if journey and journey.kind is JourneyKind.AUTHORIZE:
            place = Place(journey.client_id, journey.court_id, wants_aal2=wants_aal2)
            if second_factor.is_wanted_at(unit, place):
                return None, journey
        return self._factor.obligation(unit, session.account), journey

    # ── The redaction notice ─────────────────────────────────────────────────

    async def ask_redaction(self, request: Request) -> Response:
        """The rules, and the box to tick."""
        visit = self._site.visit(request)
        handle = parameters.query(request).get("journey")
        session = await self._holder.session(visit)
        if session is None:
            return self._sign_in(handle)
        journey = await self._database.read(store.find, handle)
        return await self._redaction_page(visit, session, journey)

    async def answer_redaction(self, request: Request) -> Response:
        """Confirm, and go on."""
        visit, fields, session = await self._submitted(request)
        handle = fields.get("journey")
        if session is None:
            return self._sign_in(handle)
        journey = await self._database.read(store.find, handle)
        if not fields.get("redaction"):
            missing = FieldError(
                "redaction",
                _("Check the box to say that you will comply with the redaction rules."),
            )
            return await self._redaction_page(visit, session, journey, [missing], status=400)
        try:
            await self._holder.do(request, CONFIRM, source=visit.source)
        except SignInFirstError:
            return self._sign_in(handle)
        return self._onward(journey)

    async def _redaction_page(
        self,
        visit: Visit,
        session: Session,
        journey: Journey | None,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        return await self._page(
            visit,
            session,
            journey,
            "redaction.html",
            errors,
            status=status,
            notice=redaction.NOTICE,
        )

    # ── Both ─────────────────────────────────────────────────────────────────

    async def _submitted(self, request: Request) -> tuple[Visit, Parameters, Session | None]:
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        return visit, fields, await self._holder.session(visit)

    def _sign_in(self, handle: str | None) -> Response:
        return self._site.go(login_form.path(handle))

    def _onward(self, journey: Journey | None) -> Response:
        return self._site.go(journey.resume_path if journey else ACCOUNT)

    async def _page(
        self,
        visit: Visit,
        session: Session,
        journey: Journey | None,
        template: str,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Going on may end at the court, so the page's form may."""
        client = await self._clients.find(journey.client_id) if journey else None
        court = (await self._courts.all()).get(journey.court_id or "") if journey else None
        return self._site.page(
            visit,
            template,
            status=status,
            account=session.account,
            errors=errors,
            client=client or court,
            form_targets=login_form.targets(login_form.leads_to(journey, court)),
            journey=journey.id if journey else None,
            **values,
        )


def _half(unit: Unit, session: Session, device: str, handle: str | None) -> str:
    half = half_sign_ins.draw(
        unit, device=device, client_code=session.client_code, journey_id=handle
    )
    half_sign_ins.begin(unit, session.account, half)
    return half.id


HALF = Act("prove", _half, needs=Needs.FRESH)
CONFIRM = Act("redaction", redaction.confirm)


def _query(handle: str | None) -> str:
    return "?" + urlencode({"journey": handle}) if handle else ""
