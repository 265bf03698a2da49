"""The court's part: approve, return, reject; two clerks at once, and the second is told.

Approval is the only thing that makes a filing right out of a registration. Rights that grow are
no reason to sign anybody out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from signon.accounts import directory
from signon.accounts.directory import Account
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing import cases as case_numbers
from signon.filing import roles as catalogue
from signon.filing.court import second_member
from signon.filing.court.court_policy import offered_roles
from signon.filing.court.desk import Desk, Power
from signon.filing.court.second_member import Kind
from signon.filing.registration_types import REGISTRATION_TYPES
from signon.filing.registrations import conditions, queue, registrations, telling
from signon.filing.registrations.queue import File
from signon.filing.registrations.registrations import WORDS, Registration, State
from signon.filing.rights import (
    filers,
    last_days,
    notice_addresses,
    rights,
    second_factor,
    training,
)
from signon.filing.rights.rights import Right
from signon.filing.roles import Admission, Role, in_order
from signon.web.acts import Act

DECIDED = "decided_meanwhile"
OWN = "own_registration"
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Grant:
    """What an approval gives. `cases` empty: not limited to cases; `admission` of None: as the
    registration's type says; `last_day` as YYYY-MM-DD, or empty for none.
    """

    roles: Sequence[str]
    cases: Sequence[str] = ()
    admission: Admission | None = None
    conditions: str = ""
    message: str = ""
    last_day: str = ""


def suggested(there: Registration) -> Grant:
    """What the applicant asked for, as the form opens."""
    admission = REGISTRATION_TYPES[there.type].admission
    return Grant(there.roles, there.answers.get("cases", ()), admission)


def approve(
    unit: Unit, desk: Desk, registration_id: str, grant: Grant, *, version: int | None = None
) -> File:
    """Make the filing right. Raises NotFoundError, InputError, RefusedError, and
    SecondMemberError for a U.S. Trustee.
    """
    there = _there(unit, desk, registration_id, version)
    account = _applicant(unit, desk, there)
    right = _right(unit, desk, there, grant)
    lacking = training.lacking(unit, desk.court, account.id, right.roles)
    right = replace(right, pending_for=(training.CERTIFICATION,) if lacking else ())
    _move(unit, desk, there, State.APPROVED, decided_at=unit.now)
    _note(unit, desk, there, State.APPROVED, Event.REGISTRATION_APPROVED, grant.message)
    _make(unit, desk, right)
    if right.last_day:
        last_days.note_told(unit, right.id)
    issuer, notices = desk.settings.issuer, there.answers.get("notice_email")
    notice_addresses.begin(unit, account, desk.court, right, notices, issuer=issuer)
    if right.is_in_force:
        second_factor.announce(unit, desk.settings, account)
    telling.approved(
        unit, account, desk.court, right, lacking, issuer=issuer, message=grant.message
    )
    if Role.US_TRUSTEE in right.roles:
        second_member.require(desk, Kind.APPROVAL, _asked(there, account, right, grant))
    return queue.file(unit, desk, there.id)


def return_(
    unit: Unit, desk: Desk, registration_id: str, message: str, *, version: int | None = None
) -> File:
    """Give it back to be corrected, with the reason. Raises as `approve` does.

    One that was approved, too: the right that it gave ends, and a new approval gives another. But
    only for whoever saw that it was: the `version` must be the approved one's.
    """
    there = registrations.at_court(unit, desk.court.id, registration_id)
    if there.state is State.APPROVED and version == there.version:
        return _take_back(unit, desk, there, message)
    return _give_back(
        unit, desk, registration_id, message, version, State.RETURNED, Event.REGISTRATION_RETURNED
    )


def give_back(unit: Unit, desk: Desk, registration_id: str, message: str) -> File:
    """Return one that was approved, whatever its version: its right ends.

    Raises as `return_` does, and RefusedError (`DECIDED`) for any other.
    """
    there = registrations.at_court(unit, desk.court.id, registration_id)
    if there.state is not State.APPROVED:
        raise _beaten(unit, desk, there)
    return _take_back(unit, desk, there, message)


def reject(
    unit: Unit, desk: Desk, registration_id: str, message: str, *, version: int | None = None
) -> File:
    """Refuse it for good, with the reason. Raises as `approve` does."""
    return _give_back(
        unit, desk, registration_id, message, version, State.REJECTED, Event.REGISTRATION_REJECTED
    )


APPROVE = Act(
    "approve",
    approve,
    needs=Power.DECIDE,
    done="The registration is approved, and the applicant is told by mail.",
)
RETURN = Act(
    "return",
    return_,
    needs=Power.DECIDE,
    done="The registration went back to the applicant with your message.",
)
GIVE_BACK = Act("give-back", give_back, needs=Power.DECIDE)
REJECT = Act(
    "reject",
    reject,
    needs=Power.DECIDE,
    done="The registration is rejected, and the applicant is told by mail.",
)


def version(unit: Unit, desk: Desk, registration_id: str) -> str:
    """Of one that is to be decided, which nobody else moves until the unit ends.

    Raises NotFoundError, RefusedError (`DECIDED`): what was decided meanwhile is told as such, not
    only as another version.
    """
    registrations.hold(unit, registration_id)
    there = registrations.at_court(unit, desk.court.id, registration_id)
    if there.state is not State.PENDING:
        raise _beaten(unit, desk, there)
    return registrations.etag(there)


def approved_version(unit: Unit, desk: Desk, registration_id: str) -> str:
    """The same of one that was approved."""
    registrations.hold(unit, registration_id)
    there = registrations.at_court(unit, desk.court.id, registration_id)
    if there.state is not State.APPROVED:
        raise _beaten(unit, desk, there)
    return registrations.etag(there)


def _give_back(
    unit: Unit,
    desk: Desk,
    registration_id: str,
    message: str,
    version: int | None,
    to: State,
    event: Event,
) -> File:
    there = _there(unit, desk, registration_id, version)
    text = _reason(message)
    values = {"decided_at": unit.now} if to is State.REJECTED else {}
    _move(unit, desk, there, to, **values)
    return _gave_back(unit, desk, there, to, event, text)


def _reason(message: str) -> str:
    text = _text("message", message)
    if not text:
        raise InputError("Say why: the applicant is mailed what you write.", field="message")
    return text


def _gave_back(
    unit: Unit, desk: Desk, there: Registration, to: State, event: Event, text: str
) -> File:
    _note(unit, desk, there, to, event, text)
    account = directory.by_id(unit, there.account_id)
    assert account is not None
    telling.tell(unit, account, desk.court, to, issuer=desk.settings.issuer, message=text)
    return queue.file(unit, desk, there.id)


def _take_back(unit: Unit, desk: Desk, there: Registration, message: str) -> File:
    """Raises RefusedError (`nothing_to_give_back`): its right ended, or the applicant began anew."""
    desk.require_another(there.account_id, reason=OWN)
    text = _reason(message)
    right = rights.held(unit, there.account_id, there.court_id)
    if right is None or right.registration_id != there.id:
        raise RefusedError(
            "nothing_to_give_back",
            "The filing rights that this approval gave have ended already.",
            "The applicant can register anew.",
        )
    if not registrations.reopen(unit, there, State.RETURNED):
        raise _beaten(unit, desk, registrations.at_court(unit, there.court_id, there.id))
    noted = {"registration": there.id, "source": desk.source}
    rights.end(unit, right, Event.RIGHT_UNLINKED, actor=desk.actor, noted=noted)
    rights.release_registration(unit, right.id)
    return _gave_back(unit, desk, there, State.RETURNED, Event.REGISTRATION_RETURNED, text)


def _there(unit: Unit, desk: Desk, registration_id: str, version: int | None) -> Registration:
    """The registration, still waiting for the court in the version that was looked at."""
    there = registrations.at_court(unit, desk.court.id, registration_id)
    desk.require_another(there.account_id, reason=OWN)
    if there.state is not State.PENDING or version not in {None, there.version}:
        raise _beaten(unit, desk, there)
    return there


def _move(unit: Unit, desk: Desk, there: Registration, to: State, **values: Any) -> None:
    if not registrations.move(unit, there, to, **values):
        raise _beaten(unit, desk, registrations.at_court(unit, there.court_id, there.id))


def _beaten(unit: Unit, desk: Desk, there: Registration) -> RefusedError:
    """What somebody else did first."""
    last = registrations.steps(unit, there.id)[-1]
    who = "the applicant"
    if last.actor != there.account_id:
        by = directory.by_id(unit, last.actor)
        who = by.display_name if by else last.actor
        who = "you" if last.actor == desk.actor else who
    state = WORDS[there.state].lower()
    return RefusedError(
        DECIDED,
        f"This registration was changed since you read it: {who} did that first, and it is now "
        f"“{state}”. Nothing was done; look at it again.",
    )


def _applicant(unit: Unit, desk: Desk, there: Registration) -> Account:
    """Raises RefusedError: the account can hold no filing right now, or holds one."""
    # held, so that no freeze comes between
    account = directory.locked(unit, there.account_id)
    assert account is not None
    filers.require_unfrozen(account)
    if not account.is_active:
        raise RefusedError(
            "applicant_not_active",
            "The applicant’s PACER account is closed or on hold, so it can hold no filing rights.",
        )
    if refusal := conditions.refuse(unit, account, desk.court):
        raise refusal
    return account


def _right(unit: Unit, desk: Desk, there: Registration, grant: Grant) -> Right:
    """The right that the grant gives, not written down yet. Raises InputError."""
    court = desk.court
    roles = in_order(grant.roles)
    if not roles or set(grant.roles) - set(offered_roles(court)):
        known = ", ".join(offered_roles(court))
        raise InputError(f"Choose roles that this court gives: {known}.", field="roles")
    cases = tuple(dict.fromkeys(case.strip() for case in grant.cases if case.strip())) or None
    if problem := case_numbers.problem_with(cases or (), court.type):
        raise InputError(f"The {problem}", field="cases")
    if problem := catalogue.problem_with(roles, cases, court.type):
        raise InputError(f"{problem[:1].upper()}{problem[1:]}.", field="cases")
    return rights.new(
        unit,
        there.account_id,
        there.court_id,
        roles=tuple(role.value for role in roles),
        cases=cases,
        admission=_admission(there, grant, roles, cases),
        registration_id=there.id,
        conditions=_text("conditions", grant.conditions) or None,
        last_day=last_days.chosen(unit, desk, grant.last_day),
    )


def _asked(
    there: Registration, account: Account, right: Right, grant: Grant
) -> dict[str, str | int | list[str] | None]:
    """All that a second member needs to approve the very same."""
    return {
        "registration": there.id,
        "version": there.version,
        "account_number": account.number,
        "roles": list(right.roles),
        "cases": None if right.cases is None else list(right.cases),
        "admission": right.admission,
        "conditions": right.conditions,
        "message": grant.message,
        "last_day": right.last_day.isoformat() if right.last_day else None,
    }


def _admission(
    there: Registration, grant: Grant, roles: Sequence[Role], cases: Sequence[str] | None
) -> str | None:
    if Role.ATTORNEY not in roles:
        if grant.admission is not None and Role.ATTORNEY not in there.roles:
            raise InputError("Only attorneys are admitted.", field="admission")
        return None
    admission = grant.admission or REGISTRATION_TYPES[there.type].admission or Admission.FULL
    if admission is Admission.PRO_HAC_VICE and cases is None:
        raise InputError("Pro hac vice is for named cases: give at least one.", field="cases")
    return admission.value


def _make(unit: Unit, desk: Desk, right: Right) -> None:
    """The constraints decide, whoever else gave this account a right meanwhile."""
    made = rights.make(
        unit,
        right,
        Event.RIGHT_GRANTED,
        actor=desk.actor,
        source=desk.source,
        registration=right.registration_id,
    )
    if not made:
        raise RefusedError(
            conditions.ALREADY,
            f"The applicant was given filing rights at {desk.court.name} meanwhile.",
        )


def _note(
    unit: Unit,
    desk: Desk,
    there: Registration,
    to: State,
    event: Event,
    message: str,
) -> None:
    registrations.note(
        unit,
        there,
        to,
        event,
        actor=desk.actor,
        source=desk.source,
        message=message or None,
    )


def _text(field: str, text: str) -> str:
    tidy = text.replace("\r\n", "\n").strip()
    if len(tidy) > LONGEST or any(ord(char) < 32 and char != "\n" for char in tidy):
        raise InputError(f"Write plain text of at most {LONGEST} characters.", field=field)
    return tidy
