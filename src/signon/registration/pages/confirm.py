"""`/register/confirm`: the mailed link. A visit only looks; the button makes the account."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import checks
from signon.accounts.upgrading import USERNAME_TAKEN
from signon.errors import RefusedError
from signon.registration import confirming, mailing, onward
from signon.registration.confirming import AtOnceError, Confirmation, Done, Pending
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _, heading

ACTIONS = [
    {"label": _("Register"), "href": "/register"},
    {"label": _("Sign in"), "href": "/login"},
]

TAKEN = _("That username is taken. Choose another one.")


class ConfirmPages:
    """Whoever has the link has the address; so these pages may tell about its account."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._trials = wiring.trials
        self._courts = wiring.courts
        self._confirmation = Confirmation(wiring.ring, wiring.site.settings)

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(mailing.PATH, self.look, methods=["GET"]),
            Route(mailing.PATH, self.finish, methods=["POST"]),
        ]

    async def look(self, request: Request) -> Response:
        """What the link would make, or what it has made."""
        visit = self._site.visit(request)
        token = parameters.query(request).get("token")
        try:
            found = await self._database.read(self._confirmation.look, token, visit.device)
        except RefusedError as error:
            return self._refused(visit, error)
        if isinstance(found, Pending):
            return self._ask(visit, found, token or "")
        return await self._done(visit, found)

    async def finish(self, request: Request) -> Response:
        """Make the account; the answer is a GET, so that it may be reloaded."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        token, username = fields.get("token"), fields.text("username") or None
        wrong = checks.problems(lambda: username and checks.username(username))
        if wrong:
            problem = FieldError("username", wrong[0].sentence)
            return await self._ask_again(visit, token, username, problem)
        try:
            await self._finish(visit, token, username, fields.get("password") or "")
        except AtOnceError:
            pass  # the page shows what the other one made
        except RefusedError as error:
            if error.reason == USERNAME_TAKEN:
                problem = FieldError("username", TAKEN)
            elif error.reason == confirming.PASSWORD_NEEDED:
                problem = FieldError("password", error.told)
            else:
                return self._refused(visit, error)
            return await self._ask_again(visit, token, username, problem)
        return self._site.go(_path(token))

    async def _finish(
        self, visit: Visit, token: str | None, username: str | None, password: str
    ) -> Done:
        """Look at the password between two units, where one is asked for."""
        found, places = await self._database.write(self._confirmation.attempt, token, visit.device)
        if not isinstance(found, Pending):
            return found
        proved = None
        async with self._trials.of(places) as trial:
            if found.asks_password:
                chosen = found.draft.entered["password_hash"]
                is_right = await self._gate.run(
                    trial.comparing, self._hasher.verify, chosen, password
                )
                trial.compared(is_right=is_right)
                proved = chosen if is_right else None
            return await self._database.write(
                self._confirmation.finish,
                token,
                username,
                device=visit.device,
                proved=proved,
                source=visit.source,
            )

    async def _ask_again(
        self, visit: Visit, token: str | None, username: str | None, problem: FieldError
    ) -> Response:
        try:
            found = await self._database.read(self._confirmation.look, token, visit.device)
        except RefusedError:
            return self._site.go(_path(token))
        if isinstance(found, Done):
            return self._site.go(_path(token))
        typed = username or found.draft.entered["username"]
        return self._ask(visit, found, token or "", typed=typed, problem=problem)

    def _ask(
        self,
        visit: Visit,
        found: Pending,
        token: str,
        *,
        typed: str | None = None,
        problem: FieldError | None = None,
    ) -> Response:
        entered = found.draft.entered
        if found.username_is_taken and problem is None:
            problem = FieldError("username", TAKEN)
        is_other = (typed or entered["username"]) != entered["username"]
        return self._site.page(
            visit,
            "register_confirm.html",
            status=400 if problem else 200,
            errors=[problem] if problem else [],
            name=f"{entered.get('first_name') or ''} {entered['last_name']}".strip(),
            email=entered["email"],
            username=typed or entered["username"],
            asks_username=found.username_is_taken
            or is_other
            or (problem is not None and problem.field == "username"),
            asks_password=found.asks_password,
            token=token,
        )

    async def _done(self, visit: Visit, done: Done) -> Response:
        way, is_same = done.draft.way, done.draft.is_of(visit.device)
        sign_in = await self._database.read(onward.sign_in_address, way, same_browser=is_same)
        courts = await self._courts.all()
        court = courts.get(way.court_id or "")
        return self._site.page(
            visit,
            "register_done.html",
            made=done.account,
            is_held=done.account is not None and not done.account.is_active,
            sign_in_url=sign_in,
            court_name=court.name if court else None,
            # with a journey, signing in leads there by itself
            court_url=onward.court_address(way, courts) if sign_in == onward.SIGN_IN else None,
        )

    def _refused(self, visit: Visit, refusal: RefusedError) -> Response:
        is_limit = refusal.reason == "too_many"
        return self._site.page(
            visit,
            "message.html",
            status=429 if is_limit else 400,
            kind="warning",
            heading=heading(refusal.sentence),
            paragraphs=[refusal.next_step, _("No account was made by this.")],
            actions=ACTIONS,
        )


def _path(token: str | None) -> str:
    return f"{mailing.PATH}?{urlencode({'token': token or ''})}"
