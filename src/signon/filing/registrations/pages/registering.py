"""`/courts/{court}/register`: what for → about you → notices → documents → check → the court."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError
from signon.filing.registrations import answers, applying
from signon.filing.registrations.answers import Page
from signon.filing.registrations.applying import ACKNOWLEDGEMENTS, RETURN_TO, Registrant
from signon.filing.registrations.pages import shown
from signon.filing.registrations.pages.applicant import (
    AT,
    ApplicantPages,
    SeenRegistration,
    address,
)
from signon.signin.stepped import WrongError
from signon.web.parameters import Parameters
from signon.words.sentences import _


class RegisteringPages(ApplicantPages):
    """Registering for e-filing, for the applicant."""

    def routes(self) -> list[Route]:
        """Where they are; documents are added one by one, by `RegisteredPages`."""
        return [self._route(AT, self.enter), *self._routes(f"{AT}/{{step}}")]

    async def enter(self, request: Request) -> Response:
        """Go on where it stopped; else the first step, with a client's way back if it named one."""
        seen = await self._enter(self._site.visit(request))
        if seen.there is None or not seen.there.is_open:
            return await self._page(seen, Page.WHAT)
        if not seen.is_begun:
            return self._site.go(address(seen.court, "/status"))
        return self._site.go(self._at(seen, shown.next_page(seen.there, seen.court)))

    def _due(self, seen: SeenRegistration) -> Page:
        """Every step may be taken in any order; what is missing is said when it is sent."""
        return Page.CHECK

    def _astray(self, seen: SeenRegistration, step: Page) -> str | None:
        """What is not begun has its first step only; what the court has is looked at."""
        is_new = seen.there is None or not seen.there.is_open
        is_posted = seen.visit.request.method == "POST"
        if seen.is_begun or (step is Page.WHAT and (is_new or is_posted)):
            return None
        return address(seen.court, "/status" if seen.there else "")

    def _after(self, seen: SeenRegistration, step: Page) -> str:
        is_sent = step is Page.CHECK
        return address(seen.court, "/status") if is_sent else super()._after(seen, step)

    async def _keep(
        self, seen: SeenRegistration, step: Page, fields: Parameters
    ) -> SeenRegistration:
        if step is Page.WHAT:
            await self._choose(seen, fields)
        elif step is Page.CHECK:
            await self._send(seen, fields)
        else:
            await self._save(seen, step, fields)
        return seen

    async def _choose(self, seen: SeenRegistration, fields: Parameters) -> None:
        wanted = answers.choices(seen.court).get(fields.text("registration"))
        if wanted is None:
            sentence = _("Choose what you want to register for.")
            raise WrongError([InputError(sentence, field="registration")])
        kept = await self._kept(fields)
        await self._do(seen, applying.begin, wanted, return_to=kept.get(RETURN_TO))

    async def _save(self, seen: SeenRegistration, step: Page, fields: Parameters) -> None:
        wrong: list[InputError] = []

        def save(unit: Unit, who: Registrant) -> None:
            wrong[:] = applying.save(unit, who, step, fields.first_values())[1]

        await self._do(seen, save)
        if wrong:
            raise WrongError(wrong)

    async def _send(self, seen: SeenRegistration, fields: Parameters) -> None:
        """To the court."""
        ticked = [name for name in ACKNOWLEDGEMENTS if fields.get(name)]
        try:
            await self._do(seen, applying.submit, ticked)
        except InputError as error:
            open_ones = [name for name in ACKNOWLEDGEMENTS if name not in ticked]
            wrong = [InputError(error.sentence, field=name) for name in open_ones]
            raise WrongError(wrong) from error
