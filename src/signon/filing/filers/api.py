"""`/api/v1/courts/{court}/filers`: a court's filers, and what it does with their rights."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from signon.config import Settings
from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests_shown import WAITS
from signon.filing.filers import filer_lists, shown
from signon.filing.filers.filer_lists import Search
from signon.filing.filers.shown import (
    CourtFiler,
    CourtFilers,
    CourtReason,
    FilerReadiness,
    GivenRoles,
    RightChange,
    RightHistory,
)
from signon.filing.linking import name_reviews
from signon.filing.readiness import readiness
from signon.filing.rights import filers, rights, role_changes, suspension, unlinking
from signon.filing.rights.filers import Filer
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import Role
from signon.rest import DONE, Answer, Call
from signon.rest.parameters import AccountNumber, CourtId, IfMatch, Paged
from signon.web import preconditions
from signon.web.paging import Page


class FilersAsked(Paged):
    """Which filers."""

    q: str = Field(
        "",
        description="An account number, or two or more characters of a name or login.",
        examples=["attorney"],
    )
    status: RightStatus | None = Field(
        None, description="Only those whose right is in this state.", examples=["active"]
    )
    role: Role | None = Field(
        None, description="Only those who have this role.", examples=["attorney"]
    )


ONE = f"{AT}/filers/{{account_number}}"
operations = court_router()


@operations.get(f"{AT}/filers", response_model=CourtFilers, summary="The court’s filers")
async def list_court_filers(
    call: Call, court: CourtId, asked: Annotated[FilersAsked, Query()]
) -> Response:
    """Found by number, name or login, state and role; the newest right first."""
    return await at(call, court).read(_list, asked, asked.page)


@operations.get(ONE, response_model=CourtFiler, summary="A filer")
async def read_court_filer(call: Call, court: CourtId, account_number: AccountNumber) -> Response:
    """A filer and the right, with its version as `ETag`."""
    return await at(call, court).read(_read, account_number)


@operations.get(
    f"{ONE}/readiness",
    response_model=FilerReadiness,
    summary="What stands between a filer and filing",
)
async def read_filer_readiness(
    call: Call, court: CourtId, account_number: AccountNumber
) -> Response:
    """The filer's own checklist, for whoever has or had anything to do with the court."""
    return await at(call, court).read(_readiness, call.rest.settings, account_number)


@operations.get(
    f"{ONE}/history", response_model=RightHistory, summary="What became of a filer’s rights"
)
async def read_filer_history(call: Call, court: CourtId, account_number: AccountNumber) -> Response:
    """Every change, newest first, of rights that have ended too."""
    return await at(call, court).read(_history, account_number)


@operations.put(
    f"{ONE}/roles",
    response_model=CourtFiler,
    summary="Replace roles, cases and conditions",
    responses=WAITS,
)
async def give_filer_roles(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: GivenRoles,
    if_match: IfMatch = None,
) -> Response:
    """All three are replaced; what is left out is taken away."""

    def change(unit: Unit, desk: Desk, number: str) -> Filer:
        return role_changes.change(
            unit, desk, number, roles=sent.roles, cases=sent.cases, conditions=sent.conditions
        )

    return await at(call, court).write(Power.FILERS, _done, change, account_number, if_match)


@operations.post(f"{ONE}/suspend", response_model=CourtFiler, summary="Suspend")
async def suspend_filer(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """Nothing may be filed until it is ended; the filer is told the reason."""
    act = partial(suspension.suspend, reason=sent.reason)
    return await at(call, court).write(Power.FILERS, _done, act, account_number, if_match)


@operations.post(f"{ONE}/restore", response_model=CourtFiler, summary="End a suspension")
async def restore_filer(
    call: Call, court: CourtId, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """What the court or its list suspended is in force again."""
    act = suspension.restore
    return await at(call, court).write(Power.FILERS, _done, act, account_number, if_match)


@operations.post(
    f"{ONE}/accept-link", response_model=CourtFiler, summary="Accept a link under another name"
)
async def accept_filer_link(
    call: Call, court: CourtId, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """The names of the account and of the linked login may differ."""
    settings = call.rest.settings

    def accept(unit: Unit, desk: Desk, number: str) -> Filer:
        return name_reviews.accept(unit, desk, settings, number)

    return await at(call, court).write(Power.FILERS, _done, accept, account_number, if_match)


@operations.post(f"{ONE}/reject-link", status_code=204, summary="Refuse a link under another name")
async def reject_filer_link(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """The link is undone; the filer is told the reason."""
    act = partial(name_reviews.reject, reason=sent.reason)
    return await at(call, court).write(Power.FILERS, _done, act, account_number, if_match)


@operations.post(f"{ONE}/unlink", status_code=204, summary="End the right")
async def unlink_filer(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """The filer may link or register anew; the reason is told."""
    act = partial(unlinking.unlink, reason=sent.reason)
    return await at(call, court).write(Power.FILERS, _done, act, account_number, if_match)


def _list(unit: Unit, desk: Desk, asked: FilersAsked, page: Page) -> Answer:
    search = Search(
        asked.q, asked.status or "", asked.role or "", page.after or "", page.look_ahead
    )
    found, cursor = page.cut(filer_lists.find(unit, desk.court, search), filer_lists.key)
    return Answer(CourtFilers(filers=[shown.filer(one) for one in found]), next_cursor=cursor)


def _read(unit: Unit, desk: Desk, number: str) -> Answer:
    return _answer(filers.found(unit, desk.court, number))


def _readiness(unit: Unit, desk: Desk, settings: Settings, number: str) -> Answer:
    found = readiness.of_filer(unit, settings, desk.court, number)
    return Answer(shown.readiness(number, found))


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
    return Answer(shown.filer(filer), etag=filer.version)
