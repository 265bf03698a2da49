"""`/login/mfa/lost`: no code at hand. The ways that are left, and asking for the removal of all."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import RefusedError
from signon.signin import lost_factors, mfa
from signon.signin.pages import login_form, second_step
from signon.signin.second_step import SecondSteps, SeenStep
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

PATH = f"{second_step.PATH}/lost"
SAY_SO = _("Check the box to say that you have none of them any more.")


class LostFactorPages:
    """For whoever has shown the password, and has nothing to show after it."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._steps = SecondSteps(wiring.ring, wiring.site.settings, wiring.demands)

    def routes(self) -> list[Route]:
        """The page, and its two buttons."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.answer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What can be done, and how far it is; without half a sign-in, the first step again."""
        visit, asked = self._site.visit(request), parameters.query(request)
        seen = await self._look(visit, asked.get("half"), asked.get("journey"))
        return self._page(visit, seen)

    async def answer(self, request: Request) -> Response:
        """Begin the removal, or stop it."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        half_id, handle = fields.get("half"), fields.get("journey")
        is_stop = fields.get("keep_factors") is not None
        if not is_stop and fields.get("lost") is None:
            problem = FieldError("lost", SAY_SO)
            return self._page(visit, await self._look(visit, half_id, handle), [problem])
        try:
            await self._database.write(self._do, visit, half_id, is_stop=is_stop)
        except RefusedError as error:
            problem = FieldError(None, error.told)
            return self._page(visit, await self._look(visit, half_id, handle), [problem], 403)
        given = {"half": half_id or "", **({"journey": handle} if handle else {})}
        return self._site.go(f"{PATH}?{urlencode(given)}")

    def _do(self, unit: Unit, visit: Visit, half_id: str | None, *, is_stop: bool) -> None:
        seen = self._steps.look(unit, visit, half_id, None)
        if seen.half is None:
            raise mfa.gone()
        if is_stop:
            lost_factors.stop(unit, self._settings, seen.half, source=visit.source)
        else:
            lost_factors.ask(unit, self._settings, seen.half)

    async def _look(self, visit: Visit, half_id: str | None, handle: str | None) -> SeenStep:
        return await self._database.read(self._steps.look, visit, half_id, handle)

    def _page(
        self,
        visit: Visit,
        seen: SeenStep,
        errors: Sequence[FieldError] = (),
        status: int = 400,
    ) -> Response:
        handle = seen.journey.id if seen.journey else None
        if seen.half is None or seen.factors is None:
            return self._site.go(login_form.path(handle))
        return self._site.page(
            visit,
            "login_mfa_lost.html",
            status=status if errors else 200,
            errors=errors,
            half=seen.half.id,
            journey=handle,
            username=seen.half.account.username,
            back=second_step.address(seen.half.id, handle),
            authenticators=seen.factors.authenticators,
            recovery_codes_left=seen.factors.recovery_codes_left,
            due_at=seen.half.account.factor_reset_due_at,
            may_stop=lost_factors.may_stop(seen.half),
            days=-(-self._settings.factor_reset_delay_seconds // 86400),
        )
