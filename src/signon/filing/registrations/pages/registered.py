"""`/courts/{court}/register/…`: its documents, how it stands, and taking it back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.registrations import applying, documents, registrations
from signon.filing.registrations.answers import LABELS, Page
from signon.filing.registrations.applying import RETURN_TO, Registrant
from signon.filing.registrations.pages import shown
from signon.filing.registrations.pages.applicant import (
    AT,
    ApplicantPages,
    SeenRegistration,
    address,
)
from signon.web.parameters import BadRequestError
from signon.web.site import FieldError


class RegisteredPages(ApplicantPages):
    """What belongs to a registration that was begun."""

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(f"{AT}/documents", self.list, methods=["GET"]),
            self._posted(f"{AT}/documents", self.add),
            Route(f"{AT}/documents/{{document}}", self.open, methods=["GET"]),
            self._posted(f"{AT}/documents/{{document}}", self.remove),
            Route(f"{AT}/status", self.status, methods=["GET"]),
            self._posted(f"{AT}/withdraw", self.withdraw),
            Route(f"{AT}/cancel", self.cancel, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """GET: what was added so far."""
        seen = await self._look(request)
        if stop := await self._stop(request, seen):
            return stop
        if not seen.is_begun:
            return self._site.go(address(seen.court, "/status" if seen.there else ""))
        return self._documents(seen)

    async def add(self, request: Request) -> Response:
        """POST: one PDF document."""
        visit = self._site.visit(request)
        seen = await self._look(request)
        if stop := await self._stop(request, seen):
            return stop
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
            return self._documents(seen, error.sentence, status=413)
        except InputError as error:
            return self._documents(seen, error.sentence, status=400)
        there = seen.there

        def keep(unit: Unit, _who: Registrant) -> None:
            documents.keep(unit, there, sent.name, sent.content)

        try:
            await self._run(visit, seen, keep)
        except RefusedError as error:
            return self._documents(seen, error.told, status=409)
        return self._site.go(address(seen.court, "/documents"))

    async def open(self, request: Request) -> Response:
        """GET: a document, for its applicant."""
        seen = await self._look(request)
        if stop := await self._stop(request, seen, for_all=True):
            return stop
        if seen.there is None:
            raise NotFoundError("There is no such document.")
        found, content = await self._database.read(
            documents.content, seen.there.id, request.path_params["document"]
        )
        return shown.document(found, content)

    async def remove(self, request: Request) -> Response:
        """POST: take it away again."""
        visit, _ = await self._submitted(request)
        seen = await self._look(request)
        if stop := await self._stop(request, seen):
            return stop
        there, document = seen.there, request.path_params["document"]
        if there is None or not seen.is_begun:
            return self._site.go(address(seen.court))

        def remove(unit: Unit, _who: Registrant) -> None:
            documents.remove(unit, there, document)

        done = await self._do(visit, seen, remove)
        return done or self._site.go(address(seen.court, "/documents"))

    async def status(self, request: Request) -> Response:
        """GET: state, message, history."""
        seen = await self._look(request)
        if stop := await self._stop(request, seen, for_all=True):
            return stop
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
            **shown.status(seen.there, seen.court, steps),
        )

    async def withdraw(self, request: Request) -> Response:
        """POST: the court need not decide it."""
        visit, _ = await self._submitted(request)
        seen = await self._look(request)
        if stop := await self._stop(request, seen, for_all=True):
            return stop
        done = await self._do(visit, seen, applying.withdraw)
        return done or self._site.go(address(seen.court, "/status"))

    async def cancel(self, request: Request) -> Response:
        """POST: leave; a draft waits."""
        _, fields = await self._submitted(request)
        seen = await self._look(request)
        kept = await self._kept(fields)
        return self._site.go(kept.get(RETURN_TO) or seen.return_url)

    def _documents(
        self, seen: SeenRegistration, problem: str = "", *, status: int = 200
    ) -> Response:
        assert seen.there is not None
        return self._site.page(
            seen.visit,
            "efile_documents.html",
            status=status,
            account=seen.session and seen.session.account,
            errors=[FieldError(documents.FIELD, problem)] if problem else [],
            court=seen.court,
            labels=list(LABELS.values()),
            current=list(LABELS).index(Page.DOCUMENTS) + 1,
            asked=applying.asked(seen.there).label,
            documents=seen.documents,
            most=documents.MOST,
            limit_mib=self._settings.document_limit_bytes // 1024 // 1024,
            back_url=address(seen.court, "/delivery"),
            next_url=address(seen.court, "/check"),
        )
