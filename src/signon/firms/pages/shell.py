"""The console's shell: who comes in, and the frame of its pages.

A section is a line in `SECTIONS` and a class whose routes `Console.route` makes. To whoever may
not act for the firm there is no such page.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import SignInFirstError
from signon.firms import access, directory
from signon.firms.access import Authority
from signon.signin import acting, shell
from signon.signin.session import AAL2, Session
from signon.signin.shell import Section, Shell, SomeAct
from signon.tokens.bearer import BearerError
from signon.web.site import Visit

BASE = "/firm"
Seen = shell.Seen[Authority]


class Console(Shell[Authority]):
    """What every section is given; templates extend `firm_console.html`."""

    path = f"{BASE}/{{firm}}"
    sections = (
        Section("", "Overview"),
        Section("members", "Members"),
        Section("invitations", "Invitations"),
        Section("settings", "Cost centers"),
        Section("settings/client-codes", "Client codes"),
        Section("settings/programs", "Members’ programs"),
        Section("administrators", "Administrators and programs"),
        Section("activity", "Activity"),
    )

    def routes(self) -> list[Route]:
        """Where the console opens for somebody whose firm is not named yet."""
        return [Route(BASE, self.guarded(self.choose), methods=["GET"])]

    async def choose(self, request: Request) -> Response:
        """GET `/firm`: the one firm, or which."""
        visit = self.site.visit(request)
        session = await self.database.read(acting.proved, visit.session_token, self.settings)
        found = await self.database.read(directory.administered, session.account.id)
        if len(found) == 1:
            return self.site.go(f"{BASE}/{found[0].number}")
        return self.site.page(
            visit,
            "message.html",
            account=session.account,
            kind="info",
            heading="Your firms" if found else "You do not manage a firm",
            paragraphs=[] if found else ["An administrator of a firm can invite you to manage it."],
            actions=[{"label": one.name, "href": f"{BASE}/{one.number}"} for one in found],
        )

    def enter(
        self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Authority] | None
    ) -> Authority:
        """The firm's administrators with two factors, and operators."""
        number: str = visit.request.path_params["firm"]
        locked = act is not None
        found = access.of_session(unit, session, number, source=visit.source, locked=locked)
        # whoever does not manage the firm has had a 404 by now, and is asked for nothing
        if session.acr != AAL2:
            raise SignInFirstError(is_half=True)
        return found

    def permit(self, who: Authority, act: SomeAct[Authority] | None) -> None:
        """Raises as `Authority.permit` does."""
        who.permit(act)

    async def instead(self, visit: Visit, error: Exception, who: Authority | None) -> None:
        """Where the sign-in is too long ago, another one comes first."""
        if isinstance(error, BearerError):
            raise SignInFirstError(is_old=True) from error

    def frame(self, seen: Seen) -> dict[str, Any]:
        """`firm`."""
        return {"firm": seen.who.firm}
