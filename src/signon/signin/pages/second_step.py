"""The page `/login/mfa`."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court
from signon.errors import RefusedError, WaitError
from signon.signin.comparisons import Comparisons
from signon.signin.login import SignedIn
from signon.signin.mfa import Slow
from signon.signin.models import AuthenticatorKind
from signon.signin.pages import login_form
from signon.signin.second_step import SecondSteps, SeenStep
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

PATH = "/login/mfa"


def address(half_id: str, journey_id: str | None) -> str:
    """The page for one half of a sign-in."""
    return f"{PATH}?" + urlencode(
        {"half": half_id, **({"journey": journey_id} if journey_id else {})}
    )


class SecondStepPages:
    """Asking for the second factor."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._clients = wiring.clients
        self._courts = wiring.courts
        self._steps = SecondSteps(wiring.ring, wiring.site.settings, wiring.demands)
        self._comparisons = Comparisons(wiring)

    def routes(self) -> list[Route]:
        """The page and its form; Cancel is the sign-in's."""
        return [
            Route(PATH, self.ask, methods=["GET"]),
            Route(PATH, self.answer, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """The form; without half a sign-in, the first step again."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        seen = await self._look(visit, asked.get("half"), asked.get("journey"))
        return await self._page(visit, seen)

    async def answer(self, request: Request) -> Response:
        """Try what was typed, and go on."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        half_id, handle, code = fields.get("half"), fields.get("journey"), fields.text("otp")
        if not code:
            seen = await self._look(visit, half_id, handle)
            return await self._page(
                visit, seen, [FieldError("otp", _("Enter a code."))], status=400
            )
        code = "".join(code.split())
        try:
            seen, tried = await self._database.write(
                self._steps.begin, visit, half_id, handle, code
            )
            done = await self._hashed(visit, seen, tried) if isinstance(tried, Slow) else tried
        except WaitError:
            return await self._page(visit, await self._look(visit, half_id, handle), status=429)
        except RefusedError as error:
            now = await self._look(visit, half_id, handle)
            errors = [FieldError("otp", error.sentence), FieldError(None, error.next_step)]
            return await self._page(visit, now, errors, status=429 if now.wait_seconds else 403)
        return self._site.signed_in(visit, done.onward, done.token)

    async def _hashed(self, visit: Visit, seen: SeenStep, slow: Slow) -> SignedIn:
        """Hash a recovery code with no connection held, then look again and write."""
        finish = partial(self._steps.finish_slow, visit=visit, seen=seen, slow=slow)
        return await self._comparisons.recovery_code(slow, finish)

    async def _look(self, visit: Visit, half_id: str | None, handle: str | None) -> SeenStep:
        return await self._database.read(self._steps.look, visit, half_id, handle)

    async def _page(
        self,
        visit: Visit,
        seen: SeenStep,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        if seen.half is None or seen.factors is None:
            return self._site.go(login_form.path(seen.journey.id if seen.journey else None))
        journey = seen.journey
        client = await self._clients.find(journey.client_id) if journey else None
        court: Court | None = None
        if journey and journey.court_id:
            court = (await self._courts.all()).get(journey.court_id)
        response = self._site.page(
            visit,
            "login_mfa.html",
            status=status,
            errors=errors,
            client=client or court,
            form_targets=login_form.targets(login_form.leads_to(journey, court)),
            half=seen.half.id,
            journey=journey.id if journey else None,
            username=seen.half.account.username,
            has_passkey=seen.factors.has(AuthenticatorKind.PASSKEY),
            has_app=seen.factors.has(AuthenticatorKind.TOTP),
            recovery_codes_left=seen.factors.recovery_codes_left,
            wait_seconds=seen.wait_seconds,
        )
        if seen.wait_seconds:
            response.headers["retry-after"] = str(seen.wait_seconds)
        return response
