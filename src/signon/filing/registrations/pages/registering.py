"""`/courts/{court}/register`: what for → about you → notices → documents → check → the court."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, NotFoundError
from signon.filing.registrations import answers, applying
from signon.filing.registrations.answers import LABELS, Page
from signon.filing.registrations.applying import ACKNOWLEDGEMENTS, RETURN_TO, Registrant
from signon.filing.registrations.pages import shown
from signon.filing.registrations.pages.applicant import (
    AT,
    ApplicantPages,
    SeenRegistration,
    address,
)
from signon.web import parameters
from signon.web.headers import form_target
from signon.web.site import FieldError


class RegisteringPages(ApplicantPages):
    """Registering for e-filing, for the applicant."""

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(AT, self.enter, methods=["GET"]),
            self._posted(f"{AT}/what", self.choose),
            self._posted(f"{AT}/check", self.send),
            Route(f"{AT}/{{step}}", self.show, methods=["GET"]),
            self._posted(f"{AT}/{{step}}", self.answer),
        ]

    # ── The steps ────────────────────────────────────────────────────────────

    async def enter(self, request: Request) -> Response:
        """Go on where it stopped; else the first step, with a client's way back if it named one."""
        asked = parameters.query(request)
        seen = await self._look(request)
        if stop := await self._stop(request, seen):
            return stop
        if seen.there is None or not seen.there.is_open:
            return await self._what(seen, await self._kept(asked))
        if not seen.is_begun:
            return self._site.go(address(seen.court, "/status"))
        return self._site.go(address(seen.court, f"/{shown.next_page(seen.there, seen.court)}"))

    async def show(self, request: Request) -> Response:
        """GET of a step: its form with what was answered before."""
        seen = await self._look(request)
        page = _page(request)
        if stop := await self._stop(request, seen):
            return stop
        if page is Page.WHAT and (seen.is_begun or seen.there is None or not seen.there.is_open):
            return await self._what(seen, {})
        if not seen.is_begun:
            return self._site.go(address(seen.court, "/status" if seen.there else ""))
        return self._form(seen, page)

    async def choose(self, request: Request) -> Response:
        """POST of the first step."""
        visit, fields = await self._submitted(request)
        seen = await self._look(request)
        if stop := await self._stop(request, seen):
            return stop
        kept = await self._kept(fields)
        wanted = answers.choices(seen.court).get(fields.text("registration"))
        if wanted is None:
            wrong = [FieldError("registration", "Choose what you want to register for.")]
            return await self._what(seen, kept, wrong)
        done = await self._do(visit, seen, applying.begin, wanted, return_to=kept.get(RETURN_TO))
        return done or self._site.go(address(seen.court, "/details"))

    async def answer(self, request: Request) -> Response:
        """POST of a step with fields; the next page comes by GET."""
        visit, fields = await self._submitted(request)
        seen = await self._look(request)
        page = _page(request)
        if stop := await self._stop(request, seen):
            return stop
        if page not in (Page.DETAILS, Page.DELIVERY) or not seen.is_begun:
            return self._site.go(address(seen.court))
        typed = fields.first_values()
        wrong: list[InputError] = []

        def save(unit: Unit, who: Registrant) -> None:
            wrong[:] = applying.save(unit, who, page, typed)[1]

        if done := await self._do(visit, seen, save):
            return done
        if wrong:
            return self._form(seen, page, typed=typed, wrong=wrong, status=400)
        return self._site.go(address(seen.court, f"/{shown.after(page)}"))

    async def send(self, request: Request) -> Response:
        """POST of the last step: to the court."""
        visit, fields = await self._submitted(request)
        seen = await self._look(request)
        if stop := await self._stop(request, seen):
            return stop
        if not seen.is_begun:
            return self._site.go(address(seen.court, "/status" if seen.there else ""))
        ticked = [name for name in ACKNOWLEDGEMENTS if fields.get(name)]
        try:
            done = await self._do(visit, seen, applying.submit, ticked)
        except InputError as error:
            wrong = [
                InputError(error.sentence, field=name)
                for name in ACKNOWLEDGEMENTS
                if name not in ticked
            ]
            return self._form(seen, Page.CHECK, wrong=wrong, ticked=ticked, status=400)
        return done or self._site.go(address(seen.court, "/status"))

    # ── Pages ────────────────────────────────────────────────────────────────

    async def _what(
        self, seen: SeenRegistration, kept: Mapping[str, str], errors: Sequence[FieldError] = ()
    ) -> Response:
        target = kept.get(RETURN_TO) or seen.return_url
        return self._site.page(
            seen.visit,
            "efile_what.html",
            status=400 if errors else 200,
            account=seen.session and seen.session.account,
            errors=errors,
            form_targets=[form_target(target)],
            court=seen.court,
            labels=list(LABELS.values()),
            current=1,
            kept=kept,
            **shown.what(seen.there, seen.court),
        )

    def _form(
        self,
        seen: SeenRegistration,
        page: Page,
        *,
        typed: Mapping[str, str] | None = None,
        wrong: Sequence[InputError] = (),
        ticked: Sequence[str] = (),
        status: int = 200,
    ) -> Response:
        assert seen.there is not None
        assert seen.session is not None
        values: dict[str, Any] = (
            shown.check(seen.there, seen.court, seen.documents, ticked)
            if page is Page.CHECK
            else shown.step(seen.there, seen.court, page, seen.session.account, typed)
        )
        return self._site.page(
            seen.visit,
            "efile_check.html" if page is Page.CHECK else "efile_step.html",
            status=status,
            account=seen.session.account,
            errors=[FieldError(error.field, error.sentence) for error in wrong],
            form_targets=[form_target(seen.return_url)],
            court=seen.court,
            labels=list(LABELS.values()),
            current=list(LABELS).index(page) + 1,
            **values,
        )


def _page(request: Request) -> Page:
    name = request.path_params["step"]
    if name not in set(Page):
        raise NotFoundError("There is no such page.")
    return Page(name)
