"""What the REST scope `court` sends and answers about filers, as models."""

from datetime import datetime
from typing import Any

from pydantic import Field

from signon.accounts.models import AccountStatus
from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import LineState
from signon.filing.rights.filers import Filer
from signon.filing.roles import permissions_of
from signon.web.json_bodies import Body, Shown


class CourtFiler(Shown):
    """A filer and the right; `status` is the right's own, whatever else stands in the way.

    `cases` of null: not limited to cases. `pending_for`: `certification`, `review`.
    `suspended_by`: `court`, `import`, `certification`.
    """

    account_number: str
    sub: str
    name: str
    email: str
    account_status: AccountStatus
    second_factor: bool
    login: str | None
    status: str
    roles: list[str]
    admission: str | None
    permissions: list[str]
    cases: list[str] | None
    conditions: str | None
    pending_for: list[str]
    suspended_by: list[str]
    suspension_reason: str | None
    since: datetime


class CourtFilers(Shown):
    """A page of filers, newest right first."""

    filers: list[CourtFiler]


class FilerLine(Shown):
    """One line of the checklist."""

    name: str
    state: LineState
    sentence: str
    next_step: str | None


class FilerReadiness(Shown):
    """What stands between a filer and filing here: the same list as the filer's own."""

    account_number: str
    ready: bool
    status: str
    lines: list[FilerLine]


class RightChange(Shown):
    """One change of a right; `before` is null for its beginning."""

    event_id: str
    right_id: str
    at: datetime
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class RightHistory(Shown):
    """Newest first, with rights that have ended."""

    changes: list[RightChange]


class CourtReason(Body):
    """Why; the filer is shown it."""

    reason: str = Field(
        description="A sentence for the filer.", examples=["Certificate of good standing missing."]
    )


class GivenRoles(Body):
    """What the filer is to have; all of it is replaced."""

    roles: list[str] = Field(
        description="The filing roles; docs/roles.md says which a court may give.",
        examples=[["attorney"]],
    )
    cases: list[str] | None = Field(
        None,
        description="The only cases to file in; null when the right is not limited to cases.",
        examples=[["3:26-cv-00017"]],
    )
    conditions: str | None = Field(
        None,
        description="What the court says beside it; the filer is shown it.",
        examples=["Pro hac vice, with local counsel."],
    )


def readiness(number: str, found: Readiness) -> FilerReadiness:
    """The checklist for the help desk."""
    lines = [
        FilerLine(
            name=line.name,
            state=line.state,
            sentence=line.sentence,
            next_step=line.next_step or None,
        )
        for line in found.lines
    ]
    return FilerReadiness(
        account_number=number, ready=found.is_ready, status=found.status.value, lines=lines
    )


def filer(filer: Filer) -> CourtFiler:
    """A filer as programs read it."""
    account, right = filer.account, filer.right
    return CourtFiler(
        account_number=account.number,
        sub=account.id,
        name=account.display_name,
        email=account.email,
        account_status=account.status,
        second_factor=account.has_factor,
        login=right.login,
        status=right.status.value,
        roles=list(right.roles),
        admission=right.admission,
        permissions=[one.value for one in permissions_of(right.roles)] if right.is_in_force else [],
        cases=None if right.cases is None else list(right.cases),
        conditions=right.conditions,
        pending_for=list(right.pending_for),
        suspended_by=list(right.suspended_by),
        suspension_reason=right.suspension_reason,
        since=right.created_at,
    )
