"""`/courts/{court}/link/lost` and `/link/proof`: a mailed link in place of a lost password."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, RefusedError, WaitError
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import lost_logins, mailed_proofs
from signon.filing.linking.link_steps import LinkSteps, SeenLink
from signon.filing.linking.pages.stopping import path, stop
from signon.journeys.store import Journey
from signon.signin import session as sessions
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _


class LostLoginPages:
    """Asking for the mail, and what its link opens."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._ring = wiring.ring
        self._courts = wiring.courts
        self._steps = LinkSteps(wiring.ring, wiring.site.settings)

    def routes(self) -> list[Route]:
        """Both beside the linking pages."""
        at = "/courts/{court}/link"
        return [
            Route(f"{at}/lost", self.form, methods=["GET"]),
            Route(f"{at}/lost", self.ask, methods=["POST"]),
            Route(f"{at}/lost/sent", self.sent, methods=["GET"]),
            Route(f"{at}/proof", self.show, methods=["GET"]),
            Route(f"{at}/proof", self.prove, methods=["POST"]),
        ]

    # ── Asking ───────────────────────────────────────────────────────────────

    async def form(self, request: Request) -> Response:
        """GET: the login or the e-mail address, nothing else."""
        seen = await self._look(request)
        return stop(self._site, seen) or self._form(seen)

    async def ask(self, request: Request) -> Response:
        """POST: the same answer for everybody."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        court = await self._court(request)
        typed = fields.text("known")
        try:
            seen = await self._database.write(self._ask, visit, court, fields.get("journey"), typed)
        except WaitError as wait:
            seen = await self._database.read(self._steps.look, visit, court, fields.get("journey"))
            response = self._form(seen, typed, wait_seconds=wait.seconds, status=429)
            response.headers["retry-after"] = str(wait.seconds)
            return response
        except InputError as error:
            seen = await self._database.read(self._steps.look, visit, court, fields.get("journey"))
            problem = FieldError(error.field, error.sentence)
            return self._form(seen, typed, errors=[problem], status=400)
        if stopped := stop(self._site, seen):
            return stopped
        return self._site.go(path(court, "/lost/sent", seen))

    async def sent(self, request: Request) -> Response:
        """GET: look into the mail, and who helps if nothing comes."""
        seen = await self._look(request)
        if seen.journey is None:
            return self._site.go(path(seen.court))
        return self._site.page(
            seen.visit,
            "link_lost_sent.html",
            account=seen.session and seen.session.account,
            court=seen.court,
            policy=seen.court.policy,
            again=path(seen.court, "/lost", seen),
            back=path(seen.court, "", seen),
        )

    def _ask(
        self, unit: Unit, visit: Visit, court: Court, handle: str | None, typed: str
    ) -> SeenLink:
        seen = self._steps.look(unit, visit, court, handle)
        if seen.refusal or seen.session is None or seen.journey is None:
            return seen
        sessions.touch(unit, seen.session)
        lost_logins.ask(
            unit, self._ring, seen.session, court, seen.journey, typed, source=visit.source
        )
        return seen

    def _form(
        self,
        seen: SeenLink,
        typed: str = "",
        *,
        errors: Sequence[FieldError] = (),
        wait_seconds: int = 0,
        status: int = 200,
    ) -> Response:
        return self._site.page(
            seen.visit,
            "link_lost.html",
            status=status,
            errors=errors,
            account=seen.session and seen.session.account,
            court=seen.court,
            policy=seen.court.policy,
            typed=typed,
            wait_minutes=-(-wait_seconds // 60),
            journey=seen.handle,
            back=path(seen.court, "", seen),
        )

    # ── The mailed link ──────────────────────────────────────────────────────

    async def show(self, request: Request) -> Response:
        """GET: which login the link proves. Mail scanners come here too; nothing is used up."""
        token = parameters.query(request).get("token")
        if token is not None:
            return await self._set_out(request, token)
        seen = await self._look(request)
        if stopped := stop(self._site, seen):
            return stopped
        try:
            found = await self._database.read(_which, seen)
        except RefusedError as error:
            return self._refused(seen, error)
        return self._site.page(
            seen.visit,
            "link_proof.html",
            account=seen.session and seen.session.account,
            court=seen.court,
            login=found.login,
            journey=seen.handle,
        )

    async def prove(self, request: Request) -> Response:
        """POST: spend the link; the usual confirmation follows."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        court = await self._court(request)
        handle = fields.get("journey")
        try:
            seen, made = await self._database.write(self._prove, visit, court, handle)
        except RefusedError as error:
            seen = await self._database.read(self._steps.look, visit, court, handle)
            return stop(self._site, seen) or self._refused(seen, error)
        if made is None:
            return stop(self._site, seen) or self._refused(seen, None)
        return self._site.go(f"/courts/{court.id}/link/confirm?journey={made.id}")

    def _prove(
        self, unit: Unit, visit: Visit, court: Court, handle: str | None
    ) -> tuple[SeenLink, Journey | None]:
        seen = self._steps.look(unit, visit, court, handle)
        if seen.session is None or seen.journey is None:
            return seen, None
        sessions.touch(unit, seen.session)
        made = mailed_proofs.prove(
            unit,
            seen.session,
            court,
            seen.journey,
            settings=self._site.settings,
            source=visit.source,
        )
        return seen, made

    async def _set_out(self, request: Request, token: str) -> Response:
        """From the mail: the token leaves the address bar at once."""
        court = await self._court(request)
        try:
            made = await self._database.write(
                mailed_proofs.set_out, court, token, settings=self._site.settings
            )
        except RefusedError as error:
            return self._refused(await self._look(request), error)
        return self._site.go(f"/courts/{court.id}/link/proof?journey={made.id}")

    def _refused(self, seen: SeenLink, refusal: RefusedError | None) -> Response:
        told = [refusal.sentence, refusal.next_step] if refusal else [_("Ask for a new link.")]
        return self._site.page(
            seen.visit,
            "message.html",
            status=403,
            account=seen.session and seen.session.account,
            kind="warning",
            heading=_("This link does not prove your login"),
            paragraphs=told,
            actions=[{"label": _("Link my filing login"), "href": path(seen.court)}],
        )

    async def _court(self, request: Request) -> Court:
        return await self._courts.get(request.path_params["court"])

    async def _look(self, request: Request) -> SeenLink:
        court = await self._court(request)
        handle = parameters.query(request).get("journey")
        return await self._database.read(self._steps.look, self._site.visit(request), court, handle)


def _which(unit: Unit, seen: SeenLink) -> LegacyLogin:
    assert seen.session is not None
    assert seen.journey is not None
    return mailed_proofs.look(unit, seen.session, seen.court, seen.journey)
