"""`/api/v1/firms/{firm}` and its members, for programs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from signon.accounts.models import SearchStatus
from signon.db import Unit
from signon.firms import bulk, bulk_files, figures, members, parting
from signon.firms.access import MEMBERS, READ, Authority
from signon.firms.api import shown
from signon.firms.at_firm import AT, AtFirm, at, firm_router
from signon.firms.bulk import Mode
from signon.firms.members import Member, MembersWanted, Order
from signon.rest import Answer, Call, Caller, Part, Sheet
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import AccountNumber, Asked, FirmNumber, IfMatch, Paged
from signon.web.json_bodies import Body
from signon.web.paging import Page

ONE = f"{AT}/members/{{account_number}}"
EXPORTED = ("account_number", "account_type", "first_name", "middle_name", "last_name",
            "search_status", "cost_center", "joined_at")  # fmt: skip
PART = 1000
"""Members in a part of an export."""


class MemberPatch(Body):
    """`cost_center` is a code; null takes the member out of every one."""

    cost_center: str | None = Field(examples=["LIT-2"])
    """The cost center’s code; null takes the member out of every one."""


class Removal(Body):
    """Why; both sides read it."""

    remark: str = Field(examples=["Left the firm."])
    """Why; both sides read it."""


class Removals(Sheet):
    """Whom to remove, and why."""

    remark: str = Field(examples=["Left the firm."])
    """Why; both sides read it."""
    account_numbers: list[str] = Field(examples=[["1000001"]])
    """The members’ account numbers."""


class MembersChosen(Asked):
    """Which members, and in what order."""

    q: str = Field("", examples=["attorney, a"])
    """The beginning of an account number or of “last name, first name”."""
    search_status: SearchStatus | None = None
    """Only those whose case search is in this state."""
    cost_center: str = Field("", examples=["LIT-2"])
    """Only those of the cost center with this code; `none`: those of none."""
    sort: Order = Order.NAME
    """What the list is sorted by; a minus turns it round."""

    def wanted(self, after: str | None = None) -> MembersWanted:
        """What follows a member of the list."""
        return MembersWanted(self.q, self.search_status, self.cost_center or None, self.sort, after)


class MembersAsked(MembersChosen, Paged):
    """A page of them."""


class ExportAsked(MembersChosen):
    """All of them at once."""

    format: Literal["json", "csv"] = "json"
    """What the answer is written in."""


class BulkAsked(Asked):
    """How many things are done at once."""

    mode: Mode = Mode.ALL
    """What to do when some lines cannot be done: none (`all`), the others (`partial`), or none in
    any case (`check`).
    """


class RemovalsAsked(BulkAsked):
    """The same, with what goes beside a CSV file."""

    remark: str = Field("", examples=["Left the firm."])
    """With CSV: why; both sides read it."""


reading, changing = firm_router(READ), firm_router(MEMBERS)


@reading.get(AT, response_model=shown.FirmSeen, summary="A firm in figures")
async def read_firm(call: Call, firm: FirmNumber) -> Response:
    """How many members and searches it has, and how that came about, with its version."""
    return await at(call, firm).read(_firm)


@reading.get(
    f"{AT}/members",
    response_model=shown.FirmMembers,
    summary="Members; `q` is the beginning of a number or of “last name, first name”",
)
async def list_firm_members(
    call: Call, firm: FirmNumber, asked: Annotated[MembersAsked, Query()]
) -> Response:
    """A page of those that were asked for."""
    page = asked.page
    return await at(call, firm).read(_list, asked.wanted(page.after), page)


@reading.get(
    f"{AT}/members/export",
    response_model=shown.FirmMembers,
    summary="All members, as JSON or with format=csv as CSV",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_firm_members(
    call: Call, firm: FirmNumber, asked: Annotated[ExportAsked, Query()]
) -> Response:
    """All that were asked for in one answer, which is sent part by part."""
    here, wanted = at(call, firm), asked.wanted()
    if asked.format == "csv":
        return await call.parts(_csv, "text/csv", here, wanted)
    return await call.parts(_json, "application/json", here, wanted)


@changing.post(
    f"{AT}/members/removals",
    response_model=shown.BulkOutcome,
    summary="Remove many members; CSV takes the heading account_number and the parameter remark",
    responses=refusals("bulk_refused", status=422),
)
async def remove_firm_members(
    call: Call, firm: FirmNumber, asked: Annotated[RemovalsAsked, Query()], sent: Removals
) -> Response:
    """Let many go; the answer says of every line what became of it."""
    if sent.file is None:
        numbers, remark = sent.account_numbers, sent.remark
    else:
        numbers, remark = bulk_files.numbers(sent.file), asked.remark
    return await at(call, firm).do(bulk.REMOVE, shown.bulk, numbers, remark, asked.mode)


@reading.get(ONE, response_model=shown.FirmMember, summary="A member")
async def read_firm_member(call: Call, firm: FirmNumber, account_number: AccountNumber) -> Response:
    """A member as the firm may see them, with a version as `ETag`."""
    return await at(call, firm).read(_one, account_number)


@changing.patch(
    ONE,
    response_model=shown.FirmMember,
    summary="Put a member into a cost center",
    responses=refusals("own_account"),
)
async def change_firm_member(
    call: Call,
    firm: FirmNumber,
    account_number: AccountNumber,
    sent: MemberPatch,
    if_match: IfMatch = None,
) -> Response:
    """What the firm may change of a member; all else is the member's own."""
    here = at(call, firm).when(if_match, members.version, account_number)
    return await here.do(members.ASSIGN, _answer, account_number, sent.cost_center)


@changing.post(
    f"{ONE}/remove",
    status_code=204,
    summary="Remove a member; both sides are mailed",
    responses=refusals("own_account"),
)
async def remove_firm_member(
    call: Call,
    firm: FirmNumber,
    account_number: AccountNumber,
    sent: Removal,
    if_match: IfMatch = None,
) -> Response:
    """The account stays its holder's; its search rests until the holder makes it active."""
    here = at(call, firm).when(if_match, members.version, account_number)
    return await here.do(parting.REMOVE, nothing_more, account_number, sent.remark)


def _firm(unit: Unit, authority: Authority) -> Answer:
    seen = shown.firm(authority.firm, figures.of(unit, authority))
    return Answer(seen, etag=authority.firm.version)


def _list(unit: Unit, authority: Authority, wanted: MembersWanted, page: Page) -> Answer:
    rows = members.listed(unit, authority, wanted, page.look_ahead)
    found, cursor = page.cut(rows, lambda one: members.cursor_of(wanted, one))
    return Answer(
        shown.FirmMembers(members=[shown.member(one) for one in found]), next_cursor=cursor
    )


def _one(unit: Unit, authority: Authority, number: str) -> Answer:
    return _answer(members.one(unit, authority, number))


def _answer(member: Member) -> Answer:
    return Answer(shown.member(member), etag=member.version)


def _csv(
    unit: Unit, caller: Caller, after: str | None, here: AtFirm, wanted: MembersWanted
) -> Part:
    rows, further = _exported(unit, caller, after, here, wanted)
    return Part(bulk_files.write(rows, EXPORTED, with_heading=after is None), further)


def _json(
    unit: Unit, caller: Caller, after: str | None, here: AtFirm, wanted: MembersWanted
) -> Part:
    """One document, whose list goes on from part to part."""
    rows, further = _exported(unit, caller, after, here, wanted)
    listed = ",".join(json.dumps({k: v or None for k, v in row.items()}) for row in rows)
    start = '{"members":[' if after is None else "," if listed else ""
    return Part(f"{start}{listed}{'' if further else ']}'}", further)


def _exported(
    unit: Unit, caller: Caller, after: str | None, here: AtFirm, wanted: MembersWanted
) -> tuple[list[Mapping[str, str]], str | None]:
    authority = here.enter(unit, caller, None)
    found = members.listed(unit, authority, replace(wanted, after=after), PART)
    rows = [exported(one) for one in found]
    return rows, members.cursor_of(wanted, found[-1]) if len(found) == PART else None


def exported(one: Member) -> Mapping[str, str]:
    """A member as a line of a file."""
    seen = shown.member(one).model_dump(mode="json")
    return {name: seen[name] or "" for name in EXPORTED}
