"""`/courts/{court}/register/…`: its documents, how it stands, and taking it back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.registrations import applying, documents, registrations
from signon.filing.registrations.answers import Page
from signon.filing.registrations.applying import RETURN_TO, Registrant
from signon.filing.registrations.pages import shown
from signon.filing.registrations.pages.applicant import (
    AT,
    ApplicantPages,
    SeenRegistration,
    address,
)
from signon.signin.stepped import WrongError
from signon.web.parameters import BadRequestError
from signon.words.sentences import _


class RegisteredPages(ApplicantPages):
    """What belongs to a registration that was begun."""

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            self._route(f"{AT}/documents", self.add, "POST"),
            self._route(f"{AT}/documents/{{document}}", self.open),
            self._route(f"{AT}/documents/{{document}}", self.remove, "POST"),
            self._route(f"{AT}/status", self.status),
            self._route(f"{AT}/withdraw", self.withdraw, "POST"),
            self._route(f"{AT}/cancel", self.cancel, "POST"),
        ]

    async def add(self, request: Request) -> Response:
        """POST: one PDF document."""
        visit = self._site.visit(request)
        seen = await self._enter(visit)
        if seen.there is None or not seen.is_begun:
            return self._site.go(address(seen.court))
        try:
            sent = await self._site.uploaded(
                visit, field=documents.FIELD, limit=self._settings.document_limit_bytes
            )
            documents.check(sent.name, sent.content_type, sent.content[:8])
        except BadRequestError as error:
            if error.status != 413:
                raise
            return await self._again(seen, error.sentence, 413)
        except InputError as error:
            return await self._again(seen, error.sentence, 400)
        there = seen.there

        def keep(unit: Unit, _who: Registrant) -> None:
            documents.keep(unit, there, sent.name, sent.content)

        try:
            await self._run(seen, keep)
        except RefusedError as error:
            return await self._again(seen, error.told, 409)
        return self._site.go(address(seen.court, "/documents"))

    async def open(self, request: Request) -> Response:
        """GET: a document, for its applicant."""
        seen = await self._own(self._site.visit(request))
        if seen.there is None:
            raise NotFoundError(_("There is no such document."))
        found, content = await self._database.read(
            documents.content, seen.there.id, request.path_params["document"]
        )
        return shown.document(found, content)

    async def remove(self, request: Request) -> Response:
        """POST: take it away again."""
        visit, _unused = await self._submitted(request)
        seen = await self._enter(visit)
        there, document = seen.there, request.path_params["document"]
        if there is None or not seen.is_begun:
            return self._site.go(address(seen.court))

        def remove(unit: Unit, _who: Registrant) -> None:
            documents.remove(unit, there, document)

        await self._do(seen, remove)
        return self._site.go(address(seen.court, "/documents"))

    async def status(self, request: Request) -> Response:
        """GET: state, message, history."""
        seen = await self._own(self._site.visit(request))
        if seen.there is None or seen.session is None:
            return self._site.go(address(seen.court))
        steps = await self._database.read(registrations.steps, seen.there.id)
        return self._site.page(
            seen.visit,
            "efile_status.html",
            account=seen.session.account,
            court=seen.court,
            documents=seen.documents,
            return_url=seen.return_url,
            **shown.status(
                seen.there, seen.court, steps, draft_days=self._settings.registration_draft_days
            ),
        )

    async def withdraw(self, request: Request) -> Response:
        """POST: the court need not decide it."""
        visit, _unused = await self._submitted(request)
        seen = await self._own(visit)
        await self._do(seen, applying.withdraw)
        return self._site.go(address(seen.court, "/status"))

    async def cancel(self, request: Request) -> Response:
        """POST: leave; a draft waits."""
        visit, fields = await self._submitted(request)
        seen = await self._look(visit, fields)
        kept = await self._kept(fields)
        return self._site.go(kept.get(RETURN_TO) or seen.return_url)

    async def _again(self, seen: SeenRegistration, problem: str, status: int) -> Response:
        wrong = WrongError([InputError(problem, field=documents.FIELD)], status)
        return await self._page(seen, Page.DOCUMENTS, wrong=wrong)
