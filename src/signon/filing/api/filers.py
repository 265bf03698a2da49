"""`/api/v1/courts/{court}/filers`: a court's filers, and what it does with their rights."""

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from signon.config import Settings
from signon.db import Unit
from signon.filing import (
    filer_lists,
    filers,
    name_reviews,
    readiness,
    rights,
    role_changes,
    suspension,
    unlinking,
)
from signon.filing.api import filers_shown
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.filers_shown import (
    CourtFiler,
    CourtFilers,
    CourtReason,
    FilerReadiness,
    GivenRoles,
    RightChange,
    RightHistory,
)
from signon.filing.api.requests_shown import CourtRequest
from signon.filing.desk import Desk, Power
from signon.filing.filer_lists import Search
from signon.filing.filers import Filer
from signon.tokens.api import DONE, Answer, Call, Operation, Rendered
from signon.web import preconditions


class FilersApi:
    """Filers for programs, by the rules of the console."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest
        self._settings = rest.rest.settings

    def routes(self) -> list[Route]:
        """The list, one of them, and the acts."""
        one = "/filers/{account_number}"
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/filers", self.list_court_filers, "The court’s filers",
                    answer=CourtFilers, query=("q", "status", "role"), is_paged=True,
                ),
                court_operation("GET", one, self.read_court_filer, "A filer", answer=CourtFiler),
                court_operation(
                    "GET", f"{one}/readiness", self.read_filer_readiness,
                    "What stands between a filer and filing", answer=FilerReadiness,
                ),
                court_operation(
                    "GET", f"{one}/history", self.read_filer_history,
                    "What became of a filer’s rights", answer=RightHistory,
                ),
                self._act("roles", self.give_filer_roles, "Replace roles, cases and conditions",
                          method="PUT", body=GivenRoles, waits=CourtRequest),
                self._act("suspend", self.suspend_filer, "Suspend", body=CourtReason),
                self._act("restore", self.restore_filer, "End a suspension"),
                self._act("accept-link", self.accept_filer_link, "Accept a link under another name"),
                self._act("reject-link", self.reject_filer_link, "Refuse a link under another name",
                          body=CourtReason, answer=None, status=204),
                self._act("unlink", self.unlink_filer, "End the right",
                          body=CourtReason, answer=None, status=204),
            ]
        )  # fmt: skip

    @staticmethod
    def _act(
        act: str, handler: Any, summary: str, *, method: str = "POST", **more: Any
    ) -> Operation:
        path = f"/filers/{{account_number}}/{act}"
        fields = {"answer": CourtFiler, "changes_versions": True, **more}
        return court_operation(method, path, handler, summary, **fields)

    async def list_court_filers(self, call: Call) -> Rendered:
        """By number, name or login, state and role."""
        return await self._rest.read(call, _list, call)

    async def read_court_filer(self, call: Call) -> Rendered:
        """One, with a version."""
        return await self._rest.read(call, _read, call.path_params["account_number"])

    async def read_filer_readiness(self, call: Call) -> Rendered:
        """For whoever has or had anything to do with the court."""
        number = call.path_params["account_number"]
        return await self._rest.read(call, _readiness, self._settings, number)

    async def read_filer_history(self, call: Call) -> Rendered:
        """Ended rights too."""
        number = call.path_params["account_number"]
        return await self._rest.read(call, _history, number)

    async def give_filer_roles(self, call: Call) -> Rendered:
        """All three are replaced."""
        body = call.body(GivenRoles)
        return await self._do(
            call,
            lambda unit, desk, number: role_changes.change(
                unit, desk, number, roles=body.roles, cases=body.cases, conditions=body.conditions
            ),
        )

    async def suspend_filer(self, call: Call) -> Rendered:
        """With a reason."""
        reason = call.body(CourtReason).reason
        return await self._do(
            call, lambda unit, desk, number: suspension.suspend(unit, desk, number, reason)
        )

    async def restore_filer(self, call: Call) -> Rendered:
        """What the court or its list suspended."""
        return await self._do(call, suspension.restore)

    async def accept_filer_link(self, call: Call) -> Rendered:
        """The names may differ."""
        return await self._do(
            call,
            lambda unit, desk, number: name_reviews.accept(unit, desk, self._settings, number),
        )

    async def reject_filer_link(self, call: Call) -> Rendered:
        """With a reason."""
        reason = call.body(CourtReason).reason
        return await self._do(
            call, lambda unit, desk, number: name_reviews.reject(unit, desk, number, reason)
        )

    async def unlink_filer(self, call: Call) -> Rendered:
        """With a reason."""
        reason = call.body(CourtReason).reason
        return await self._do(
            call, lambda unit, desk, number: unlinking.unlink(unit, desk, number, reason)
        )

    async def _do(self, call: Call, act: Callable[[Unit, Desk, str], Filer]) -> Rendered:
        number = call.path_params["account_number"]
        return await self._rest.write(call, Power.FILERS, _done, act, number, call.if_match)


def _list(unit: Unit, desk: Desk, call: Call) -> Answer:
    search = Search(
        call.query.text("q"),
        call.query.text("status"),
        call.query.text("role"),
        call.page.after or "",
        call.page.look_ahead,
    )
    found, cursor = call.page.cut(filer_lists.find(unit, desk.court, search), filer_lists.key)
    return Answer(
        CourtFilers(filers=[filers_shown.filer(one) for one in found]), next_cursor=cursor
    )


def _read(unit: Unit, desk: Desk, number: str) -> Answer:
    return _answer(filers.found(unit, desk.court, number))


def _readiness(unit: Unit, desk: Desk, settings: Settings, number: str) -> Answer:
    found = readiness.of_filer(unit, settings, desk.court, number)
    return Answer(filers_shown.readiness(number, found))


def _history(unit: Unit, desk: Desk, number: str) -> Answer:
    account = filers.known(unit, desk.court, number)
    changes = rights.history(unit, account.id, desk.court.id)
    return Answer(RightHistory(changes=[RightChange(**dict(one)) for one in changes]))


def _done(
    unit: Unit,
    desk: Desk,
    act: Callable[[Unit, Desk, str], Filer],
    number: str,
    if_match: str | None,
) -> Answer:
    if if_match is not None:
        preconditions.require_match(if_match, filers.held(unit, desk, number).version)
    after = act(unit, desk, number)
    return DONE if after.right.ended_at else _answer(after)


def _answer(filer: Filer) -> Answer:
    return Answer(filers_shown.filer(filer), etag=filer.version)
