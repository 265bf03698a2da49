"""`/account/factors/passkey`: adding a passkey."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.crypto import KeyRing
from signon.errors import InputError
from signon.profile.pages import factors
from signon.profile.pages.factors import PATH
from signon.profile.pages.holder import Holder
from signon.signin import enrolment
from signon.signin.acting import Needs
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit

if TYPE_CHECKING:
    from signon.signin.passkeys import Passkeys


class AddPasskeyPages:
    """The page whose script makes the passkey, and the form that brings it."""

    def __init__(self, holder: Holder, *, ring: KeyRing) -> None:
        self._holder = holder
        self._site = holder.site
        self._database = holder.database
        self._ring = ring

    @cached_property
    def _passkeys(self) -> Passkeys:
        # the library is large, and most workers never see a passkey
        from signon.signin.passkeys import Passkeys

        return Passkeys(self._ring, self._holder.settings)

    def routes(self) -> list[Route]:
        """After the mailed code (`signon.profile.pages.factors`)."""
        return [
            Route(f"{PATH}/passkey", self.show, methods=["GET"]),
            self._holder.changing(f"{PATH}/passkey", self.add, back=PATH),
        ]

    async def show(self, request: Request) -> Response:
        """The options for the browser, and a name."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self._holder.sign_in(PATH, fresh=True)
        return await self._page(visit, session, asked)

    async def add(self, request: Request) -> Response:
        """Keep it; the session is proved with two factors from now on."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self._holder.sign_in(PATH, fresh=True)
        try:
            _, done = await self._holder.do(
                request,
                Act("passkey", self._passkeys.add, needs=Needs.FRESH),
                fields.get("challenge"),
                nickname=fields.text("nickname"),
                credential=fields.get("credential") or "",
                source=visit.source,
            )
        except InputError as error:
            problem = [FieldError(error.field, error.sentence)]
            return await self._page(visit, session, fields, problem, status=400)
        response = self._site.go(factors.done("passkey", fields.get("journey")))
        self._site.session_cookie.set(response, done)
        return response

    async def _page(
        self,
        visit: Visit,
        session: Session,
        given: Parameters,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        challenge = given.get("challenge")
        options = await self._database.read(self._passkeys.creation_options, session, challenge)
        if options is None:
            return self._holder.refused(visit, session, enrolment.over())
        return self._site.page(
            visit,
            "account_factor_passkey.html",
            status=status,
            account=session.account,
            errors=errors,
            options=options,
            nickname=given.text("nickname"),
            challenge=challenge,
            journey=given.get("journey"),
        )
