"""The console of a court's staff: who comes in, and what every refusal leaves behind.

A section is a line in `SECTIONS` and a class whose routes the console makes::

    class FilersSection:
        def __init__(self, console: Console) -> None: …
        def routes(self) -> list[Route]:
            return [self._console.route("/filers", self.show)]

        async def show(self, request: Request) -> Response:
            seen, found = await self._console.read(request, _filers, …)   # rule(unit, desk, …)
            return self._console.page(seen, "filers", "court_filers.html", found=found)

To whoever does not work for the court there is no such page.
"""

from dataclasses import replace
from typing import Any

from signon.courts import staff
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError, SignInFirstError
from signon.filing.court import desk as desks
from signon.filing.court import requests, waiting
from signon.filing.court.desk import Desk
from signon.filing.court.second_member import NEEDS, SecondMemberError
from signon.signin import shell
from signon.signin.session import AAL2, Session
from signon.signin.shell import AnsweredError, Section, Shell, SomeAct
from signon.web.site import Visit

Seen = shell.Seen[Desk]
ASKED = "asked"
"""What was done where a request was filed instead."""
SECTIONS = (
    Section("", "Overview"),
    Section("find", "Help desk"),
    Section("registrations", "Registrations"),
    Section("filers", "Filers"),
    Section("agents", "Agents"),
    Section("certificates", "Certificates"),
    Section("logins", "Legacy logins"),
    Section("cutover", "Cutover"),
    Section("staff", "Staff"),
    Section("invitations", "Programs"),
    Section("policy", "Policy"),
    Section("requests", "Second member"),
    Section("activity", "Activity"),
)
"""In the order of the navigation."""


class Console(Shell[Desk]):
    """What every section is given; templates extend `court_console.html`."""

    path = "/court/{court}"
    sections = SECTIONS

    def enter(self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Desk] | None) -> Desk:
        """The court's staff, with two factors; whoever only looks sees how much waits."""
        court_id: str = visit.request.path_params["court"]
        if staff.role_of(unit, court_id, session.account.id) is None:
            raise NotFoundError("There is no such page.")
        if session.acr != AAL2:
            raise SignInFirstError(is_half=True)
        desk = desks.of_session(unit, session, court_id, self.settings, visit.source)
        return desk if act else replace(desk, waiting=waiting.at(unit, court_id))

    def permit(self, who: Desk, act: SomeAct[Desk] | None) -> None:
        """By the table of powers."""
        who.require(desks.power_of(act))

    async def instead(self, visit: Visit, error: Exception, who: Desk | None) -> None:
        """What a second member has to confirm is filed as a request; a refusal is noted."""
        request = visit.request
        if isinstance(error, SecondMemberError):
            ask = replace(requests.ASK, needs=NEEDS[error.wanted.kind])
            seen, _ = await self.do(request, ask, error.wanted)
            raise AnsweredError(self.go(seen, f"requests?done={ASKED}"))
        if who and isinstance(error, RefusedError) and not isinstance(error, NotFoundError):
            named = [v for name, v in request.path_params.items() if name != "court"]
            subject = named[-1][:32] if named else ""
            await self.database.write(desks.note_refusal, who, error, subject)

    def frame(self, seen: Seen) -> dict[str, Any]:
        """`court`, its `zone`, `role` for people, `may`: the names of powers, and `counts`: how much
        waits, by section.
        """
        desk = seen.who
        return {
            "court": desk.court,
            "zone": desk.court.time_zone,
            "role": (desk.role or "").replace("_", " "),
            "may": {power.value for power in desk.powers},
            "counts": desk.waiting._asdict(),
        }
