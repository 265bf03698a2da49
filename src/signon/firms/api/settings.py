"""A firm's administrators, cost centres, rule for client codes and activity, for programs."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.accounts import directory as accounts
from signon.db import Unit
from signon.firms import activity, administrators, client_codes, cost_centers, directory
from signon.firms.access import READ, SETTINGS, Authority
from signon.firms.api import shown, shown_settings
from signon.firms.api.shown_settings import FirmAdministrators, FirmCostCenter, FirmCostCenters
from signon.firms.at_firm import AT, IN_PERSON, at, firm_router
from signon.rest import DONE, Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import AccountNumber, FirmNumber, IfMatch, Paged
from signon.rest.values import Mask
from signon.web import preconditions
from signon.web.json_bodies import Body
from signon.web.paging import Page, place_of

ADMINISTRATORS = f"{AT}/administrators"
CENTERS = f"{AT}/cost-centers"
CENTER = f"{CENTERS}/{{code}}"
POLICY = f"{AT}/client-code-policy"


class CostCenterBody(Body):
    """A code without spaces, and a name for people."""

    code: str = Field(examples=["LIT-2"])
    """A code without spaces."""
    name: str = Field(examples=["Litigation, second floor"])
    """A name for people."""


class ClientCodePolicy(Body):
    """The rule for the client codes of all members."""

    required: bool
    """Whether a member’s sign-in asks for a client code."""
    pattern: Mask


class ActivityAsked(Paged):
    """What happened to whom."""

    about: str = Field("", examples=["1000001"])
    """Only what is about this account number, address, code or program."""


Code = Annotated[str, Path(description="The cost centre’s code.", examples=["LIT-2"])]
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
    responses=refusals("frozen", "own_account", "last_administrator") | IN_PERSON,
)
async def remove_firm_administrator(
    call: Call, firm: FirmNumber, account_number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """At once; this needs a person."""
    return await at(call, firm).write_locked(_remove_administrator, account_number, if_match)


@changing.post(
    f"{ADMINISTRATORS}/own-sign-in",
    response_model=FirmAdministrators,
    summary="Put the firm's own sign-in back on the list",
    responses=refusals("frozen", "own_account", "is_administrator") | IN_PERSON,
)
async def restore_firm_own_sign_in(call: Call, firm: FirmNumber) -> Response:
    """The firm's own account manages it again; this needs a person."""
    return await at(call, firm).write_locked(_restore_own_sign_in)


# ── Cost centres ─────────────────────────────────────────────────────────────


@reading.get(CENTERS, response_model=FirmCostCenters, summary="Cost centres")
async def list_firm_cost_centers(call: Call, firm: FirmNumber) -> Response:
    """All of them, by their codes, with how many members each has."""
    return await at(call, firm).read(_centers)


@changing.post(
    CENTERS,
    response_model=FirmCostCenter,
    status_code=201,
    summary="A new cost centre",
    responses=refusals("frozen", "code_taken", "too_many"),
)
async def add_firm_cost_center(call: Call, firm: FirmNumber, sent: CostCenterBody) -> Response:
    """One more, which nobody is in yet."""
    return await at(call, firm).write_locked(_add_center, sent)


@reading.get(CENTER, response_model=FirmCostCenter, summary="A cost centre")
async def read_firm_cost_center(call: Call, firm: FirmNumber, code: Code) -> Response:
    """One of them, with its version as `ETag`."""
    return await at(call, firm).read(_center, code)


@changing.put(
    CENTER,
    response_model=FirmCostCenter,
    summary="Change its code or name",
    responses=refusals("frozen", "code_taken"),
)
async def change_firm_cost_center(
    call: Call, firm: FirmNumber, code: Code, sent: CostCenterBody, if_match: IfMatch = None
) -> Response:
    """Its members stay in it."""
    return await at(call, firm).write_locked(_change_center, code, sent, if_match)


@changing.delete(
    CENTER,
    status_code=204,
    summary="Remove an empty one",
    responses=refusals("frozen", "cost_center_in_use"),
)
async def remove_firm_cost_center(
    call: Call, firm: FirmNumber, code: Code, if_match: IfMatch = None
) -> Response:
    """One that still has members stays."""
    return await at(call, firm).write_locked(_remove_center, code, if_match)


# ── Client codes and activity ────────────────────────────────────────────────


@reading.get(
    POLICY,
    response_model=shown.ClientCodePolicySeen,
    summary="The rule for members' client codes",
)
async def read_firm_client_code_policy(call: Call, firm: FirmNumber) -> Response:
    """The rule in force, with its version as `ETag`."""
    return await at(call, firm).read(_policy)


@changing.put(
    POLICY,
    response_model=shown.ClientCodePolicySeen,
    summary="Set the rule; it overrides the members' own",
    responses=refusals("frozen"),
)
async def change_firm_client_code_policy(
    call: Call, firm: FirmNumber, sent: ClientCodePolicy, if_match: IfMatch = None
) -> Response:
    """Every sign-in from then on is asked by it."""
    return await at(call, firm).write_locked(_change_policy, sent, if_match)


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


# ── Rules ────────────────────────────────────────────────────────────────────


def _administrators(unit: Unit, authority: Authority) -> Answer:
    found = administrators.listed(unit, authority)
    return Answer(shown_settings.administrator_list(found), etag=administrators.version(found))


def _remove_administrator(
    unit: Unit, authority: Authority, number: str, if_match: str | None
) -> Answer:
    authority.require_person()
    if if_match is not None:
        there = administrators.version(administrators.listed(unit, authority))
        preconditions.require_match(if_match, there)
    administrators.remove(unit, authority, number)
    return DONE


def _restore_own_sign_in(unit: Unit, authority: Authority) -> Answer:
    authority.require_person()
    own = accounts.by_id(unit, authority.firm.id)
    assert own is not None
    administrators.restore_own_sign_in(unit, authority, own)
    return _administrators(unit, authority)


def _centers(unit: Unit, authority: Authority) -> Answer:
    found = cost_centers.listed(unit, authority)
    listed = [shown_settings.cost_center(one) for one in found]
    return Answer(FirmCostCenters(cost_centers=listed))


def _add_center(unit: Unit, authority: Authority, wanted: CostCenterBody) -> Answer:
    made = cost_centers.add(unit, authority, wanted.code, wanted.name)
    location = f"/api/v1/firms/{authority.firm.number}/cost-centers/{made.code}"
    return Answer(
        shown_settings.cost_center(made), status=201, etag=made.version, location=location
    )


def _center(unit: Unit, authority: Authority, code: str) -> Answer:
    found = cost_centers.one(unit, authority, code)
    return Answer(shown_settings.cost_center(found), etag=found.version)


def _change_center(
    unit: Unit, authority: Authority, code: str, wanted: CostCenterBody, if_match: str | None
) -> Answer:
    before = cost_centers.one(unit, authority, code, locked=True)
    preconditions.require_match(if_match, before.version)
    after = cost_centers.change(unit, authority, before, wanted.code, wanted.name)
    return Answer(shown_settings.cost_center(after), etag=after.version)


def _remove_center(unit: Unit, authority: Authority, code: str, if_match: str | None) -> Answer:
    before = cost_centers.one(unit, authority, code, locked=True)
    preconditions.require_match(if_match, before.version)
    cost_centers.remove(unit, authority, before)
    return DONE


def _policy(_unit: Unit, authority: Authority) -> Answer:
    firm = authority.firm
    seen = shown.ClientCodePolicySeen(
        required=firm.client_code_required, pattern=firm.client_code_pattern
    )
    return Answer(seen, etag=firm.version)


def _change_policy(
    unit: Unit, authority: Authority, wanted: ClientCodePolicy, if_match: str | None
) -> Answer:
    preconditions.require_match(if_match, authority.firm.version)
    client_codes.change_rule(
        unit, authority, is_required=wanted.required, pattern=wanted.pattern or ""
    )
    return _policy(unit, replace(authority, firm=directory.by_id(unit, authority.firm.id)))


def _activity(unit: Unit, authority: Authority, about: str | None, page: Page) -> Answer:
    rows = activity.listed(unit, authority, about=about, after=page.place, limit=page.look_ahead)
    found, cursor = page.cut(rows, lambda one: place_of(one.at, one.id))
    return Answer(
        shown_settings.FirmActivity(activity=[shown_settings.change(one) for one in found]),
        next_cursor=cursor,
    )
