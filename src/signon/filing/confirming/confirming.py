"""A second member of the staff confirms what a colleague asked for: the act's own rule runs now.

Nothing is taken over from when it was asked but what was wanted: the rule looks at everything
anew, at the desk of whoever confirms, and what was replaced must be what the colleague saw.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from signon.accounts import directory
from signon.courts import staff
from signon.courts.staff import StaffRole
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import policy_desk, requests, staffing
from signon.filing.court.desk import Desk
from signon.filing.court.requests import Request
from signon.filing.court.second_member import Kind
from signon.filing.registrations import deciding
from signon.filing.registrations.deciding import Grant
from signon.filing.rights import filers, role_changes
from signon.filing.rights.role_changes import GivenRoles
from signon.filing.roles import Admission
from signon.web.acts import Act

CHANGED, SEND_THE_FILE = "changed_since_asked", "send_the_file"


def confirm(unit: Unit, desk: Desk, request_id: str) -> Request:
    """Do it. Raises as `requests.spend` and the act's own rule do, NotFoundError, RefusedError
    (`changed_since_asked`; `send_the_file`: an import is confirmed by sending it once more).
    """
    one = requests.found(unit, desk, request_id)
    asker = requests.spend(unit, desk, one)
    _ACTS[one.kind](unit, replace(desk, asked_by=asker.id), one.asked)
    return requests.found(unit, desk, request_id)


CONFIRM = Act("confirm", confirm, done="The request is confirmed, and what it asked for is done.")
"""Which power it takes, the request says."""


def _roles(unit: Unit, desk: Desk, asked: Mapping[str, Any]) -> None:
    number = asked["account_number"]
    _require_same(filers.held(unit, desk, number).version, asked["before"])
    given = {name: asked[name] for name in ("roles", "cases", "conditions")}
    role_changes.change(unit, desk, number, GivenRoles(**given))


def _approve(unit: Unit, desk: Desk, asked: Mapping[str, Any]) -> None:
    grant = Grant(
        asked["roles"],
        asked["cases"] or (),
        Admission(asked["admission"]) if asked["admission"] else None,
        asked["conditions"] or "",
        asked["message"],
        # asked for before there were any: none
        asked.get("last_day") or "",
    )
    deciding.approve(unit, desk, asked["registration"], grant, version=asked["version"])


def _give_staff(unit: Unit, desk: Desk, asked: Mapping[str, Any]) -> None:
    # by the number, which nobody else ever gets; a username may be another's by now
    account = directory.by_number(unit, asked["account_number"])
    assert account is not None
    staffing.hold(unit, desk)
    _require_same(staff.role_of(unit, desk.court.id, account.id), asked["before"])
    staffing.give(unit, desk, account.username, StaffRole(asked["role"]))


def _change_policy(unit: Unit, desk: Desk, asked: Mapping[str, Any]) -> None:
    policy_desk.hold(unit, desk)
    now = policy_desk.current(unit, desk).policy
    for name, (was, _) in asked["changes"].items():
        _require_same(getattr(now, name), was)
    policy_desk.change(unit, desk, {name: to or "" for name, (_, to) in asked["changes"].items()})


def _import(_unit: Unit, _desk: Desk, _asked: Mapping[str, Any]) -> None:
    raise RefusedError(
        SEND_THE_FILE,
        "The file is not kept here, because hashes of passwords are in it: send the same file "
        "yourself, and that confirms it.",
    )


def _require_same(now: str | None, then: str | None) -> None:
    if now != then:
        raise RefusedError(
            CHANGED,
            "What this request would replace was changed since it was asked for, so nothing was "
            "done: withdraw it and ask anew.",
        )


_ACTS: Mapping[Kind, Callable[[Unit, Desk, Mapping[str, Any]], None]] = {
    Kind.ROLES: _roles,
    Kind.APPROVAL: _approve,
    Kind.STAFF: _give_staff,
    Kind.POLICY: _change_policy,
    Kind.IMPORT: _import,
}
