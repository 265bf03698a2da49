"""A court's desk: who acts for a court, and what each of them may do there.

One table says what the staff's roles, the court's own program and the service's operators may do;
the console and the REST interface both stand on it. To everybody else a court's desk looks like
one that does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from signon.accounts import own_account, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts import staff
from signon.courts.registry import Court, read_one, unknown_court
from signon.courts.staff import StaffRole
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.waiting import NOTHING, Waiting
from signon.signin.session import AAL2, Session
from signon.tokens.bearer import Caller, insufficient_user_authentication
from signon.web.acts import Act
from signon.web.visitor import Source

NOWHERE = Source()
NOT_PERMITTED = "not_permitted"


class Power(StrEnum):
    """What may be done at a desk."""

    READ = "read"
    DECIDE = "decide_registrations"
    FILERS = "change_filers"
    CERTIFY = "certify"
    MAIL_PROOFS = "mail_proofs"
    REMIND = "remind_filers"
    IMPORT = "import_logins"
    POLICY = "change_policy"
    STAFF = "change_staff"
    INVITE = "invite_programs"


WORDS: Mapping[Power, str] = {
    Power.READ: "look at the court’s registrations, filers and certificates",
    Power.DECIDE: "decide registrations",
    Power.FILERS: "change, suspend, restore and end filing rights",
    Power.CERTIFY: "record and withdraw certificates",
    Power.MAIL_PROOFS: "have the proof of a legacy login mailed to its address",
    Power.REMIND: "plan and stop reminders before the go-live",
    Power.IMPORT: "import the court’s legacy logins",
    Power.POLICY: "change the court’s policy",
    Power.STAFF: "add and remove staff",
    Power.INVITE: "let programs of the court register themselves",
}
"""Each in words, to be read after "may"."""

EVERY = frozenset(Power)
CLERK = frozenset(
    {
        *(Power.READ, Power.DECIDE, Power.FILERS, Power.CERTIFY, Power.MAIL_PROOFS),
        Power.REMIND,
    }
)
POWERS: Mapping[StaffRole, frozenset[Power]] = {
    StaffRole.ADMINISTRATOR: EVERY,
    StaffRole.CLERK: CLERK,
    StaffRole.HELP_DESK: frozenset({Power.READ, Power.MAIL_PROOFS}),
    StaffRole.READ_ONLY: frozenset({Power.READ}),
}
"""The court's own program and operators of the service may do what an administrator may."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who acts for a court, now. `actor` is what the audit trail names; `role` and
    `account` are those of staff, `is_operator` of the service's operators. `asked_by`: the account
    of the colleague whose request is confirmed here. `source`: where the request came from.
    `waiting`: what the console's navigation counts.
    """

    court: Court
    actor: str
    powers: frozenset[Power]
    settings: Settings
    role: StaffRole | None = None
    account: Account | None = None
    is_operator: bool = False
    asked_by: str | None = None
    source: Source = NOWHERE
    waiting: Waiting = NOTHING

    def may(self, power: Power) -> bool:
        """Whether the table says so."""
        return power in self.powers

    def require(self, power: Power) -> None:
        """Raises RefusedError."""
        if not self.may(power):
            who = f"Your role here, {self.role.replace('_', ' ')}," if self.role else "You"
            raise RefusedError(NOT_PERMITTED, f"{who} may not {WORDS[power]}.")
        if self.account and power is not Power.READ:
            repudiation.require_unfrozen(self.account)

    def require_another(self, account_id: str, *, reason: str = own_account.OWN) -> None:
        """Raises RefusedError (`reason`): whatever the powers, not for oneself, nor for whoever
        asked.
        """
        own_account.require_another(self.actor, account_id, reason=reason)
        if self.asked_by is not None:
            own_account.require_another(self.asked_by, account_id, reason=reason)

    def is_own_login(self, holder: str | None, email: str) -> bool:
        """Whether a legacy login is that of whoever acts: linked to their account (`holder`), or
        theirs by the address on file.
        """
        if self.account is None:
            return False
        return holder == self.account.id or email.casefold() == self.account.email.casefold()


def power_of(act: Act[Desk, ..., Any] | None) -> Power:
    """What an act takes; to look, and to be let in, READ."""
    return act.needs if act and isinstance(act.needs, Power) else Power.READ


def of_session(
    unit: Unit, session: Session, court_id: str, settings: Settings, source: Source
) -> Desk:
    """The desk of a court for a member of its staff who is signed in with two factors.

    Raises NotFoundError for everybody else, and for a court that there is none of.
    """
    court = read_one(unit, court_id)
    role = staff.role_of(unit, court.id, session.account.id)
    if role is None or session.acr != AAL2:
        raise unknown_court(court_id)
    return Desk(
        court, session.account.id, POWERS[role], settings, role, session.account, source=source
    )


def of_caller(unit: Unit, caller: Caller, court: Court, settings: Settings, source: Source) -> Desk:
    """The desk of a court for the holder of a living token of scope `court` or `admin`.

    Raises NotFoundError for every court that is not the caller's, BearerError for staff who
    signed in with one factor.
    """
    everything = Desk(court, caller.actor, EVERY, settings, account=caller.account, source=source)
    if _is_operator(caller):
        return replace(everything, is_operator=True)
    if caller.court_id != court.id or "court" not in caller.scope:
        raise unknown_court(court.id)
    if caller.account is None:
        return everything
    role = staff.role_of(unit, court.id, caller.account.id)
    if role is None:
        raise unknown_court(court.id)
    if caller.acr != AAL2:
        raise insufficient_user_authentication(AAL2)
    return replace(everything, powers=POWERS[role], role=role)


def note_refusal(unit: Unit, desk: Desk, error: RefusedError, subject: str = "") -> None:
    """A rule refused what somebody wanted at a desk: the trail keeps who, where and why."""
    trail.record(
        unit,
        Event.DESK_REFUSED,
        actor=desk.actor,
        court_id=desk.court.id,
        reason=error.reason,
        source=desk.source,
        **({"subject": subject} if subject else {}),
    )


def _is_operator(caller: Caller) -> bool:
    """The scope may be granted to anybody's program; what it opens is an operator's alone."""
    is_bound = caller.court_id is not None or caller.firm_id is not None
    is_other = caller.account is not None and caller.account.kind is not AccountKind.OPERATOR
    return "admin" in caller.scope and not is_bound and not is_other
