"""What the buttons of a filer's page do, and which of them there are as things stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from signon.config import Settings
from signon.db import Unit
from signon.filing.court.desk import Desk
from signon.filing.linking import name_reviews
from signon.filing.rights import role_changes, suspension, unlinking
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import COURT, IMPORT, REVIEW, Right


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a filer is to have; no `cases`: not limited to any."""

    roles: Sequence[str]
    cases: Sequence[str]
    conditions: str

    @classmethod
    def of(cls, right: Right) -> Self:
        """What the filer has."""
        return cls(right.roles, right.cases or (), right.conditions or "")


def possible(right: Right | None) -> set[str]:
    """What there is to do as things stand."""
    if right is None:
        return set()
    found = {"unlink", "roles"}
    if COURT not in right.suspended_by:
        found.add("suspend")
    if {COURT, IMPORT} & set(right.suspended_by):
        found.add("restore")
    if REVIEW in right.pending_for:
        found |= {"accept-link", "reject-link"}
    return found


def give(unit: Unit, desk: Desk, number: str, wanted: Wanted) -> Filer:
    """Replace all three. Raises as `role_changes.change`."""
    return role_changes.change(
        unit,
        desk,
        number,
        roles=wanted.roles,
        cases=list(wanted.cases) or None,
        conditions=wanted.conditions,
    )


def _suspend(unit: Unit, desk: Desk, _settings: Settings, number: str, reason: str) -> Filer:
    return suspension.suspend(unit, desk, number, reason)


def _restore(unit: Unit, desk: Desk, _settings: Settings, number: str, _reason: str) -> Filer:
    return suspension.restore(unit, desk, number)


def _accept(unit: Unit, desk: Desk, settings: Settings, number: str, _reason: str) -> Filer:
    return name_reviews.accept(unit, desk, settings, number)


def _reject(unit: Unit, desk: Desk, _settings: Settings, number: str, reason: str) -> Filer:
    return name_reviews.reject(unit, desk, number, reason)


def _unlink(unit: Unit, desk: Desk, _settings: Settings, number: str, reason: str) -> Filer:
    return unlinking.unlink(unit, desk, number, reason)


ACTS: Mapping[str, Callable[[Unit, Desk, Settings, str, str], Filer]] = {
    "suspend": _suspend,
    "restore": _restore,
    "accept-link": _accept,
    "reject-link": _reject,
    "unlink": _unlink,
}
"""By the last part of their addresses; the last argument is the reason."""
