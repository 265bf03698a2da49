"""`/api/v1/courts/{court}/filers`: a court's filers, and what it does with their rights."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from signon.config import Settings
from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import waits
from signon.filing.filers import filer_lists, shown
from signon.filing.filers.filer_lists import Search
from signon.filing.filers.shown import (
    CourtFiler,
    CourtFilers,
    CourtReason,
    CourtTerms,
    FilerReadiness,
    RightChange,
    RightHistory,
)
from signon.filing.linking import folding
from signon.filing.linking.name_reviews import ACCEPT, REJECT
from signon.filing.readiness import readiness
from signon.filing.rights import filers, rights
from signon.filing.rights.filers import Filer
from signon.filing.rights.filing_status import RightStatus
from signon.filing.rights.last_days import SET, Terms
from signon.filing.rights.role_changes import CHANGE, GivenRoles
from signon.filing.rights.suspension import RESTORE, SUSPEND
from signon.filing.rights.unlinking import UNLINK
from signon.filing.roles import Role
from signon.rest import DONE, Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import AccountNumber, CourtId, IfMatch, Paged
from signon.web.paging import Page


class FilersAsked(Paged):
    """Which of the court’s filers are asked for."""

    q: str = Field("", examples=["attorney"])
    """An account number, or two or more characters of a name or login."""
    status: RightStatus | None = Field(None, examples=["active"])
    """Only those whose right is in this state."""
    role: Role | None = Field(None, examples=["attorney"])
    """Only those who have this role."""


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
    responses=waits("own_account", "certificate_missing"),
)
async def give_filer_roles(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: GivenRoles,
    if_match: IfMatch = None,
) -> Response:
    """All three are replaced; what is left out is taken away."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(CHANGE, _answer, account_number, sent)


@operations.put(
    f"{ONE}/terms",
    response_model=CourtFiler,
    summary="Set admission and last day",
    responses=refusals("own_account"),
)
async def set_filer_terms(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtTerms,
    if_match: IfMatch = None,
) -> Response:
    """The filer is told by mail, and 30 and 7 days before the last day; without one the right does
    not end by itself.
    """
    here = at(call, court).when(if_match, filers.version, account_number)
    last_day = sent.last_day.isoformat() if sent.last_day else ""
    return await here.do(SET, _answer, account_number, Terms(sent.admission or "", last_day))


@operations.post(
    f"{ONE}/suspend",
    response_model=CourtFiler,
    summary="Suspend",
    responses=refusals("own_account", "already_suspended"),
)
async def suspend_filer(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """Nothing may be filed until it is ended; the filer is told the reason."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(SUSPEND, _answer, account_number, sent.reason)


@operations.post(
    f"{ONE}/restore",
    response_model=CourtFiler,
    summary="End a suspension",
    responses=refusals("own_account", "not_suspended"),
)
async def restore_filer(
    call: Call, court: CourtId, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """What the court or its list suspended is in force again."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(RESTORE, _answer, account_number)


@operations.post(
    f"{ONE}/accept-link",
    response_model=CourtFiler,
    summary="Accept a link under another name",
    responses=refusals("own_account", "not_waiting_for_review"),
)
async def accept_filer_link(
    call: Call, court: CourtId, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """The names of the account and of the linked login may differ."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(ACCEPT, _answer, account_number)


@operations.post(
    f"{ONE}/reject-link",
    status_code=204,
    summary="Refuse a link under another name",
    responses=refusals("own_account", "not_waiting_for_review"),
)
async def reject_filer_link(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """The link is undone; the filer is told the reason."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(REJECT, _answer, account_number, sent.reason)


@operations.post(
    f"{ONE}/accept-login",
    response_model=CourtFiler,
    summary="Accept a further login",
    responses=refusals("own_account", "no_login_waits", "logins_differ"),
)
async def accept_filer_login(
    call: Call, court: CourtId, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """A second old login that the filer proved: its roles come to the right."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(folding.ACCEPT, _answer, account_number)


@operations.post(
    f"{ONE}/reject-login",
    response_model=CourtFiler,
    summary="Refuse a further login",
    responses=refusals("own_account", "no_login_waits"),
)
async def reject_filer_login(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """The right stays as it is, the login can be proved anew; the filer is told the reason."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(folding.REJECT, _answer, account_number, sent.reason)


@operations.post(
    f"{ONE}/unlink", status_code=204, summary="End the right", responses=refusals("own_account")
)
async def unlink_filer(
    call: Call,
    court: CourtId,
    account_number: AccountNumber,
    sent: CourtReason,
    if_match: IfMatch = None,
) -> Response:
    """The filer may link or register anew; the reason is told."""
    here = at(call, court).when(if_match, filers.version, account_number)
    return await here.do(UNLINK, _answer, account_number, sent.reason)


def _list(unit: Unit, desk: Desk, asked: FilersAsked, page: Page) -> Answer:
    search = Search(
        asked.q, asked.status or "", asked.role or "", page.after or "", page.look_ahead
    )
    found, cursor = page.cut(filer_lists.find(unit, desk.court, search), lambda one: one.after)
    return Answer(CourtFilers(filers=[shown.filer(one.row) for one in found]), next_cursor=cursor)


def _read(unit: Unit, desk: Desk, number: str) -> Answer:
    return _answer(filers.found(unit, desk.court, number))


def _readiness(unit: Unit, desk: Desk, settings: Settings, number: str) -> Answer:
    found = readiness.of_filer(unit, settings, desk.court, number)
    return Answer(shown.readiness(number, found))


def _history(unit: Unit, desk: Desk, number: str) -> Answer:
    account = filers.known(unit, desk.court, number)
    changes = rights.history(unit, account.id, desk.court.id)
    return Answer(RightHistory(changes=[RightChange(**dict(one)) for one in changes]))


def _answer(filer: Filer) -> Answer:
    """Whose right has ended is none of the court's filers any more."""
    return DONE if filer.right.ended_at else Answer(shown.filer(filer), etag=filer.version)
