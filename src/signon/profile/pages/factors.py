"""`/account/factors`: authenticator apps, recovery codes and passkeys of one's own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.repudiation import FrozenError
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.rights.second_factor import Obligation, SecondFactor
from signon.journeys import store
from signon.profile.own_acts import END_OTHERS
from signon.profile.own_factors import REMOVE, RENAME
from signon.profile.pages.holder import ACCOUNT, Holder, field_errors
from signon.signin import enrolment, factors, own_sessions, spare
from signon.signin.acting import Needs
from signon.signin.enrolment import Addition, NoRoomError, TooManyMailsError
from signon.signin.factors import Factors
from signon.signin.models import AuthenticatorKind
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

PATH = f"{ACCOUNT}/factors"
DONE = {
    "app": _("The app is added. From now on a sign-in asks for its code."),
    "passkey": _("The passkey is added. You can sign in with it alone."),
    "decline": _("You go on without recovery codes. You can make them here on any day."),
    **{act.name: act.done for act in (END_OTHERS, REMOVE, RENAME)},
}
MAIL_CODE = Act("add", enrolment.mail_code, needs=Needs.FRESH)
CONFIRM = Act("confirm", enrolment.confirm, needs=Needs.FRESH)
SPARE_CODES = Act("spare-codes", spare.begin_codes, needs=Needs.FRESH)
DECLINE = Act("decline", spare.decline)
ADDED = ("app", "passkey")
SHOWN_AT = {
    Addition.APP: f"{PATH}/app",
    Addition.RECOVERY_CODES: f"{PATH}/recovery-codes",
    Addition.PASSKEY: f"{PATH}/passkey",
}
"""Where each addition goes on after the mailed code."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands behind the page. `duty`: why one must be added; `others`: how many other
    sessions there are; `onward`: where the person was going.
    """

    factors: Factors
    duty: Obligation | None
    others: int
    onward: str | None


class FactorPages:
    """What an account can prove a sign-in with, and the ways to change that."""

    def __init__(self, holder: Holder, *, ring: KeyRing, second_factor: SecondFactor) -> None:
        self._holder = holder
        self._site = holder.site
        self._database = holder.database
        self._ring = ring
        self._second_factor = second_factor

    def routes(self) -> list[Route]:
        """The list, its buttons, and the mailed code before each addition."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            self._holder.changing(f"{PATH}/add", self.begin, back=PATH),
            Route(f"{PATH}/confirm", self.ask_code, methods=["GET"]),
            self._holder.changing(f"{PATH}/confirm", self.confirm, back=PATH),
            Route(spare.PATH, self.offer_spare, methods=["GET"]),
            self._holder.changing(spare.PATH, self.answer_spare, back=PATH),
            self._holder.changing(f"{PATH}/rename", self.rename, back=PATH),
            self._holder.posted(f"{PATH}/remove", self.remove, back=PATH),
            self._holder.posted(f"{PATH}/end-others", self.end_others, back=PATH),
        ]

    async def show(self, request: Request) -> Response:
        """All of them."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self.sign_in(asked.get("journey"))
        if spare.has_just_enrolled(session) and asked.get("done") in ADDED:
            return await self._spare_page(
                visit, session, asked.get("journey"), said=asked.get("done")
            )
        return await self.listed(visit, session, asked.get("journey"), said=asked.get("done"))

    async def begin(self, request: Request) -> Response:
        """Mail the code that confirms an addition."""
        visit, fields, session = await self.submitted(request)
        if session is None:
            return await self.sign_in(fields.get("journey"))
        try:
            addition = Addition(fields.get("add") or "")
        except ValueError:
            return self._site.go(PATH)
        return await self._begun(visit, session, addition, fields.get("journey"))

    async def _begun(
        self, visit: Visit, session: Session, addition: Addition, journey: str | None
    ) -> Response:
        try:
            _unused, begun = await self._holder.do(visit.request, MAIL_CODE, self._ring, addition)
        except NoRoomError as error:
            return await self.listed(visit, session, journey, field_errors(error), status=409)
        except TooManyMailsError as error:
            return await self.listed(visit, session, journey, field_errors(error), status=429)
        return self._site.go(_address(f"{PATH}/confirm", begun, journey))

    async def ask_code(self, request: Request) -> Response:
        """The form for the mailed code."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self.sign_in(asked.get("journey"))
        return self._code_form(visit, session, asked)

    async def confirm(self, request: Request) -> Response:
        """Use the mailed code, and go on to what it was for."""
        visit, fields, session = await self.submitted(request)
        if session is None:
            return await self.sign_in(fields.get("journey"))
        code = "".join(fields.text("mail_code").split())
        try:
            _unused, used = await self._holder.do(
                request, CONFIRM, self._ring, fields.get("challenge"), code
            )
        except FrozenError:
            raise
        except RefusedError as error:
            errors = [FieldError("mail_code", error.sentence), FieldError(None, error.next_step)]
            return self._code_form(visit, session, fields, errors, status=403)
        return self._site.go(_address(SHOWN_AT[used.addition], used.next_id, fields.get("journey")))

    # ── Names and removal ────────────────────────────────────────────────────

    async def offer_spare(self, request: Request) -> Response:
        """After the first factor: recovery codes, another one, or going on without."""
        visit = self._site.visit(request)
        asked = parameters.query(request)
        session = await self._holder.session(visit)
        if session is None or not await self._database.read(spare.is_due, session):
            return self._site.go(_address(PATH, None, asked.get("journey")))
        return await self._spare_page(visit, session, asked.get("journey"))

    async def answer_spare(self, request: Request) -> Response:
        """Make the codes, or go on without them: from a sign-in to the home, where it was going."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        handle = fields.get("journey")
        session = await self._holder.session(visit)
        if session is None:
            return await self.sign_in(handle)
        if fields.get("decline") is None:
            if not spare.has_just_enrolled(session):
                return await self._begun(visit, session, Addition.RECOVERY_CODES, handle)
            _unused, challenge = await self._holder.do(request, SPARE_CODES, self._ring)
            return self._site.go(_address(SHOWN_AT[Addition.RECOVERY_CODES], challenge, handle))
        if fields.get("without") is None:
            missing = FieldError("without", _("Check the box to say that you go on without them."))
            return await self._spare_page(visit, session, handle, [missing])
        await self._holder.do(request, DECLINE, source=visit.source)
        is_on_the_way = not (handle or spare.has_just_enrolled(session))
        return self._site.go("/" if is_on_the_way else done(DECLINE.name, handle))

    async def _spare_page(
        self,
        visit: Visit,
        session: Session,
        journey: str | None,
        errors: Sequence[FieldError] = (),
        *,
        said: str | None = None,
    ) -> Response:
        return self._site.page(
            visit,
            "account_spare.html",
            status=400 if errors else 200,
            account=session.account,
            errors=errors,
            added=DONE.get(said or ""),
            journey=journey,
            days=-(-self._holder.settings.factor_reset_delay_seconds // 86400),
        )

    async def rename(self, request: Request) -> Response:
        """POST: another nickname for an authenticator."""
        visit, fields, session = await self.submitted(request)
        if session is None:
            return await self.sign_in(None)
        try:
            await self._holder.own.do(
                request, RENAME, fields.get("authenticator") or "", fields.text("nickname")
            )
        except InputError as error:
            problem = [FieldError(None, error.sentence)]
            return await self.listed(visit, session, None, problem, status=400)
        except NotFoundError:
            return self._site.go(PATH)
        return self._site.go(done(RENAME.name, None))

    async def remove(self, request: Request) -> Response:
        """Take one away, unless it is the last of an account that must have one."""
        visit, fields, session = await self.submitted(request)
        if session is None:
            return await self.sign_in(None)
        try:
            must_have, factor = self._second_factor.must_have, fields.get("authenticator") or ""
            await self._holder.own.do(request, REMOVE, must_have, factor)
        except NotFoundError:
            return self._site.go(PATH)
        except RefusedError as error:
            return await self.listed(visit, session, None, field_errors(error), status=409)
        return self._site.go(done(REMOVE.name, None))

    async def end_others(self, request: Request) -> Response:
        """End the sessions elsewhere, which a password alone has opened."""
        _unused, fields, session = await self.submitted(request)
        if session is None:
            return await self.sign_in(fields.get("journey"))
        await self._holder.own.do(request, END_OTHERS)
        return self._site.go(done(END_OTHERS.name, fields.get("journey")))

    # ── Between unit and page ────────────────────────────────────────────────

    async def submitted(self, request: Request) -> tuple[Visit, Parameters, Session | None]:
        """The form, and the session if its sign-in is recent."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        return visit, fields, await self._holder.session(visit, fresh=True)

    async def sign_in(self, journey: str | None) -> Response:
        """First a fresh sign-in, then the list."""
        return await self._holder.sign_in(_address(PATH, None, journey), fresh=True)

    async def listed(
        self,
        visit: Visit,
        session: Session,
        journey: str | None,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
        said: str | None = None,
    ) -> Response:
        """The list, with what was just done or what is wrong."""
        seen = await self._database.read(self._look, session, journey)
        is_first = len(seen.factors.authenticators) == 1
        was_added = said in ADDED or spare.NAME in session.met
        return self._site.page(
            visit,
            "account_factors.html",
            status=status,
            account=session.account,
            errors=errors,
            done=DONE.get(said or ""),
            authenticators=seen.factors.authenticators,
            recovery_codes_left=seen.factors.recovery_codes_left,
            duty=seen.duty,
            others=seen.others if was_added and is_first else 0,
            most_apps=enrolment.MOST[AuthenticatorKind.TOTP][0],
            journey=journey,
            onward=seen.onward,
        )

    def _look(self, unit: Unit, session: Session, handle: str | None) -> Seen:
        account = session.account
        found = factors.of(unit, account.id)
        journey = store.find(unit, handle)
        open_ = own_sessions.open_sessions(unit, account, self._holder.settings)
        return Seen(
            found,
            None if found.is_enrolled else self._second_factor.obligation(unit, account),
            len(open_) - 1,
            journey.resume_path if journey else None,
        )

    def _code_form(
        self,
        visit: Visit,
        session: Session,
        given: Parameters,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        return self._site.page(
            visit,
            "account_factor_confirm.html",
            status=status,
            account=session.account,
            errors=errors,
            email=session.account.email,
            challenge=given.get("challenge"),
            journey=given.get("journey"),
        )


def _address(path: str, challenge: str | None, journey: str | None) -> str:
    given = {"challenge": challenge, "journey": journey}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{query}" if query else path


def done(what: str, journey: str | None) -> str:
    """The list's address after something was done."""
    return f"{PATH}?" + urlencode({"done": what, **({"journey": journey} if journey else {})})
