"""The consoles' pages of programs that may register themselves: the list, inviting, withdrawing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import directory
from signon.clients.dynamic_registration import PATH
from signon.clients.invitations import Bounds, Given, Invited
from signon.clients.profiles import Profile
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.inviting.acts import WITHDRAWN, Inviting
from signon.signin.shell import Shell, problem
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

Who = TypeVar("Who")
AT = "/invitations"
PROFILES = {
    Profile.FAPI2: "fapi2: pushed requests, its own keys, bound tokens",
    Profile.STANDARD: "standard: PKCE, and any way to show who it is",
    Profile.IGOV: "igov: keys instead of secrets, state and nonce always",
    Profile.BASIC: "basic: for a product that cannot do PKCE",
}
HOURS = [("24", "A day"), ("72", "Three days"), ("168", "A week"), ("720", "Thirty days")]
NOBODY = {"command_line": "The command line", "demo": "The demonstration"}


class Line(NamedTuple):
    """An invitation as the list shows it."""

    given: Given
    made_by: str
    state: str


class Typed(NamedTuple):
    """What the form was sent with."""

    profile: str = Profile.STANDARD.value
    court: str = ""
    hosts: str = ""
    scopes: Sequence[str] = ()
    hours: str = "72"

    @classmethod
    def of(cls, fields: Parameters) -> "Typed":
        """Out of a form."""
        told = {name: fields.text(name) for name in ("profile", "court", "hosts", "hours")}
        return cls(**told, scopes=fields.every("scopes"))

    def bounds(self, court: str | None) -> Bounds:
        """The same as the rules have it."""
        named = court or self.court.lower() or None
        return Bounds(self.profile, tuple(self.hosts.split()), named, tuple(self.scopes) or None)

    @property
    def lasts(self) -> timedelta:
        """How long it shall hold. Raises InputError."""
        if self.hours not in dict(HOURS):
            raise InputError("Choose how long it holds.", field="hours")
        return timedelta(hours=int(self.hours))


class InvitationPages(Generic[Who]):
    """At a console whose templates extend `frame`; `section` is lit in its navigation."""

    def __init__(
        self, console: Shell[Who], inviting: Inviting[Who], *, section: str, frame: str
    ) -> None:
        self._console = console
        self._inviting = inviting
        self._shown = section, frame

    def routes(self) -> list[Route]:
        """Where they are, below the console's address."""
        route = self._console.route
        return [
            route(AT, self.show),
            route(f"{AT}/new", self.new),
            route(f"{AT}/new", self.invite, method="POST"),
            route(f"{AT}/{{invitation}}", self.ask_to_withdraw),
            route(f"{AT}/{{invitation}}", self.withdraw, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET: every invitation, newest first."""
        is_done = parameters.query(request).text("done") == WITHDRAWN
        return await self._page(request, done=self._inviting.withdraw.done if is_done else "")

    async def new(self, request: Request) -> Response:
        """GET: the form of a new one."""
        return await self._form(request, Typed(), [])

    async def invite(self, request: Request) -> Response:
        """POST: the token is on the answer's page and nowhere else."""
        typed = Typed.of(await self._console.submitted(request))
        try:
            who, _ = await self._console.read(request, _who)
            court = self._inviting.inviter(who.who).court
            bounds = typed.bounds(court.id if court else None)
            _, made = await self._console.do(request, self._inviting.invite, bounds, typed.lasts)
        except NotFoundError as error:
            return await self._form(request, typed, [FieldError("court", error.told)])
        except (InputError, RefusedError) as error:
            wrong = problem(error, {"scope": "scopes", "beyond_court": "scopes"})
            return await self._form(request, typed, [wrong])
        return await self._page(request, made=made)

    async def ask_to_withdraw(self, request: Request) -> Response:
        """GET: what will happen."""
        seen, found = await self._console.read(
            request, self._inviting.find, request.path_params["invitation"]
        )
        if found.used_at:
            return self._console.go(seen, AT.lstrip("/"))
        section, frame = self._shown
        return self._console.page(
            seen, section, "client_invitation_withdraw.html", frame=frame, one=found.invitation
        )

    async def withdraw(self, request: Request) -> Response:
        """POST: nobody can use it any more."""
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(
                request, self._inviting.withdraw, request.path_params["invitation"]
            )
        except RefusedError as error:
            return await self._page(request, errors=[problem(error)])
        return self._console.go(seen, f"{AT.lstrip('/')}?done={WITHDRAWN}")

    async def _page(
        self,
        request: Request,
        made: Invited | None = None,
        errors: Sequence[FieldError] = (),
        done: str = "",
    ) -> Response:
        seen, lines = await self._console.read(request, self._lines)
        section, frame = self._shown
        return self._console.page(
            seen,
            section,
            "client_invitations.html",
            frame=frame,
            errors=errors,
            done=done,
            lines=lines,
            made=made,
            endpoint=self._console.settings.issuer + PATH,
            may_invite=self._may(seen.who),
        )

    async def _form(self, request: Request, typed: Typed, errors: Sequence[FieldError]) -> Response:
        seen, _ = await self._console.read(request, _who)
        inviter = self._inviting.inviter(seen.who)
        section, frame = self._shown
        return self._console.page(
            seen,
            section,
            "client_invite.html",
            frame=frame,
            errors=errors,
            typed=typed,
            domain=inviter.domain,
            profiles=[(one.value, PROFILES[one]) for one in inviter.limits.profiles],
            scopes=[(one, one) for one in inviter.limits.scopes],
            hours=HOURS,
        )

    def _may(self, who: Who) -> bool:
        try:
            self._console.permit(who, self._inviting.invite)
        except RefusedError:
            return False
        return True

    def _lines(self, unit: Unit, who: Who) -> list[Line]:
        found = self._inviting.given(unit, who)
        names = {maker: _name(unit, maker) for maker in {one.invitation.made_by for one in found}}
        return [Line(one, names[one.invitation.made_by], _state(one, unit.now)) for one in found]


def _who(_unit: Unit, _who: object) -> None:
    return None


def _state(one: Given, now: datetime) -> str:
    if one.used_at:
        return "used"
    return "open" if one.expires_at > now else "over"


def _name(unit: Unit, actor: str) -> str:
    account = directory.by_id(unit, actor)
    return account.username if account else NOBODY.get(actor, actor)
