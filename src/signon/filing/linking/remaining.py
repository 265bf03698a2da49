"""What stays of a right when a login that was folded into it is taken out again."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from signon.db import Unit
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin, LoginStatus
from signon.filing.models import folded_logins
from signon.filing.rights import rights
from signon.filing.rights.rights import Right
from signon.prepared import values

Step = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A change of a right: what it changed, before and after."""


def without(unit: Unit, right: Right, login: LegacyLogin) -> dict[str, Any]:
    """The right's values without what came with the login, or by a list's word of it since, and is
    no other login's.
    """
    since = _since(unit, right, login.login)
    before, after = since[-1] if since else ({}, {})
    had = _as_then(since, right)
    others = _others(unit, right)
    gone = {*after.get("roles", ()), *login.roles} - set(had["roles"])
    gone -= {role for each in others for role in each.roles}
    cases = right.cases
    if cases is not None and had["cases"] is not None:
        lost = {*(after.get("cases") or ()), *(login.cases or ())} - set(had["cases"])
        lost -= {case for each in others for case in each.cases or ()}
        cases = tuple(case for case in cases if case not in lost)
    is_as_then = "admission" in after and right.admission == after["admission"]
    return {
        "roles": tuple(role for role in right.roles if role not in gone) or right.roles,
        "cases": cases,
        "admission": before["admission"] if is_as_then else right.admission,
        "other_logins": tuple(each for each in right.other_logins if each != login.login),
    }


def _since(unit: Unit, right: Right, login: str) -> list[Step]:
    """The right's changes, before and after, back to the one by which the login came to it."""
    found = []
    for each in rights.history(unit, right.account_id, right.court_id):
        if each["right_id"] != right.id:
            continue
        before, after = each["before"] or {}, each["after"] or {}
        found.append((before, after))
        if login in set(after.get("other_logins") or ()) - set(before.get("other_logins") or ()):
            return found
    return []


def _as_then(since: Sequence[Step], right: Right) -> dict[str, Any]:
    """Roles and cases before all those changes: each names only what it changed."""
    found: dict[str, Any] = {"roles": right.roles, "cases": right.cases}
    for before, _after in since:
        found |= {name: before[name] for name in found if name in before}
    return found


def _others(unit: Unit, right: Right) -> list[LegacyLogin]:
    """The logins that the right still has: the first, and of the further ones those in force."""
    first = right.legacy_login_id and legacy_logins.by_id(unit, right.legacy_login_id)
    further = [legacy_logins.by_id(unit, each) for each in _folded(unit, right.id)]
    active = [each for each in further if each and each.status is LoginStatus.ACTIVE]
    return [first, *active] if first else active


@values
def _folded(right_id: str) -> Select[str]:
    accepted = folded_logins.c.accepted_at.is_not(None)
    return select(folded_logins.c.legacy_login_id).where(
        folded_logins.c.right_id == right_id, accepted
    )
