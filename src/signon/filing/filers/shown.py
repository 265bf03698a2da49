"""What the REST scope `court` sends and answers about filers, as models."""

from datetime import date
from typing import Any

from pydantic import Field

from signon.accounts.models import AccountStatus
from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import LineState
from signon.filing.rights.filers import Filer
from signon.filing.roles import Admission, permissions_of
from signon.rest.values import (
    AttorneyAdmission,
    CaseNumbers,
    Day,
    EcfStatus,
    Email,
    Id,
    Number,
    RoleNames,
    Sub,
    When,
)
from signon.web.json_bodies import Body, Shown


class CourtFiler(Shown):
    """A filer and the right."""

    account_number: Number
    sub: Sub
    name: str
    """The filer’s name for people."""
    email: Email
    """Address that mails of the service go to."""
    account_status: AccountStatus
    """Whether the filer’s account may be used at all; the court does not decide it."""
    second_factor: bool
    """Whether the account has a second factor."""
    login: str | None
    """Linked CM/ECF login, the court’s old key for this person; null for whoever registered without
    one.
    """
    other_logins: list[str]
    """Further logins of this person that were folded into the right."""
    status: str
    """State of the right itself, whatever else stands in the way: `active`, `pending` or
    `suspended`.
    """
    roles: RoleNames
    """Filing roles that the court gave (docs/roles.md lists them), in force or not."""
    admission: AttorneyAdmission
    last_day: Day | None
    """Day through which the right holds, by the court’s calendar; null when it does not end by
    itself.
    """
    permissions: list[str]
    """Categories of documents that the roles open; empty unless the right is in force."""
    cases: CaseNumbers | None
    """The only cases to file in, by their numbers; null when the right is not limited to cases."""
    conditions: str | None
    """What the court says beside the right; the filer is shown it. Null when it says nothing."""
    pending_for: list[str]
    """What the right waits for: `certification` is a training certificate, `review` the court’s
    look at a link under another name.
    """
    suspended_by: list[str]
    """What suspends it: `court` is its staff, `import` its list of logins, `certification` a
    certificate that ended, `last_day` a last day that is over. All must be gone.
    """
    suspension_reason: str | None
    """What the filer was told when staff suspended the right; null when they did not."""
    since: When
    """When the right was made."""


class CourtFilers(Shown):
    """A page of filers, newest right first."""

    filers: list[CourtFiler]
    """Filers of this page, newest right first."""


class FilerLine(Shown):
    """One line of the checklist."""

    name: str
    """Which condition it is: stable, to be compared by programs."""
    state: LineState
    """How it stands; `met` and `advice` stand in nobody’s way."""
    sentence: str
    """The same in a sentence, as the filer reads it."""
    next_step: str | None
    """What the filer can do next; null when there is nothing to do."""


class FilerReadiness(Shown):
    """What stands between a filer and filing here: the same list as the filer's own."""

    account_number: Number
    ready: bool
    """Whether the filer can file here now."""
    status: EcfStatus
    lines: list[FilerLine]
    """The checklist, in the order in which it is worked off."""


class RightChange(Shown):
    """One change of a right."""

    event_id: Id
    """Id of the event in the audit trail."""
    right_id: Id
    """Id of the right; one that was made after another had ended has its own."""
    at: When
    """When it was changed."""
    before: dict[str, Any] | None
    """What the right said before, by field; null for its beginning."""
    after: dict[str, Any] | None
    """What the right said afterwards, by field; null when it said nothing."""


class RightHistory(Shown):
    """Newest first, with rights that have ended."""

    changes: list[RightChange]
    """Every change, newest first, of rights that have ended too."""


class CourtTerms(Body):
    """How an attorney is admitted, and the right's last day."""

    admission: Admission | None = None
    """`full` or `federal_attorney`; null leaves it as it is. `pro_hac_vice` comes with a limit to
    cases alone.
    """
    last_day: date | None = Field(None, examples=["2026-12-31"])
    """Day through which the right holds, by the court’s calendar; null when it is not to end by
    itself.
    """


class CourtReason(Body):
    """Why; the filer is shown it."""

    reason: str = Field(examples=["Certificate of good standing missing."])
    """A sentence for the filer."""


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
        other_logins=list(right.other_logins),
        admission=right.admission,
        last_day=right.last_day,
        permissions=[one.value for one in permissions_of(right.roles)] if right.is_in_force else [],
        cases=None if right.cases is None else list(right.cases),
        conditions=right.conditions,
        pending_for=list(right.pending_for),
        suspended_by=list(right.suspended_by),
        suspension_reason=right.suspension_reason,
        since=right.created_at,
    )
