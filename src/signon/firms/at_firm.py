"""The base of the REST scopes `firm:…`: every call is somebody's who may act for one firm.

Callers are the firm's own program, its administrators, and operators with `admin`; every other
firm is answered like one that does not exist (`access.of_caller`).
"""

from fastapi import APIRouter

from signon.db import Unit
from signon.firms import access
from signon.firms.access import Authority
from signon.rest import Call, Caller, router
from signon.rest.at import At, SomeAct
from signon.rest.declared import refusals

AT = "/firms/{firm}"
CLOSED = refusals("firm_closed", "firm_not_upgraded", status=403)
"""Every call of a firm that nobody can manage now."""
IN_PERSON = refusals("administrator_needed", status=403)
"""Calls that a program of the firm may not make."""


def firm_router(scopes: tuple[str, ...]) -> APIRouter:
    """The operations that any one of these scopes opens; somebody who is frozen changes nothing."""
    stopped = {} if scopes == access.READ else refusals("frozen")
    return router("Firms", *scopes, refused=CLOSED | stopped)


class AtFirm(At[Authority]):
    """A call for a firm; its acts are done one at a time."""

    def __init__(self, call: Call, number: str) -> None:
        super().__init__(call)
        self._number = number

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Authority] | None) -> Authority:
        """The caller's authority. Raises as `access.of_caller` does."""
        source, locked = self.call.source, act is not None
        return access.of_caller(unit, caller, self._number, source=source, locked=locked)

    def permit(self, who: Authority, act: SomeAct[Authority] | None) -> None:
        """Raises as `Authority.permit` does."""
        who.permit(act)


def at(call: Call, number: str) -> AtFirm:
    """Where the call's rules run."""
    return AtFirm(call, number)
