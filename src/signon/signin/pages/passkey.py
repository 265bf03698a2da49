"""`/login/passkey`: signing in with a passkey, alone or as the second step."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError
from signon.journeys import store
from signon.signin import half_sign_ins, login, mfa
from signon.signin import session as sessions
from signon.signin.login import SignedIn
from signon.signin.pages import login_form
from signon.signin.wiring import Wiring
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

if TYPE_CHECKING:
    from signon.signin.passkeys import Passkeys

PATH = "/login/passkey"


class PasskeyPages:
    """The challenge for the page's script, and the form that brings the answer."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings: Settings = wiring.site.settings
        self._database = wiring.database
        self._ring = wiring.ring
        self._demands = wiring.demands

    @cached_property
    def _passkeys(self) -> Passkeys:
        # the library is large, and most workers never see a passkey
        from signon.signin.passkeys import Passkeys

        return Passkeys(self._ring, self._settings)

    def routes(self) -> list[Route]:
        """Both are posted by a page of ours."""
        return [
            Route(f"{PATH}/options", self.options, methods=["POST"]),
            Route(PATH, self.answer, methods=["POST"]),
        ]

    async def options(self, request: Request) -> Response:
        """A challenge; of half a sign-in for its own account's passkeys only."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        challenge, options = await self._database.write(self._challenge, visit, fields.get("half"))
        answer = {"challenge": challenge, "options": json.loads(options)}
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    async def answer(self, request: Request) -> Response:
        """Sign in, or say that it did not work; the password remains."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        handle = fields.get("journey")
        try:
            done = await self._database.write(
                self._sign_in,
                visit,
                fields.get("challenge"),
                fields.get("credential") or "",
                fields.get("half"),
                handle,
            )
        except RefusedError as error:
            return self._site.page(
                visit,
                "message.html",
                status=403,
                kind="warning",
                heading=_("The passkey did not work"),
                paragraphs=[error.sentence, error.next_step],
                errors=[FieldError(None, error.sentence)],
                actions=[{"label": _("Back to the sign-in"), "href": login_form.path(handle)}],
            )
        return self._site.signed_in(visit, done.onward, done.token)

    def _challenge(self, unit: Unit, visit: Visit, half_id: str | None) -> tuple[str, str]:
        half = half_sign_ins.find(unit, half_id, visit.device)
        return self._passkeys.request_options(unit, half.account.id if half else None)

    def _sign_in(
        self,
        unit: Unit,
        visit: Visit,
        challenge: str | None,
        credential: str,
        half_id: str | None,
        handle: str | None,
    ) -> SignedIn:
        proved = self._passkeys.prove(unit, challenge, credential)
        journey = store.find(unit, handle)
        half = half_sign_ins.find(unit, half_id, visit.device)
        made = mfa.sign_in_by_passkey(
            unit,
            proved.account,
            proved.amr,
            factor_since=proved.since,
            half=half if half and half.account.id == proved.account.id else None,
            device=visit.device or "",
            settings=self._settings,
            previous=sessions.current(unit, visit.session_token, self._settings),
            source=visit.source,
        )
        path = login.onward(unit, made.session, journey, self._demands)
        return SignedIn(made.token, path)
