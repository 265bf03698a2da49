"""What a court may want two members of its staff for (its policy's `second_staff`).

A rule asks here at its end, when it has found nothing against what is wanted and done it. For
somebody who needs a colleague that is undone again: the desk's door (`Console.write`,
`AtCourt.write`) catches the exception and files a request instead (`court.requests`). When the
colleague confirms it, the same rule runs anew, at the colleague's desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from signon.courts.registry import Court
from signon.courts.staff import StaffRole
from signon.filing.court.desk import POWERS, Desk, Power

ON = "on"


class Kind(StrEnum):
    """What is asked for."""

    ROLES = "filer_roles"
    APPROVAL = "approval"
    STAFF = "staff_role"
    POLICY = "policy"
    IMPORT = "legacy_logins"


NEEDS: Mapping[Kind, Power] = {
    Kind.ROLES: Power.FILERS,
    Kind.APPROVAL: Power.DECIDE,
    Kind.STAFF: Power.STAFF,
    Kind.POLICY: Power.POLICY,
    Kind.IMPORT: Power.IMPORT,
}
"""Whoever asks and whoever confirms has the power for the act."""


@dataclass(frozen=True, slots=True)
class WantedAct:
    """An act; `asked` is all that it takes to do it, as JSON, and how things stood."""

    kind: Kind
    asked: Mapping[str, Any]


class SecondMemberError(Exception):
    """A colleague has to confirm it: the unit of work was rolled back."""

    def __init__(self, wanted: WantedAct) -> None:
        super().__init__(wanted.kind.value)
        self.wanted = wanted


def require(desk: Desk, kind: Kind, asked: Mapping[str, Any]) -> None:
    """Raises SecondMemberError unless whoever acts may do it alone, or confirms it already.

    Operators and the court's own program are none of the staff: they act alone.
    """
    if desk.role is not None and desk.asked_by is None and is_on(desk.court):
        raise SecondMemberError(WantedAct(kind, asked))


def is_on(court: Court) -> bool:
    """Whether the court wants it."""
    return court.policy.second_staff == ON


def may_confirm(role: StaffRole) -> bool:
    """Whether somebody of that role can be the second member for anything."""
    return not POWERS[role].isdisjoint(NEEDS.values())
