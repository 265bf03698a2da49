"""The base of the REST scopes `firm:…`: every call is somebody's who may act for one firm.

Callers are the firm's own program, its administrators, and operators with `admin`; every other
firm is answered like one that does not exist (`access.of_caller`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

from fastapi import APIRouter
from starlette.responses import Response

from signon.db import Unit
from signon.firms import access
from signon.firms.access import Authority
from signon.rest import Answer, Call, Caller, router
from signon.rest.declared import refusals

AT = "/firms/{firm}"
P = ParamSpec("P")
FirmRule = Callable[Concatenate[Unit, Authority, P], Answer]


CLOSED = refusals("firm_closed", "firm_not_upgraded", status=403)
"""Every call of a firm that nobody can manage now."""
IN_PERSON = refusals("administrator_needed", status=403)
"""Calls that a program of the firm may not make."""


def firm_router(scopes: tuple[str, ...]) -> APIRouter:
    """The operations that any one of these scopes opens."""
    return router("Firms", *scopes, refused=CLOSED)


@dataclass(frozen=True, slots=True)
class AtFirm:
    """Runs rules for a firm; they are given the authority of whoever calls."""

    call: Call
    number: str

    async def read(self, rule: FirmRule[P], /, *args: P.args, **kwargs: P.kwargs) -> Response:
        """Run a rule that changes nothing."""

        def for_firm(unit: Unit, caller: Caller) -> Answer:
            return rule(unit, self.authority(unit, caller), *args, **kwargs)

        return await self.call.read(for_firm)

    async def write(self, rule: FirmRule[P], /, *args: P.args, **kwargs: P.kwargs) -> Response:
        """Run a rule and commit."""

        def for_firm(unit: Unit, caller: Caller) -> Answer:
            return rule(unit, self.authority(unit, caller), *args, **kwargs)

        return await self.call.write(for_firm)

    async def write_locked(
        self, rule: FirmRule[P], /, *args: P.args, **kwargs: P.kwargs
    ) -> Response:
        """The same, one call of a firm at a time."""

        def for_firm(unit: Unit, caller: Caller) -> Answer:
            return rule(unit, self.authority(unit, caller, locked=True), *args, **kwargs)

        return await self.call.write(for_firm)

    def authority(self, unit: Unit, caller: Caller, *, locked: bool = False) -> Authority:
        """The caller's, proved in this unit. Raises as `access.of_caller` does."""
        source = self.call.source
        return access.of_caller(unit, caller, self.number, source=source, locked=locked)


def at(call: Call, number: str) -> AtFirm:
    """Where the call's rules run."""
    return AtFirm(call, number)
