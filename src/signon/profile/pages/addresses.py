"""`/login/address`: mail does not reach the account's address, and what to do."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import unreachable
from signon.errors import BusyError, SignInFirstError
from signon.journeys import store
from signon.profile import reaching
from signon.profile.pages.holder import ACCOUNT, Holder
from signon.signin import reachable_address
from signon.signin.pages import login_form
from signon.web import parameters
from signon.web.acts import Act
from signon.web.site import FieldError

TOLD = Act("address-told", reachable_address.note_told)
CHECK = Act("address-check", reaching.ask)


class AddressPages:
    """What is known against the address, and three ways on."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._site = holder.site
        self._database = holder.database

    def routes(self) -> list[Route]:
        """The page and its form."""
        path = reachable_address.PATH
        return [
            Route(path, self.ask, methods=["GET"]),
            Route(path, self.answer, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Since when, and what the mail server said; nothing is known any more: on."""
        return await self._page(request, parameters.query(request).get("journey"))

    async def answer(self, request: Request) -> Response:
        """Change the address, have it tried once more, or go on."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        handle = fields.get("journey")
        try:
            if fields.get("check") is not None:
                await self._holder.do(request, CHECK, self._holder.settings)
            else:
                await self._holder.do(request, TOLD)
        except SignInFirstError:
            return self._site.go(login_form.path(handle))
        except BusyError as error:
            return await self._page(request, handle, error)
        if fields.get("change") is not None:
            return self._site.go(f"{ACCOUNT}/email")
        return await self._onward(handle)

    async def _onward(self, handle: str | None) -> Response:
        journey = await self._database.read(store.find, handle)
        return self._site.go(journey.resume_path if journey else ACCOUNT)

    async def _page(
        self, request: Request, handle: str | None, error: BusyError | None = None
    ) -> Response:
        visit = self._site.visit(request)
        session = await self._holder.session(visit)
        if session is None:
            return self._site.go(login_form.path(handle))
        found = await self._database.read(unreachable.of, session.account.email)
        if found is None:
            return await self._onward(handle)
        return self._site.page(
            visit,
            "address_fails.html",
            status=429 if error else 200,
            account=session.account,
            errors=[FieldError(None, error.sentence)] if error else (),
            found=found,
            journey=handle,
        )
