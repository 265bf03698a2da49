"""A firm's administrators, cost centres, rule for client codes and activity, for programs."""

from signon.accounts import directory as accounts
from signon.db import Unit
from signon.firms import (
    access,
    activity,
    administrators,
    client_codes,
    cost_centers,
    shown,
    shown_settings,
)
from signon.firms.access import READ, SETTINGS, Authority
from signon.firms.member_calls import AT_FIRM
from signon.tokens.api import DONE, Answer, Call, Caller, Operation, Rendered
from signon.web import preconditions
from signon.web.json_bodies import Body
from signon.web.paging import place_of

ADMINISTRATORS = f"{AT_FIRM}/administrators"
CENTERS = f"{AT_FIRM}/cost-centers"
CENTER = f"{CENTERS}/{{code}}"
POLICY = f"{AT_FIRM}/client-code-policy"
ACTIVITY = f"{AT_FIRM}/activity"


class CostCenterBody(Body):
    """A code without spaces, and a name for people."""

    code: str
    name: str


class ClientCodePolicy(Body):
    """`pattern`: # a digit, A a letter, ? any character, * the rest; null takes every code."""

    required: bool
    pattern: str | None


class SettingCalls:
    """What a firm decides for all of its members, and who decides it."""

    def operations(self) -> list[Operation]:
        """Each with the scopes that open it."""
        return [
            Operation("GET", ADMINISTRATORS, self.list_firm_administrators, READ,
                      "Administrators; one is added by an invitation of kind administrator",
                      answer=shown_settings.FirmAdministrators),
            Operation("DELETE", f"{ADMINISTRATORS}/{{account_number}}",
                      self.remove_firm_administrator, SETTINGS,
                      "Take an administrator off the list; the last one stays", status=204,
                      changes_versions=True),
            Operation("POST", f"{ADMINISTRATORS}/own-sign-in", self.restore_firm_own_sign_in,
                      SETTINGS, "Put the firm's own sign-in back on the list",
                      answer=shown_settings.FirmAdministrators),
            Operation("GET", CENTERS, self.list_firm_cost_centers, READ, "Cost centres",
                      answer=shown_settings.FirmCostCenters),
            Operation("POST", CENTERS, self.add_firm_cost_center, SETTINGS, "A new cost centre",
                      body=CostCenterBody, answer=shown_settings.FirmCostCenter, status=201),
            Operation("GET", CENTER, self.read_firm_cost_center, READ, "A cost centre",
                      answer=shown_settings.FirmCostCenter),
            Operation("PUT", CENTER, self.change_firm_cost_center, SETTINGS,
                      "Change its code or name", body=CostCenterBody,
                      answer=shown_settings.FirmCostCenter, changes_versions=True),
            Operation("DELETE", CENTER, self.remove_firm_cost_center, SETTINGS,
                      "Remove an empty one", status=204, changes_versions=True),
            Operation("GET", POLICY, self.read_firm_client_code_policy, READ,
                      "The rule for members' client codes", answer=shown.ClientCodePolicySeen),
            Operation("PUT", POLICY, self.change_firm_client_code_policy, SETTINGS,
                      "Set the rule; it overrides the members' own", body=ClientCodePolicy,
                      answer=shown.ClientCodePolicySeen, changes_versions=True),
            Operation("GET", ACTIVITY, self.list_firm_activity, READ,
                      "What happened, newest first; `about` one number, address, code or program",
                      answer=shown_settings.FirmActivity, query=("about",), is_paged=True),
        ]  # fmt: skip

    async def list_firm_administrators(self, call: Call) -> Rendered:
        """All of them."""
        return await call.read(_administrators, call)

    async def remove_firm_administrator(self, call: Call) -> Rendered:
        """One less."""
        return await call.write(_remove_administrator, call)

    async def restore_firm_own_sign_in(self, call: Call) -> Rendered:
        """The firm's own account manages it again."""
        return await call.write(_restore_own_sign_in, call)

    async def list_firm_cost_centers(self, call: Call) -> Rendered:
        """All of them."""
        return await call.read(_centers, call)

    async def add_firm_cost_center(self, call: Call) -> Rendered:
        """One more."""
        return await call.write(_add_center, call, call.body(CostCenterBody))

    async def read_firm_cost_center(self, call: Call) -> Rendered:
        """One of them."""
        return await call.read(_center, call)

    async def change_firm_cost_center(self, call: Call) -> Rendered:
        """Another name."""
        return await call.write(_change_center, call, call.body(CostCenterBody))

    async def remove_firm_cost_center(self, call: Call) -> Rendered:
        """One less."""
        return await call.write(_remove_center, call)

    async def read_firm_client_code_policy(self, call: Call) -> Rendered:
        """The rule."""
        return await call.read(_policy, call)

    async def change_firm_client_code_policy(self, call: Call) -> Rendered:
        """Another rule."""
        return await call.write(_change_policy, call, call.body(ClientCodePolicy))

    async def list_firm_activity(self, call: Call) -> Rendered:
        """A page of it."""
        return await call.read(_activity, call)


def _authority(unit: Unit, caller: Caller, call: Call, *, locked: bool = False) -> Authority:
    return access.of_caller(
        unit, caller, call.path_params["firm"], origin=call.origin, locked=locked
    )


def _administrators(unit: Unit, caller: Caller, call: Call) -> Answer:
    found = administrators.listed(unit, _authority(unit, caller, call))
    return Answer(shown_settings.administrator_list(found), etag=administrators.version(found))


def _remove_administrator(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = _authority(unit, caller, call, locked=True)
    authority.require_person()
    if call.if_match is not None:
        there = administrators.version(administrators.listed(unit, authority))
        preconditions.require_match(call.if_match, there)
    administrators.remove(unit, authority, call.path_params["account_number"])
    return DONE


def _restore_own_sign_in(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = _authority(unit, caller, call, locked=True)
    authority.require_person()
    own = accounts.by_id(unit, authority.firm.id)
    assert own is not None
    administrators.restore_own_sign_in(unit, authority, own)
    return _administrators(unit, caller, call)


def _centers(unit: Unit, caller: Caller, call: Call) -> Answer:
    found = cost_centers.listed(unit, _authority(unit, caller, call))
    listed = [shown_settings.cost_center(one) for one in found]
    return Answer(shown_settings.FirmCostCenters(cost_centers=listed))


def _add_center(unit: Unit, caller: Caller, call: Call, wanted: CostCenterBody) -> Answer:
    authority = _authority(unit, caller, call, locked=True)
    made = cost_centers.add(unit, authority, wanted.code, wanted.name)
    location = f"/api/v1/firms/{authority.firm.number}/cost-centers/{made.code}"
    return Answer(
        shown_settings.cost_center(made), status=201, etag=made.version, location=location
    )


def _center(unit: Unit, caller: Caller, call: Call) -> Answer:
    found = cost_centers.one(unit, _authority(unit, caller, call), call.path_params["code"])
    return Answer(shown_settings.cost_center(found), etag=found.version)


def _change_center(unit: Unit, caller: Caller, call: Call, wanted: CostCenterBody) -> Answer:
    authority = _authority(unit, caller, call, locked=True)
    before = cost_centers.one(unit, authority, call.path_params["code"], locked=True)
    preconditions.require_match(call.if_match, before.version)
    after = cost_centers.change(unit, authority, before, wanted.code, wanted.name)
    return Answer(shown_settings.cost_center(after), etag=after.version)


def _remove_center(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = _authority(unit, caller, call, locked=True)
    before = cost_centers.one(unit, authority, call.path_params["code"], locked=True)
    preconditions.require_match(call.if_match, before.version)
    cost_centers.remove(unit, authority, before)
    return DONE


def _policy(unit: Unit, caller: Caller, call: Call) -> Answer:
    firm = _authority(unit, caller, call).firm
    seen = shown.ClientCodePolicySeen(
        required=firm.client_code_required, pattern=firm.client_code_pattern
    )
    return Answer(seen, etag=firm.version)


def _change_policy(unit: Unit, caller: Caller, call: Call, wanted: ClientCodePolicy) -> Answer:
    authority = _authority(unit, caller, call, locked=True)
    preconditions.require_match(call.if_match, authority.firm.version)
    client_codes.change_rule(
        unit, authority, is_required=wanted.required, pattern=wanted.pattern or ""
    )
    return _policy(unit, caller, call)


def _activity(unit: Unit, caller: Caller, call: Call) -> Answer:
    rows = activity.listed(
        unit,
        _authority(unit, caller, call),
        about=call.query.text("about") or None,
        after=call.page.place,
        limit=call.page.look_ahead,
    )
    found, cursor = call.page.cut(rows, lambda one: place_of(one.at, one.id))
    return Answer(
        shown_settings.FirmActivity(activity=[shown_settings.change(one) for one in found]),
        next_cursor=cursor,
    )
