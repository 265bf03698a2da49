"""A firm's administrators, cost centers, rules for members and activity, for programs."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.firms import activity, administrators, client_codes, cost_centers, program_policy
from signon.firms.access import READ, SETTINGS, Authority
from signon.firms.administrators import Administrator
from signon.firms.api import shown, shown_settings
from signon.firms.api.shown_settings import FirmAdministrators, FirmCostCenter, FirmCostCenters
from signon.firms.at_firm import AT, IN_PERSON, at, firm_router
from signon.firms.client_codes import ClientCodePolicy
from signon.firms.cost_centers import CostCenter, CostCenterBody
from signon.firms.directory import Firm
from signon.firms.program_policy import ProgramPolicy
from signon.rest import Answer, Call
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import AccountNumber, FirmNumber, IfMatch, Paged
from signon.web.paging import Page, place_of

ADMINISTRATORS = f"{AT}/administrators"
CENTERS = f"{AT}/cost-centers"
CENTER = f"{CENTERS}/{{code}}"
POLICY = f"{AT}/client-code-policy"
PROGRAMS = f"{AT}/program-policy"


class ActivityAsked(Paged):
    """What happened to whom."""

    about: str = Field("", examples=["1000001"])
    """Only what is about this account number, address, code or program."""


Code = Annotated[str, Path(description="The cost center’s code.", examples=["LIT-2"])]
reading, changing = firm_router(READ), firm_router(SETTINGS)


# ── Administrators ───────────────────────────────────────────────────────────


@reading.get(
    ADMINISTRATORS,
    response_model=FirmAdministrators,
    summary="Administrators; one is added by an invitation of kind administrator",
)
async def list_firm_administrators(call: Call, firm: FirmNumber) -> Response:
    """All of them, with a version of the list as `ETag`."""
    return await at(call, firm).read(_administrators)


@changing.delete(
    f"{ADMINISTRATORS}/{{account_number}}",
    status_code=204,
    summary="Take an administrator off the list; the last one stays",
    responses=refusals("own_account", "last_administrator") | IN_PERSON,
)
async def remove_firm_administrator(
    call: Call, firm: FirmNumber, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """At once; this needs a person."""
    here = at(call, firm).when(if_match, administrators.version)
    return await here.do(administrators.REMOVE, nothing_more, account_number)


@changing.post(
    f"{ADMINISTRATORS}/own-sign-in",
    response_model=FirmAdministrators,
    summary="Put the firm's own sign-in back on the list",
    responses=refusals("own_account", "is_administrator") | IN_PERSON,
)
async def restore_firm_own_sign_in(call: Call, firm: FirmNumber) -> Response:
    """The firm's own account manages it again; this needs a person."""
    return await at(call, firm).do(administrators.RESTORE, _listed)


# ── Cost centers ─────────────────────────────────────────────────────────────


@reading.get(CENTERS, response_model=FirmCostCenters, summary="Cost centers")
async def list_firm_cost_centers(call: Call, firm: FirmNumber) -> Response:
    """All of them, by their codes, with how many members each has."""
    return await at(call, firm).read(_centers)


@changing.post(
    CENTERS,
    response_model=FirmCostCenter,
    status_code=201,
    summary="A new cost center",
    responses=refusals("code_taken", "too_many"),
)
async def add_firm_cost_center(call: Call, firm: FirmNumber, sent: CostCenterBody) -> Response:
    """One more, which nobody is in yet."""
    return await at(call, firm).do(cost_centers.ADD, lambda made: _added(firm, made), sent)


@reading.get(CENTER, response_model=FirmCostCenter, summary="A cost center")
async def read_firm_cost_center(call: Call, firm: FirmNumber, code: Code) -> Response:
    """One of them, with its version as `ETag`."""
    return await at(call, firm).read(_one_center, code)


@changing.put(
    CENTER,
    response_model=FirmCostCenter,
    summary="Change its code or name",
    responses=refusals("code_taken"),
)
async def change_firm_cost_center(
    call: Call, firm: FirmNumber, code: Code, sent: CostCenterBody, if_match: IfMatch = None
) -> Response:
    """Its members stay in it."""
    here = at(call, firm).when(if_match, cost_centers.version, code)
    return await here.do(cost_centers.CHANGE, _center, code, sent)


@changing.delete(
    CENTER,
    status_code=204,
    summary="Remove an empty one",
    responses=refusals("cost_center_in_use"),
)
async def remove_firm_cost_center(
    call: Call, firm: FirmNumber, code: Code, if_match: IfMatch = None
) -> Response:
    """One that still has members stays."""
    here = at(call, firm).when(if_match, cost_centers.version, code)
    return await here.do(cost_centers.REMOVE, nothing_more, code)


# ── Client codes, programs, activity ────────────────────────────────────────────────


@reading.get(
    POLICY,
    response_model=shown.ClientCodePolicySeen,
    summary="The rule for members' client codes",
)
async def read_firm_client_code_policy(call: Call, firm: FirmNumber) -> Response:
    """The rule in force, with its version as `ETag`."""
    return await at(call, firm).read(_own_policy)


@changing.put(
    POLICY,
    response_model=shown.ClientCodePolicySeen,
    summary="Set the rule; it overrides the members' own",
)
async def change_firm_client_code_policy(
    call: Call, firm: FirmNumber, sent: ClientCodePolicy, if_match: IfMatch = None
) -> Response:
    """Every sign-in from then on is asked by it."""
    here = at(call, firm).when(if_match, client_codes.version)
    return await here.do(client_codes.CHANGE, _policy, sent)


@reading.get(
    PROGRAMS,
    response_model=shown.ProgramPolicySeen,
    summary="The rule for programs that sign in with members' passwords",
)
async def read_firm_program_policy(call: Call, firm: FirmNumber) -> Response:
    """The rule in force, with its version as `ETag`."""
    return await at(call, firm).read(_own_programs)


@changing.put(
    PROGRAMS,
    response_model=shown.ProgramPolicySeen,
    summary="Set that rule; forbidding signs out at once what is signed in",
)
async def change_firm_program_policy(
    call: Call, firm: FirmNumber, sent: ProgramPolicy, if_match: IfMatch = None
) -> Response:
    """It holds for every member at once."""
    here = at(call, firm).when(if_match, program_policy.version)
    return await here.do(program_policy.CHANGE, _programs, sent)


@reading.get(
    f"{AT}/activity",
    response_model=shown_settings.FirmActivity,
    summary="What happened, newest first; `about` one number, address, code or program",
)
async def list_firm_activity(
    call: Call, firm: FirmNumber, asked: Annotated[ActivityAsked, Query()]
) -> Response:
    """A page of it, with who did it and the values before and after."""
    return await at(call, firm).read(_activity, asked.about or None, asked.page)


# ── Answers ──────────────────────────────────────────────────────────────────


def _administrators(unit: Unit, authority: Authority) -> Answer:
    return _listed(administrators.listed(unit, authority))


def _listed(found: list[Administrator]) -> Answer:
    return Answer(shown_settings.administrator_list(found), etag=administrators.etag(found))


def _centers(unit: Unit, authority: Authority) -> Answer:
    found = cost_centers.listed(unit, authority)
    listed = [shown_settings.cost_center(one) for one in found]
    return Answer(FirmCostCenters(cost_centers=listed))


def _one_center(unit: Unit, authority: Authority, code: str) -> Answer:
    return _center(cost_centers.one(unit, authority, code))


def _added(firm: str, made: CostCenter) -> Answer:
    location = f"/api/v1/firms/{firm}/cost-centers/{made.code}"
    return replace(_center(made), status=201, location=location)


def _center(found: CostCenter) -> Answer:
    return Answer(shown_settings.cost_center(found), etag=found.version)


def _own_policy(_unit: Unit, authority: Authority) -> Answer:
    return _policy(authority.firm)


def _policy(firm: Firm) -> Answer:
    seen = shown.ClientCodePolicySeen(
        required=firm.client_code_required, pattern=firm.client_code_pattern
    )
    return Answer(seen, etag=firm.version)


def _own_programs(_unit: Unit, authority: Authority) -> Answer:
    return _programs(authority.firm)


def _programs(firm: Firm) -> Answer:
    return Answer(shown.ProgramPolicySeen(allowed=firm.programs_allowed), etag=firm.version)


def _activity(unit: Unit, authority: Authority, about: str | None, page: Page) -> Answer:
    rows = activity.listed(unit, authority, about=about, after=page.place, limit=page.look_ahead)
    found, cursor = page.cut(rows, lambda one: place_of(one.at, one.id))
    return Answer(
        shown_settings.FirmActivity(activity=[shown_settings.change(one) for one in found]),
        next_cursor=cursor,
    )
