"""`/register/firm`: one page, a mailed link, and the page behind it."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import entries, passwords
from signon.accounts.mailed_links import DeadLinkError
from signon.accounts.places import country_name
from signon.accounts.upgrading import USERNAME_TAKEN
from signon.errors import BusyError, InputError, RefusedError
from signon.firms import registering
from signon.registration.drafts import Draft
from signon.registration.pages.confirm import TAKEN
from signon.signin.stepped import WrongError
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import Handler, Visit
from signon.words.sentences import _


class RegisterFirmPages:
    """For whoever will administer the firm."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._ring = wiring.ring

    def routes(self) -> list[Route]:
        """Before `/register/{registration}`, which would take them for an id."""
        return [
            Route("/register/firm", self.show, methods=["GET"]),
            Route("/register/firm", self.begin, methods=["POST"]),
            Route(registering.PATH, self._of_link(self.look), methods=["GET"]),
            Route(registering.PATH, self._of_link(self.finish), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET: the form."""
        return self._form(self._site.visit(request), {})

    async def begin(self, request: Request) -> Response:
        """POST: keep what was entered and mail the link."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        typed = {name: fields.get(name) or "" for name in registering.FIELDS}
        today: date = self._database.clock().date()
        tidy, wrong = entries.checked(registering.FIELDS, typed, today)
        if wrong:
            return self._form(visit, typed, WrongError(wrong))
        try:
            await self._database.write(
                registering.begin,
                self._ring,
                self._settings,
                visit.device,
                tidy,
                source=visit.source,
            )
        except RefusedError as error:
            return self._form(visit, typed, WrongError([error], 429))
        return self._site.page(
            visit,
            "message.html",
            kind="info",
            heading=_("Open the mail that we sent you"),
            paragraphs=[
                _(
                    "A link was mailed to {tidy}. Behind it you choose a username and a "
                    "password for the firm; before that nothing is made.",
                    tidy=tidy["email"],
                ),
                _(
                    "Open it in this browser, if you can. Only a few of these mails an hour go to one "
                    "address: if it got others today, the link of any of them works in this browser."
                ),
            ],
            actions=[],
        )

    async def look(self, request: Request) -> Response:
        """GET: what the link would make."""
        visit = self._site.visit(request)
        token = parameters.query(request).get("token")
        found = await self._database.read(registering.look, self._ring, token, visit.device)
        return self._confirm(visit, found, token)

    async def finish(self, request: Request) -> Response:
        """POST: username and password, and the firm is there."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        token = fields.get("token")
        found = await self._database.read(registering.look, self._ring, token, visit.device)
        username, password = fields.text("username"), fields.get("new_password") or ""
        policy = self._settings.password_policy
        wrong = entries.check_sign_in(username, password, found.entered, None, policy)
        if wrong:
            return self._confirm(visit, found, token, username, WrongError(wrong))
        try:
            hashed = await self._gate.run(self._hasher.hash, password)
        except BusyError as busy:
            return self._confirm(visit, found, token, username, WrongError([busy], 503))
        try:
            made = await self._database.write(
                registering.finish,
                self._ring,
                token,
                username,
                hashed,
                device=visit.device,
                source=visit.source,
            )
        except RefusedError as error:
            if error.reason != USERNAME_TAKEN:
                raise
            taken = WrongError([InputError(TAKEN, field="username")])
            return self._confirm(visit, found, token, username, taken)
        return self._site.page(
            visit,
            "message.html",
            kind="success",
            heading=_("{display_name} is registered", display_name=made.display_name),
            paragraphs=[
                _(
                    "Its firm number is {number}; its username is {username}.",
                    number=made.number,
                    username=made.username,
                ),
                _(
                    "Sign in to set up a second factor, and to invite members and other "
                    "administrators. A firm’s account itself neither searches nor files."
                ),
            ],
            actions=[{"label": _("Sign in"), "href": "/firm"}],
        )

    def _form(
        self,
        visit: Visit,
        typed: dict[str, str],
        wrong: WrongError | None = None,
    ) -> Response:
        blank = {**dict.fromkeys(registering.FIELDS, ""), "country": country_name("US")}
        return self._site.page(
            visit,
            "register_firm.html",
            status=wrong.status if wrong else 200,
            errors=wrong.errors if wrong else [],
            entered=blank | typed,
            found=None,
        )

    def _confirm(
        self,
        visit: Visit,
        draft: Draft,
        token: str | None,
        username: str = "",
        wrong: WrongError | None = None,
    ) -> Response:
        return self._site.page(
            visit,
            "register_firm.html",
            status=wrong.status if wrong else 200,
            errors=wrong.errors if wrong else [],
            entered=draft.entered,
            found=draft,
            token=token,
            username=username,
            rules=passwords.shown(self._settings.password_policy),
            words=entries.choose_words({**draft.entered, "username": ""}, None).own,
        )

    def _of_link(self, handler: Handler) -> Handler:
        return self._site.telling(handler, self._over, DeadLinkError)

    def _over(self, visit: Visit, refusal: DeadLinkError) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=404,
            kind="warning",
            heading=_("This link does not work"),
            paragraphs=[refusal.sentence, refusal.next_step],
            actions=[{"label": _("Register a firm"), "href": "/register/firm"}],
        )
