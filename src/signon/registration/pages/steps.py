"""`/register`: what is asked step by step, up to the mail that proves the address."""

from collections.abc import Sequence
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import entries
from signon.accounts.entries import Entered
from signon.errors import BusyError, InputError, NotFoundError, RefusedError
from signon.registration import drafts, onward, steps
from signon.registration.drafts import Draft
from signon.registration.mailing import Mailing
from signon.registration.onward import Way
from signon.registration.pages import shown
from signon.registration.steps import ABOUT, ADDRESS, CHECK, MAIL, SIGN_IN, Step
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import Visit

BY_PATH = {step.path: step for step in steps.STEPS}
TO_SIGN_IN = {"label": "Sign in", "href": "/login"}
PREPARED = ("first_name", "last_name", "email")
"""What a firm that prepared the account knows; the person sees and may change it."""
CARRIED = ("journey", "client_id", "return_to")
"""What the first page takes along."""


class RegisterPages:
    """Entering what an account needs; each step is kept before the next one."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._ring = wiring.ring
        self._clients = wiring.clients
        self._courts = wiring.courts
        self._mailing = Mailing(wiring.ring, wiring.site.settings)

    def routes(self) -> list[Route]:
        """Where they are."""
        at = "/register/{registration}"
        return [
            Route("/register", self.welcome, methods=["GET"]),
            Route("/register", self.begin, methods=["POST"]),
            Route(at, self.resume, methods=["GET"]),
            Route(f"{at}/sign-in", self.choose, methods=["POST"]),
            Route(f"{at}/check", self.confirm, methods=["POST"]),
            Route(f"{at}/mail", self.confirm, methods=["POST"]),
            Route(f"{at}/cancel", self.cancel, methods=["POST"]),
            Route(at + "/{step}", self.show, methods=["GET"]),
            Route(at + "/{step}", self.enter, methods=["POST"]),
        ]

    # ── Beginning and coming back ────────────────────────────────────────────

    async def welcome(self, request: Request) -> Response:
        """GET `/register`: the first step; nothing is kept yet."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        under_way = await self._database.read(drafts.latest, visit.device)
        carried = {name: asked.get(name) or "" for name in CARRIED}
        known = {name: value for name in PREPARED if (value := asked.get(name))}
        return await self._page(visit, None, ABOUT, known, carried=carried, under_way=under_way)

    async def begin(self, request: Request) -> Response:
        """POST `/register`: keep the first step, and where the person was going."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        typed, tidy, wrong = self._checked(ABOUT, fields)
        carried = {name: fields.get(name) or "" for name in CARRIED}
        if wrong:
            return await self._page(visit, None, ABOUT, typed, wrong, carried=carried)
        try:
            made = await self._database.write(
                drafts.begin,
                self._ring,
                visit.device or "",
                tidy,
                await self._way(carried),
                source=visit.source,
                per_network=self._settings.registrations_per_network,
            )
        except RefusedError as error:
            return await self._page(visit, None, ABOUT, typed, error, carried=carried)
        return self._site.go(steps.address(made.id, ADDRESS))

    async def resume(self, request: Request) -> Response:
        """GET `/register/{id}`: the step that comes next."""
        visit, draft = await self._found(request)
        return self._over(visit, draft) or self._site.go(_next(draft))

    async def cancel(self, request: Request) -> Response:
        """Forget everything that was entered, and go back to where the person came from."""
        visit = self._site.visit(request)
        await self._site.submitted(visit)
        _, draft = await self._found(request)
        if draft is None:
            return self._site.go("/register")
        await self._database.write(drafts.give_up, draft)
        return self._site.go(onward.court_address(draft.way, await self._courts.all()) or "/")

    # ── The steps ────────────────────────────────────────────────────────────

    async def show(self, request: Request) -> Response:
        """A step with what was entered before; a later one only when nothing before is missing."""
        step = _step(request)
        visit, draft = await self._found(request)
        if over := self._over(visit, draft):
            return over
        assert draft is not None
        missing = steps.missing(draft.entered)
        if missing and steps.STEPS.index(missing) < steps.STEPS.index(step):
            return self._site.go(steps.address(draft.id, missing))
        if step is MAIL and draft.confirmed_at is None:
            return self._site.go(steps.address(draft.id, CHECK))
        again = parameters.query(request).get("again") is not None
        return await self._page(visit, draft, step, draft.entered, was_sent_again=again)

    async def enter(self, request: Request) -> Response:
        """Keep a step's fields, or show what is wrong with them."""
        step = _step(request)
        visit = self._site.visit(request)
        typed, tidy, wrong = self._checked(step, await self._site.submitted(visit))
        if wrong:
            _, draft = await self._found(request)
            return self._over(visit, draft) or await self._page(visit, draft, step, typed, wrong)
        return await self._keep(request, visit, tidy)

    async def choose(self, request: Request) -> Response:
        """Keep the username and the password's hash, which is made with no connection held."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        _, draft = await self._found(request)
        if over := self._over(visit, draft):
            return over
        assert draft is not None
        username, password = fields.text("username"), fields.get("new_password") or ""
        wrong = entries.check_sign_in(
            username,
            password,
            draft.entered,
            await self._court_name(draft.way),
            self._settings.password_policy,
        )
        typed = {**draft.entered, "username": username}
        if wrong:
            return await self._page(visit, draft, SIGN_IN, typed, wrong)
        try:
            password_hash = await self._gate.run(self._hasher.hash, password)
        except BusyError as busy:
            return await self._page(visit, draft, SIGN_IN, typed, busy)
        return await self._keep(
            request, visit, {"username": username, "password_hash": password_hash}
        )

    async def confirm(self, request: Request) -> Response:
        """Everything is right: mail the link, or mail it again."""
        visit = self._site.visit(request)
        await self._site.submitted(visit)
        step = MAIL if request.scope["path"].endswith(MAIL.path) else CHECK
        try:
            mailed = await self._database.write(
                self._mailing.mail, _id(request), visit.device, visit.source
            )
        except RefusedError as error:
            _, draft = await self._found(request)
            return self._over(visit, draft) or await self._page(
                visit, draft, step, draft.entered if draft else {}, error
            )
        if over := self._over(visit, mailed):
            return over
        assert mailed is not None
        if steps.missing(mailed.entered):
            return self._site.go(_next(mailed))
        return self._site.go(
            steps.address(mailed.id, MAIL) + ("?again=1" if mailed.confirmed_at else "")
        )

    # ── Between unit and page ────────────────────────────────────────────────

    def _checked(
        self, step: Step, fields: Parameters
    ) -> tuple[Entered, Entered, Sequence[InputError]]:
        typed = {name: fields.get(name) or "" for name in step.checks}
        today: date = self._database.clock().date()
        return typed, *entries.checked(step.checks, typed, today)

    async def _found(self, request: Request) -> tuple[Visit, Draft | None]:
        visit = self._site.visit(request)
        return visit, await self._database.read(drafts.find, self._ring, _id(request), visit.device)

    async def _keep(self, request: Request, visit: Visit, entered: Entered) -> Response:
        saved = await self._database.write(
            drafts.save, self._ring, _id(request), visit.device, entered
        )
        return self._over(visit, saved) or self._site.go(_next(saved))

    async def _way(self, carried: Entered) -> Way:
        if carried["journey"]:
            return await self._database.read(onward.from_journey, carried["journey"])
        client = await self._clients.find(carried["client_id"] or None)
        return onward.from_client(client, carried["return_to"] or None)

    async def _court_name(self, way: Way) -> str | None:
        court = (await self._courts.all()).get(way.court_id or "")
        return court.name if court else None

    # ── Pages ────────────────────────────────────────────────────────────────

    async def _page(
        self,
        visit: Visit,
        draft: Draft | None,
        step: Step,
        entered: Entered,
        wrong: Sequence[InputError] | RefusedError | BusyError = (),
        *,
        carried: Entered | None = None,
        under_way: str | None = None,
        was_sent_again: bool = False,
    ) -> Response:
        """A step; what was typed comes back, a password never."""
        errors, status = shown.problems(wrong)
        court_name = await self._court_name(draft.way if draft else onward.NOWHERE)
        response = self._site.page(
            visit,
            shown.TEMPLATES[step.path],
            status=status,
            errors=errors,
            carried=carried or {},
            under_way=under_way,
            was_sent_again=was_sent_again,
            **shown.step(self._settings, draft.id if draft else None, step, entered, court_name),
        )
        if status in shown.RETRY_AFTER:
            response.headers["retry-after"] = shown.RETRY_AFTER[status]
        return response

    def _over(self, visit: Visit, draft: Draft | None) -> Response | None:
        """Why this browser cannot go on with the registration, or None."""
        if draft is None:
            return self._site.page(
                visit,
                "message.html",
                status=404,
                kind="warning",
                heading="This registration is not open in this browser",
                paragraphs=[
                    "It was ended or took too long, or it was begun in another browser.",
                    "Go on in that browser, open the link in the mail, or begin anew.",
                ],
                actions=[{"label": "Begin anew", "href": "/register"}, TO_SIGN_IN],
            )
        if draft.completed_at:
            return self._site.page(
                visit,
                "message.html",
                kind="success",
                heading="This registration is complete",
                paragraphs=["Sign in with the username and password that you chose."],
                actions=[TO_SIGN_IN],
            )
        return None


def _id(request: Request) -> str:
    return str(request.path_params["registration"])


def _step(request: Request) -> Step:
    step = BY_PATH.get(request.path_params["step"])
    if step is None:
        raise NotFoundError("There is no such step.")
    return step


def _next(draft: Draft | None) -> str:
    """The first step to which something is missing; then the check; then the mail."""
    if draft is None:
        return "/register"
    step = steps.missing(draft.entered) or (MAIL if draft.confirmed_at else CHECK)
    return steps.address(draft.id, step)
