"""What an agent may do for a principal: the pair's bounds, and what they leave of the right.

The bounds say at most how much; the principal's right says so anew at each look. Both are read
where they are needed and met here, so nothing has to be carried over when one of them changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pydantic import Field

from signon.courts.registry import Court
from signon.errors import InputError, RefusedError
from signon.filing import cases as case_numbers
from signon.filing.rights.filing_status import EcfStatus, FilingStatus
from signon.filing.roles import ROLES, Permission
from signon.web.json_bodies import Body

NOT_HELD = "permission_not_held"


class BoundsAsked(Body):
    """Within what the agent may file; all of it is replaced."""

    permissions: list[str] | None = Field(None, examples=[["all_documents"]])
    """The categories of documents; null for all that the principal may file."""
    cases: list[str] | None = Field(None, examples=[["26-00017"]])
    """The only cases to file in; null for all of the principal’s."""
    ends_on: date | None = Field(None, examples=["2026-12-31"])
    """The last day, by the court’s calendar; null for no end."""
    may_pay: bool = False
    """Whether the agent may pay fees for the principal on the internet."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The same as a pair keeps it; None is no bound."""

    permissions: tuple[str, ...] | None = None
    cases: tuple[str, ...] | None = None
    ends_on: date | None = None
    may_pay: bool = False

    def narrows(self, before: "Bounds") -> bool:
        """Whether the agent may do less than within those before."""
        return (
            _is_less(self.permissions, before.permissions)
            or _is_less(self.cases, before.cases)
            or (self.ends_on or date.max) < (before.ends_on or date.max)
            or (before.may_pay and not self.may_pay)
        )

    def columns(self) -> "BoundColumns":
        """As a pair's row has them."""
        return BoundColumns(
            _listed(self.permissions), _listed(self.cases), self.ends_on, self.may_pay
        )

    def told(self) -> dict[str, Any]:
        """What the history keeps."""
        day = self.ends_on.isoformat() if self.ends_on else None
        return self.columns()._replace(ends_on=None)._asdict() | {"ends_on": day}


class BoundColumns(NamedTuple):
    """Bounds as columns."""

    permissions: list[str] | None
    cases: list[str] | None
    ends_on: date | None
    may_pay: bool


class Allowed(NamedTuple):
    """What an agent may file for a principal now; `cases` of None: not limited to cases."""

    permissions: tuple[str, ...]
    cases: tuple[str, ...] | None


def allowed(principal: FilingStatus, bounds: Bounds, today: date) -> Allowed | None:
    """What of the principal's right lies within the bounds; None when nothing is left to file.

    `today` is the court's. The right must be in force and of a role that may be a principal.
    """
    if not may_be_principal(principal) or (bounds.ends_on and bounds.ends_on < today):
        return None
    permissions = tuple(
        one.value
        for one in principal.permissions
        if bounds.permissions is None or one in bounds.permissions
    )
    cases = _common(principal.cases, bounds.cases)
    if not permissions or cases == ():
        return None
    return Allowed(permissions, cases)


def may_be_principal(status: FilingStatus) -> bool:
    """Whether somebody may file for whoever stands so at a court."""
    in_force = status.status is EcfStatus.ACTIVE
    return in_force and any(ROLES[role].may_be_principal for role in status.roles)


def checked(asked: BoundsAsked, principal: FilingStatus, court: Court, today: date) -> Bounds:
    """The bounds that a principal may set.

    Raises InputError for what cannot be one, RefusedError (`permission_not_held`) for what the
    principal does not have.
    """
    permissions, cases = asked.permissions, asked.cases
    if permissions is not None:
        _check_permissions(permissions, principal)
    if cases is not None:
        _check_cases(cases, principal, court)
    if asked.ends_on is not None and asked.ends_on < today:
        raise InputError("The last day is over: choose a later one.", field="ends_on")
    return Bounds(
        None if permissions is None else _in_order(permissions),
        None if cases is None else tuple(dict.fromkeys(cases)),
        asked.ends_on,
        asked.may_pay,
    )


def _check_permissions(named: Sequence[str], principal: FilingStatus) -> None:
    if not named:
        raise InputError("Choose at least one kind of documents.", field="permissions")
    unknown = [one for one in named if one not in set(Permission)]
    if unknown:
        raise InputError(f"The kinds are {', '.join(Permission)}.", field="permissions")
    lacking = [one for one in named if one not in principal.permissions]
    if lacking:
        raise RefusedError(
            NOT_HELD, f"You may not file this yourself there: {', '.join(words(lacking))}."
        )


def _check_cases(named: Sequence[str], principal: FilingStatus, court: Court) -> None:
    if not named:
        raise InputError("Name at least one case, or do not limit it to cases.", field="cases")
    if wrong := case_numbers.problem_with(named, court.type):
        raise InputError(f"The {wrong}", field="cases")
    if principal.cases is not None and not set(named) <= set(principal.cases):
        raise RefusedError(NOT_HELD, "You may not file in all of these cases yourself.")


def words(permissions: Sequence[str]) -> list[str]:
    """Kinds of documents for people."""
    return [one.replace("_", " ") for one in permissions]


def _in_order(permissions: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.value for one in Permission if one in permissions)


def _common(held: tuple[str, ...] | None, bound: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if held is None or bound is None:
        return bound if held is None else held
    return tuple(case for case in held if case in bound)


def _is_less(after: Sequence[str] | None, before: Sequence[str] | None) -> bool:
    return after is not None and (before is None or not set(before) <= set(after))


def _listed(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
