"""The pages `/forgot-password`, `/forgot-username` and `/recover`."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import passwords
from signon.accounts.directory import Account
from signon.accounts.recovery_wanted import Wanted
from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError, RefusedError, WaitError
from signon.recovery import answering, asking, choosing
from signon.signin import session as sessions
from signon.signin.pages import login_form
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Handler, Visit
from signon.words.sentences import _

ASK_AGAIN = {"label": _("Ask for a new link"), "href": "/forgot-password"}
TO_SIGN_IN = {"label": _("Sign in"), "href": "/login"}
PATHS = {Wanted.PASSWORD: "/forgot-password", Wanted.USERNAMES: "/forgot-username"}
TEMPLATES = {Wanted.PASSWORD: "forgot_password.html", Wanted.USERNAMES: "forgot_username.html"}
OTHER = {Wanted.PASSWORD: Wanted.USERNAMES, Wanted.USERNAMES: Wanted.PASSWORD}
SENT = {
    Wanted.PASSWORD: (
        _(
            "If an account has that username or e-mail address, a mail with a link is on its way "
            "to the account’s address."
        ),
        _("The link works once, for {minutes} minutes. Links that you got before still work too."),
    ),
    Wanted.USERNAMES: (
        _("If an account has that e-mail address, a mail with its username is on its way."),
        _("If you asked within the last hour, look for the mail that came then."),
    ),
}
NO_MAIL = _(
    "It can take a few minutes. Look in the folder for unwanted mail too; if nothing comes, "
    "check what you typed, or the account has another address. The PACER Service Center helps "
    "at (800) 676-6856."
)


class RecoveryPages:
    """Asking, and the page that a mailed link opens."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._ring = wiring.ring

    def routes(self) -> list[Route]:
        """Two forms, what is said after them, and the link's page."""
        return [
            Route("/forgot-password", self.forgot_password, methods=["GET"]),
            Route("/forgot-password", self.ask_for_link, methods=["POST"]),
            Route("/forgot-password/sent", self.link_sent, methods=["GET"]),
            Route("/forgot-username", self.forgot_username, methods=["GET"]),
            Route("/forgot-username", self.ask_for_usernames, methods=["POST"]),
            Route("/forgot-username/sent", self.usernames_sent, methods=["GET"]),
            Route(answering.PATH, self._of_link(self.look), methods=["GET"]),
            Route(answering.PATH, self._of_link(self.choose), methods=["POST"]),
            Route(f"{answering.PATH}/done", self.done, methods=["GET"]),
        ]

    # ── Asking ───────────────────────────────────────────────────────────────

    async def forgot_password(self, request: Request) -> Response:
        """GET `/forgot-password`: a username or an e-mail address, nothing else."""
        return self._asked(request, Wanted.PASSWORD)

    async def ask_for_link(self, request: Request) -> Response:
        """POST `/forgot-password`: the same answer for everybody."""
        return await self._ask(request, Wanted.PASSWORD, "username")

    async def link_sent(self, request: Request) -> Response:
        """GET `/forgot-password/sent`."""
        return self._sent(request, Wanted.PASSWORD)

    async def forgot_username(self, request: Request) -> Response:
        """GET `/forgot-username`: an e-mail address."""
        return self._asked(request, Wanted.USERNAMES)

    async def ask_for_usernames(self, request: Request) -> Response:
        """POST `/forgot-username`: the same answer for everybody."""
        return await self._ask(request, Wanted.USERNAMES, "email")

    async def usernames_sent(self, request: Request) -> Response:
        """GET `/forgot-username/sent`."""
        return self._sent(request, Wanted.USERNAMES)

    def _asked(self, request: Request, wanted: Wanted) -> Response:
        journey = parameters.query(request).get("journey")
        return self._form(self._site.visit(request), wanted, journey)

    async def _ask(self, request: Request, wanted: Wanted, field: str) -> Response:
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        typed, journey = fields.text(field), fields.get("journey")
        try:
            await self._database.write(
                asking.ask, self._ring, self._settings, wanted, typed, source=visit.source
            )
        except InputError as error:
            problem = FieldError(error.field, error.sentence)
            return self._form(visit, wanted, journey, typed, errors=[problem], status=400)
        except WaitError as wait:
            seconds = wait.seconds
            response = self._form(visit, wanted, journey, typed, wait_seconds=seconds, status=429)
            response.headers["retry-after"] = str(seconds)
            return response
        return self._site.go(_keeping(f"{PATHS[wanted]}/sent", journey))

    def _form(
        self,
        visit: Visit,
        wanted: Wanted,
        journey: str | None,
        typed: str = "",
        *,
        errors: Sequence[FieldError] = (),
        wait_seconds: int = 0,
        status: int = 200,
    ) -> Response:
        return self._site.page(
            visit,
            TEMPLATES[wanted],
            status=status,
            errors=errors,
            typed=typed,
            journey=journey,
            sign_in=login_form.path(journey),
            other=_keeping(PATHS[OTHER[wanted]], journey),
            wait_minutes=-(-wait_seconds // 60),
        )

    def _sent(self, request: Request, wanted: Wanted) -> Response:
        journey = parameters.query(request).get("journey")
        told = [
            _(text, minutes=self._settings.recovery_link_seconds // 60) for text in SENT[wanted]
        ]
        return self._site.page(
            self._site.visit(request),
            "message.html",
            kind="success",
            heading=_("Check your mail"),
            paragraphs=[*told, NO_MAIL],
            actions=[TO_SIGN_IN | {"href": login_form.path(journey)}],
        )

    # ── The mailed link ──────────────────────────────────────────────────────

    async def look(self, request: Request) -> Response:
        """GET `/recover`: what the link is for. Mail scanners come here too; nothing is used up."""
        visit = self._site.visit(request)
        token = parameters.query(request).get("token")
        account, signed_in = await self._database.read(
            _look, self._settings, token, visit.session_token
        )
        return self._choice(visit, account, token, signed_in=signed_in)

    async def choose(self, request: Request) -> Response:
        """POST `/recover`: check the password, hash it, and use the link up."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        token, password = fields.get("token") or "", fields.get("new_password") or ""
        account, signed_in = await self._database.read(
            _look, self._settings, token, visit.session_token
        )
        policy = self._settings.password_policy
        if wrong := passwords.problems(password, policy, choosing.words_of(account)):
            errors = [FieldError("new_password", one) for one in wrong]
            return self._choice(visit, account, token, signed_in=signed_in, errors=errors)
        hashed = await self._gate.run(self._hasher.hash, password)
        await self._database.write(
            choosing.choose,
            self._ring,
            self._settings,
            token,
            hashed,
            device=visit.device or "",
            source=visit.source,
        )
        return self._site.go(f"{answering.PATH}/done")

    async def done(self, request: Request) -> Response:
        """GET `/recover/done`: the way on. Nobody is signed in by a link."""
        return self._site.page(
            self._site.visit(request),
            "message.html",
            kind="success",
            heading=_("Your password is changed"),
            paragraphs=[
                _("Sign in with it. If you use a second factor, you are asked for it as before."),
                _("The account was signed out everywhere, and its mail address was told."),
            ],
            actions=[TO_SIGN_IN],
        )

    def _choice(
        self,
        visit: Visit,
        account: Account,
        token: str | None,
        *,
        signed_in: Account | None,
        errors: Sequence[FieldError] = (),
    ) -> Response:
        is_other = signed_in is not None and signed_in.id != account.id
        return self._site.page(
            visit,
            "choose_password.html",
            status=400 if errors else 200,
            errors=errors,
            account=signed_in,
            other_username=signed_in.username if signed_in and is_other else None,
            username=account.username,
            account_number=account.number,
            token=token,
            rules=passwords.shown(self._settings.password_policy),
            words=choosing.words_of(account).own,
        )

    def _of_link(self, handler: Handler) -> Handler:
        return self._site.telling(handler, self._refused, RefusedError)

    def _refused(self, visit: Visit, refusal: RefusedError) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=400,
            kind="error",
            heading=_("Your password was not changed"),
            paragraphs=[refusal.sentence, refusal.next_step],
            actions=[ASK_AGAIN, TO_SIGN_IN],
        )


def _keeping(path: str, journey: str | None) -> str:
    """The page, and where the person was going when they had forgotten something."""
    return f"{path}?{urlencode({'journey': journey})}" if journey else path


def _look(
    unit: Unit, settings: Settings, token: str | None, session_token: str | None
) -> tuple[Account, Account | None]:
    """Whose password it is, and who is signed in in this browser."""
    session = sessions.current(unit, session_token, settings)
    return choosing.look(unit, token), session.account if session else None
