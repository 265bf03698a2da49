"""`/account/factors/app` and `…/recovery-codes`: the steps after the mailed code."""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.hashing import HashingGate
from signon.accounts.repudiation import FrozenError
from signon.config import SITE_NAME
from signon.crypto import KeyRing
from signon.errors import InputError, RefusedError
from signon.profile.pages.factors import PATH, FactorPages, done
from signon.profile.pages.holder import Holder, field_errors
from signon.signin import enrolment, recovery_codes, totp
from signon.signin.acting import Needs
from signon.signin.enrolment import NoRoomError
from signon.signin.recovery_codes import NewCodes
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

ADD_APP = Act("app", enrolment.finish_app, needs=Needs.FRESH)
MAKE_CODES = Act("recovery-codes", enrolment.finish_recovery_codes, needs=Needs.FRESH)


class AdditionPages:
    """An authenticator app, and a set of recovery codes."""

    def __init__(
        self, holder: Holder, factors: FactorPages, *, gate: HashingGate, ring: KeyRing
    ) -> None:
        self._holder = holder
        self._factors = factors
        self._site = holder.site
        self._settings = holder.settings
        self._database = holder.database
        self._gate = gate
        self._ring = ring

    def routes(self) -> list[Route]:
        """A page and its form for each."""
        return [
            Route(f"{PATH}/app", self.show_app, methods=["GET"]),
            self._holder.changing(f"{PATH}/app", self.add_app, back=PATH),
            Route(f"{PATH}/recovery-codes", self.offer_codes, methods=["GET"]),
            self._holder.posted(f"{PATH}/recovery-codes", self.make_codes, back=PATH),
        ]

    # ── An app ───────────────────────────────────────────────────────────────

    async def show_app(self, request: Request) -> Response:
        """The QR code, the same as text, and the form for the app's first code."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self._factors.sign_in(asked.get("journey"))
        return await self._app_form(visit, session, asked)

    async def add_app(self, request: Request) -> Response:
        """Enrol it; the session is proved with two factors from now on."""
        visit, fields, session = await self._factors.submitted(request)
        if session is None:
            return await self._factors.sign_in(fields.get("journey"))
        try:
            _unused, added = await self._holder.do(
                request,
                ADD_APP,
                self._ring,
                fields.get("challenge"),
                nickname=fields.text("nickname"),
                code="".join(fields.text("otp").split()),
                settings=self._settings,
                source=visit.source,
            )
        except InputError as error:
            problems = [FieldError(error.field, error.sentence)]
            return await self._app_form(visit, session, fields, problems, status=400)
        except FrozenError:
            raise
        except NoRoomError as error:
            problems = field_errors(error)
            return await self._app_form(visit, session, fields, problems, status=409)
        except RefusedError as error:
            problems = [FieldError("otp", error.sentence), FieldError(None, error.next_step)]
            return await self._app_form(visit, session, fields, problems, status=403)
        response = self._site.go(done("app", fields.get("journey")))
        self._site.session_cookie.set(response, added)
        return response

    # ── Recovery codes ───────────────────────────────────────────────────────

    async def offer_codes(self, request: Request) -> Response:
        """One button, because the codes are shown once."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self._factors.sign_in(asked.get("journey"))
        return self._codes_page(visit, session, asked, None)

    async def make_codes(self, request: Request) -> Response:
        """Make the set and show it, this once."""
        visit, fields, session = await self._factors.submitted(request)
        if session is None:
            return await self._factors.sign_in(fields.get("journey"))
        new = await self._gate.run(recovery_codes.generate, self._settings)
        try:
            await self._holder.do(
                request,
                MAKE_CODES,
                self._ring,
                fields.get("challenge"),
                new,
                settings=self._settings,
            )
        except RefusedError as error:
            return await self._factors.listed(
                visit, session, fields.get("journey"), field_errors(error), status=403
            )
        return self._codes_page(visit, session, fields, new)

    async def _app_form(
        self,
        visit: Visit,
        session: Session,
        given: Parameters,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        journey, challenge = given.get("journey"), given.get("challenge")
        secret = await self._database.read(enrolment.pending_secret, session, self._ring, challenge)
        if secret is None:
            over = field_errors(enrolment.over())
            return await self._factors.listed(visit, session, journey, over, status=403)
        uri = totp.address(secret, session.account.username, SITE_NAME)
        return self._site.page(
            visit,
            "account_factor_app.html",
            status=status,
            account=session.account,
            errors=errors,
            qr=_qr(uri),
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            nickname=given.text("nickname"),
            challenge=challenge,
            journey=journey,
        )

    def _codes_page(
        self, visit: Visit, session: Session, given: Parameters, new: NewCodes | None
    ) -> Response:
        return self._site.page(
            visit,
            "account_recovery_codes.html",
            account=session.account,
            codes=new.codes if new else (),
            username=session.account.username,
            challenge=given.get("challenge"),
            journey=given.get("journey"),
        )


def _qr(text: str) -> Markup:
    """The QR code as inline SVG: black on white whatever the page's colours are."""
    # most workers never draw one
    import segno

    made = segno.make(text, error="m", micro=False)
    svg = made.svg_inline(scale=5, border=4, dark="#000", light="#fff", title=_("QR code"))
    return Markup(svg)  # noqa: S704 - made by the library of nothing but squares
