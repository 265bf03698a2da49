"""`/api/v1/firms/{firm}` and its members, for programs."""

import json
from collections.abc import Mapping

from signon.accounts.models import SearchStatus
from signon.db import Unit
from signon.firms import access, bulk, bulk_files, figures, members, parting, shown
from signon.firms.access import MEMBERS, READ
from signon.firms.bulk import Mode
from signon.firms.entries import checked_remark
from signon.firms.members import Order, Wanted
from signon.tokens.api import DONE, Answer, Call, Caller, Operation, Part, Rendered, Streamed
from signon.web import preconditions
from signon.web.json_bodies import Body
from signon.web.parameters import Parameters
from signon.web.problems import invalid

AT_FIRM = "/firms/{firm}"
AT = f"{AT_FIRM}/members"
ONE = f"{AT}/{{account_number}}"
FILTERS = ("q", "search_status", "cost_center", "sort")
EXPORTED = ("account_number", "account_type", "first_name", "middle_name", "last_name",
            "search_status", "cost_center", "joined_at")  # fmt: skip
PART = 1000
"""Members in a part of an export."""


class MemberPatch(Body):
    """`cost_center` is a code; null takes the member out of every one."""

    cost_center: str | None


class Removal(Body):
    """Why; both sides read it."""

    remark: str


class Removals(Body):
    """Whom to remove, and why."""

    remark: str
    account_numbers: list[str]


class MemberCalls:
    """The firm itself, and who belongs to it."""

    def operations(self) -> list[Operation]:
        """Each with the scopes that open it."""
        return [
            Operation("GET", AT_FIRM, self.read_firm, READ, "A firm in figures",
                      answer=shown.FirmSeen),
            Operation("GET", AT, self.list_firm_members, READ,
                      "Members; `q` is the beginning of a number or of “last name, first name”",
                      answer=shown.FirmMembers, query=FILTERS, is_paged=True),
            Operation("GET", f"{AT}/export", self.export_firm_members, READ,
                      "All members, as JSON or with format=csv as CSV",
                      answer=shown.FirmMembers, query=(*FILTERS, "format"), gives_csv=True),
            Operation("POST", f"{AT}/removals", self.remove_firm_members, MEMBERS,
                      "Remove many members; CSV takes the heading account_number and the "
                      "parameter remark", body=Removals, answer=shown.BulkOutcome,
                      query=("mode", "remark"), takes_csv=True),
            Operation("GET", ONE, self.read_firm_member, READ, "A member",
                      answer=shown.FirmMember),
            Operation("PATCH", ONE, self.change_firm_member, MEMBERS,
                      "Put a member into a cost centre", body=MemberPatch,
                      answer=shown.FirmMember, changes_versions=True),
            Operation("POST", f"{ONE}/remove", self.remove_firm_member, MEMBERS,
                      "Remove a member; both sides are mailed", body=Removal, status=204,
                      changes_versions=True),
        ]  # fmt: skip

    async def read_firm(self, call: Call) -> Rendered:
        """The firm."""
        return await call.read(_firm, call)

    async def list_firm_members(self, call: Call) -> Rendered:
        """A page of them."""
        return await call.read(_list, call, wanted_by(call.query, call.page.after))

    async def export_firm_members(self, call: Call) -> Streamed:
        """All of them, streamed."""
        wanted = wanted_by(call.query, None)
        match call.query.get("format") or "json":
            case "csv":
                return await call.stream(_csv, "text/csv", call, wanted)
            case "json":
                return await call.stream(_json, "application/json", call, wanted)
            case _:
                raise invalid(("format", "There are json and csv."))

    async def read_firm_member(self, call: Call) -> Rendered:
        """One of them."""
        return await call.read(_one, call)

    async def change_firm_member(self, call: Call) -> Rendered:
        """What the firm may change of a member."""
        return await call.write(_change, call, call.body(MemberPatch))

    async def remove_firm_member(self, call: Call) -> Rendered:
        """Let one go."""
        return await call.write(_remove, call, call.body(Removal).remark)

    async def remove_firm_members(self, call: Call) -> Rendered:
        """Let many go."""
        wanted = _removals(call)
        return await call.write(_remove_many, call, wanted, mode_of(call.query))


def wanted_by(query: Parameters, after: str | None) -> Wanted:
    """What a query asks for. Raises ApiError (422)."""
    status, order = query.get("search_status"), query.get("sort")
    if status is not None and status not in set(SearchStatus):
        raise invalid(("search_status", "There are active and inactive."))
    if order is not None and order not in set(Order):
        raise invalid(("sort", f"There are {', '.join(Order)}."))
    return Wanted(
        q=query.text("q"),
        search_status=SearchStatus(status) if status else None,
        cost_center=query.text("cost_center") or None,
        order=Order(order) if order else Order.NAME,
        after=after,
    )


def mode_of(query: Parameters) -> Mode:
    """All or nothing, unless something else is asked for. Raises ApiError (422)."""
    mode = query.get("mode") or Mode.ALL
    if mode not in set(Mode):
        raise invalid(("mode", f"There are {', '.join(Mode)}."))
    return Mode(mode)


def _firm(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = access.of_caller(unit, caller, call.path_params["firm"])
    seen = shown.firm(authority.firm, figures.of(unit, authority))
    return Answer(seen, etag=authority.firm.version)


def _list(unit: Unit, caller: Caller, call: Call, wanted: Wanted) -> Answer:
    authority = access.of_caller(unit, caller, call.path_params["firm"])
    rows = members.listed(unit, authority, wanted, call.page.look_ahead)
    found, cursor = call.page.cut(rows, lambda one: members.cursor_of(wanted, one))
    return Answer(
        shown.FirmMembers(members=[shown.member(one) for one in found]), next_cursor=cursor
    )


def _one(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = access.of_caller(unit, caller, call.path_params["firm"])
    found = members.one(unit, authority, call.path_params["account_number"])
    return Answer(shown.member(found), etag=found.version)


def _change(unit: Unit, caller: Caller, call: Call, wanted: MemberPatch) -> Answer:
    authority = access.of_caller(
        unit, caller, call.path_params["firm"], origin=call.origin, locked=True
    )
    number = call.path_params["account_number"]
    before = members.one(unit, authority, number)
    preconditions.require_match(call.if_match, before.version)
    members.assign(unit, authority, number, wanted.cost_center, before=before)
    after = members.one(unit, authority, number)
    return Answer(shown.member(after), etag=after.version)


def _remove(unit: Unit, caller: Caller, call: Call, remark: str) -> Answer:
    authority = access.of_caller(
        unit, caller, call.path_params["firm"], origin=call.origin, locked=True
    )
    number = call.path_params["account_number"]
    if call.if_match is not None:
        preconditions.require_match(call.if_match, members.one(unit, authority, number).version)
    parting.remove(unit, authority, number, remark)
    return DONE


def _remove_many(unit: Unit, caller: Caller, call: Call, wanted: Removals, mode: Mode) -> Answer:
    # one at a time, or two that name the same people could wait for each other
    authority = access.of_caller(
        unit, caller, call.path_params["firm"], origin=call.origin, locked=True
    )
    remark = checked_remark(wanted.remark)
    done = bulk.remove(unit, authority, wanted.account_numbers, remark, mode)
    return Answer(shown.outcome(done))


def _removals(call: Call) -> Removals:
    if call.is_csv:
        lines = bulk_files.read(call.text, ["account_number"], [])
        numbers = [line["account_number"] for line in lines]
        return Removals(remark=call.query.text("remark"), account_numbers=numbers)
    wanted = call.body(Removals)
    bulk_files.check_count(len(wanted.account_numbers))
    return wanted


def _csv(unit: Unit, caller: Caller, after: str | None, call: Call, wanted: Wanted) -> Part:
    rows, further = _exported(unit, caller, after, call, wanted)
    return Part(bulk_files.write(rows, EXPORTED, with_heading=after is None), further)


def _json(unit: Unit, caller: Caller, after: str | None, call: Call, wanted: Wanted) -> Part:
    """One document, whose list goes on from part to part."""
    rows, further = _exported(unit, caller, after, call, wanted)
    listed = ",".join(json.dumps({k: v or None for k, v in row.items()}) for row in rows)
    start = '{"members":[' if after is None else "," if listed else ""
    return Part(f"{start}{listed}{'' if further else ']}'}", further)


def _exported(
    unit: Unit, caller: Caller, after: str | None, call: Call, wanted: Wanted
) -> tuple[list[Mapping[str, str]], str | None]:
    authority = access.of_caller(unit, caller, call.path_params["firm"])
    here = Wanted(wanted.q, wanted.search_status, wanted.cost_center, wanted.order, after)
    found = members.listed(unit, authority, here, PART)
    rows = [exported(one) for one in found]
    return rows, members.cursor_of(wanted, found[-1]) if len(found) == PART else None


def exported(one: members.Member) -> Mapping[str, str]:
    """A member as a line of a file."""
    seen = shown.member(one).model_dump(mode="json")
    return {name: seen[name] or "" for name in EXPORTED}
