"""What whoever may invite does, at whichever place they sit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from signon.clients import invitations
from signon.clients.invitations import Bounds, Given, Invited
from signon.clients.inviters import Inviter
from signon.db import Unit
from signon.web.acts import Act

Who = TypeVar("Who")
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Inviting(Generic[Who]):
    """Inviting at a place; `inviter` says as whom somebody does so there, `needs` what it takes."""

    inviter: Callable[[Who], Inviter]
    needs: StrEnum | None = None

    def given(self, unit: Unit, who: Who) -> list[Given]:
        """What was given there, newest first."""
        return invitations.given(unit, self.inviter(who))

    def find(self, unit: Unit, who: Who, invitation_id: str) -> Given:
        """One of them. Raises NotFoundError."""
        return invitations.find(unit, self.inviter(who), invitation_id)

    @property
    def invite(self) -> Act[Who, [Bounds, timedelta], Invited]:
        """Raises as `invitations.invite`."""

        def rule(unit: Unit, who: Who, bounds: Bounds, lasts: timedelta) -> Invited:
            return invitations.invite(unit, bounds, lasts=lasts, inviter=self.inviter(who))

        return Act("invite", rule, needs=self.needs)

    @property
    def withdraw(self) -> Act[Who, [str], None]:
        """Raises as `invitations.withdraw`."""

        def rule(unit: Unit, who: Who, invitation_id: str) -> None:
            invitations.withdraw(unit, self.inviter(who), invitation_id)

        return Act(
            WITHDRAWN, rule, needs=self.needs, done="Nobody can use the invitation any more."
        )
