"""What the applicant's pages share: who asks, what stands in the way, and what a refusal shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar, Concatenate, ParamSpec

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import repudiation
from signon.accounts.entries import Entered
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError, SignInFirstError
from signon.filing.linking.conditions import NOT_UPGRADED
from signon.filing.registrations import applying, conditions, documents, registrations
from signon.filing.registrations.answers import LABELS, Page
from signon.filing.registrations.applying import ACKNOWLEDGEMENTS, RETURN_TO, Registrant
from signon.filing.registrations.documents import Document
from signon.filing.registrations.pages import shown
from signon.filing.registrations.registrations import Registration
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import acting
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.signin.shell import AnsweredError
from signon.signin.stepped import StepForm, Stepped
from signon.web import parameters
from signon.web.headers import form_target
from signon.web.parameters import Parameters
from signon.web.site import Handler, Visit
from signon.words.sentences import _

P = ParamSpec("P")
ApplicantRule = Callable[Concatenate[Unit, Registrant, P], object]
AT = "/courts/{court}/register"


@dataclass(frozen=True, slots=True)
class SeenRegistration:
    """What stands behind a page: who asks, and the registration that is open or was decided."""

    visit: Visit
    court: Court
    session: Session | None
    refusal: RefusedError | None
    there: Registration | None = None
    documents: Sequence[Document] = ()

    @property
    def is_begun(self) -> bool:
        """Whether there is something for the applicant to go on with."""
        return self.there is not None and self.there.is_editable

    @property
    def return_url(self) -> str:
        """The verified address at the client, else the registry's for this court."""
        kept = self.there.answers.get(RETURN_TO) if self.there else None
        return str(kept or self.court.cmecf_url)


class ApplicantPages(Stepped[Page, SeenRegistration]):
    """The ground of the pages at `/courts/{court}/register`."""

    forms: ClassVar[Mapping[Page, StepForm]] = {
        Page.WHAT: StepForm(LABELS[Page.WHAT], "efile_what.html"),
        Page.DETAILS: StepForm(LABELS[Page.DETAILS], "efile_step.html"),
        Page.DELIVERY: StepForm(LABELS[Page.DELIVERY], "efile_step.html"),
        Page.DOCUMENTS: StepForm(LABELS[Page.DOCUMENTS], "efile_documents.html"),
        Page.CHECK: StepForm(LABELS[Page.CHECK], "efile_check.html"),
    }
    unknown = _("There is no such page.")

    def _route(self, path: str, handler: Handler, method: str = "GET") -> Route:
        """A route; whose session has ended when a form acts is led to the sign-in."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInFirstError:
                return await self._sign_in(request, await self._court(request))

        return super()._route(path, guarded, method)

    async def _court(self, request: Request) -> Court:
        return await self._courts.get(request.path_params["court"])

    async def _look(self, visit: Visit, asked: Parameters) -> SeenRegistration:
        court = await self._court(visit.request)
        return await self._database.read(_look, self._settings, visit, court)

    async def _own(self, visit: Visit) -> SeenRegistration:
        """For everybody who has a registration, whatever became of it. Raises AnsweredError."""
        seen = await self._look(visit, parameters.query(visit.request))
        if seen.session is None and (stop := await self._stop(seen, None)):
            raise AnsweredError(stop)
        return seen

    def _at(self, seen: SeenRegistration, step: Page) -> str:
        return address(seen.court, f"/{step}")

    async def _shown(
        self, seen: SeenRegistration, step: Page, typed: Entered | None
    ) -> dict[str, Any]:
        account = seen.session.account if seen.session else None
        values: dict[str, Any] = {"account": account, "court": seen.court}
        if step is Page.WHAT:
            asked = parameters.query(seen.visit.request) if typed is None else typed
            kept = await self._kept(asked)
            targets = [form_target(kept.get(RETURN_TO) or seen.return_url)]
            what = shown.what(seen.there, seen.court)
            return {**values, "form_targets": targets, "kept": kept, **what}
        assert seen.there is not None
        assert account is not None
        if step is Page.DOCUMENTS:
            limit = self._settings.document_limit_bytes
            return values | shown.listed(seen.there, seen.court, seen.documents, limit)
        values["form_targets"] = [form_target(seen.return_url)]
        if step is Page.CHECK:
            ticked = [name for name in ACKNOWLEDGEMENTS if typed and typed.get(name)]
            return values | shown.check(seen.there, seen.court, seen.documents, ticked)
        return values | shown.step(seen.there, seen.court, step, account, typed)

    async def _do(
        self, seen: SeenRegistration, rule: ApplicantRule[P], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Run a rule for the applicant; what it refuses is noted, then told on a page."""
        try:
            await self._run(seen, rule, *args, **kwargs)
        except RefusedError as error:
            raise AnsweredError(self._refused(seen, error, status=409)) from error

    async def _run(
        self, seen: SeenRegistration, rule: ApplicantRule[P], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """The same, but what it refuses is raised after it was noted."""
        asker, visit = list[Registrant](), seen.visit

        def inside(unit: Unit, session: Session) -> None:
            issuer, source = self._settings.issuer, visit.source
            who = Registrant(session.account, seen.court, issuer, source, session.proof)
            asker[:] = [who]
            repudiation.require_unfrozen(session.account)
            rule(unit, who, *args, **kwargs)

        try:
            await self._database.write(acting.proving(inside, visit.session_token, self._settings))
        except RefusedError as error:
            await self._database.write(applying.note_refusal, asker[0], error)
            raise

    async def _kept(self, asked: Parameters | Entered) -> dict[str, str]:
        """The client's way back, if it may name it, as the form's hidden fields carry it."""
        client = await self._clients.find(asked.get("client_id"))
        wanted = asked.get(RETURN_TO)
        if client is None or wanted is None or wanted not in client.may_return_to:
            return {}
        return {"client_id": client.id, RETURN_TO: wanted}

    async def _stop(self, seen: SeenRegistration, step: Page | None) -> Response | None:
        """Sign in first, or not at all; None when nothing stands in the way."""
        if seen.session is None and seen.refusal is None:
            return await self._sign_in(seen.visit.request, seen.court)
        if seen.refusal is None:
            return None
        handle = None
        if seen.refusal.reason == NOT_UPGRADED:
            handle = await self._begin(address(seen.court), seen.court)
        return self._refused(seen, seen.refusal, handle=handle)

    async def _sign_in(self, request: Request, court: Court) -> Response:
        """To the sign-in and back here; a form that was sent is not repeated."""
        asked = request.scope["query_string"].decode("latin-1")
        path = str(request.scope["path"])
        path, asked = (path, asked) if request.method == "GET" else (address(court), "")
        journey = await self._begin(f"{path}?{asked}" if asked else path, court)
        return self._site.go(f"/login?journey={journey}")

    async def _begin(self, path: str, court: Court) -> str:
        journey = await self._database.write(
            store.start,
            JourneyKind.PAGE,
            lasts=timedelta(seconds=self._settings.journey_seconds),
            court_id=court.id,
            request={"path": path, "fresh": False},
        )
        return journey.id

    def _refused(
        self,
        seen: SeenRegistration,
        refusal: RefusedError,
        *,
        status: int = 403,
        handle: str | None = None,
    ) -> Response:
        actions = shown.ways_on(seen.court, refusal.reason, handle)
        if seen.there is not None and refusal.reason != conditions.NOT_LIVE:
            there = {"label": _("Your registration"), "href": address(seen.court, "/status")}
            actions.append(there)
        actions.append({"label": _("Return to the court"), "href": seen.return_url})
        return self._site.page(
            seen.visit,
            "message.html",
            status=status,
            account=seen.session and seen.session.account,
            kind="warning",
            heading=_("You cannot register for e-filing here now")
            if status == 403
            else _("That could not be done"),
            paragraphs=[
                text
                for text in (refusal.sentence, refusal.next_step, shown.without_login(seen.court))
                if text
            ],
            actions=actions,
        )


def _look(unit: Unit, settings: Settings, visit: Visit, court: Court) -> SeenRegistration:
    session = sessions.current(unit, visit.session_token, settings)
    account = session.account if session else None
    seen = SeenRegistration(visit, court, session, conditions.refuse(unit, account, court))
    if account is None:
        return seen
    there = registrations.latest(unit, account.id, court.id)
    if there is None:
        return seen
    return replace(seen, there=there, documents=documents.of(unit, there.id))


def address(court: Court, step: str = "") -> str:
    """A page of the registration at a court."""
    return f"/courts/{court.id}/register{step}"
