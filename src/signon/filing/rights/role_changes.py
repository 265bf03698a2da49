"""The court gives a filer other roles, cases or conditions."""

from collections.abc import Sequence

from pydantic import Field

from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing import cases as case_numbers
from signon.filing.court import court_policy, second_member
from signon.filing.court.desk import Desk, Power
from signon.filing.court.second_member import Kind
from signon.filing.rights import filers, rights, training
from signon.filing.rights.filers import Filer
from signon.filing.roles import Admission, Role, admission_of, in_order, labels, problem_with
from signon.web.acts import Act
from signon.web.json_bodies import Body
from signon.words.sentences import _, listed

NO_CERTIFICATE = "certificate_missing"
LONGEST_CONDITIONS = 1000


class GivenRoles(Body):
    """What the filer is to have; all of it is replaced."""

    roles: list[str] = Field(examples=[["attorney"]])
    """The filing roles; docs/roles.md says which a court may give."""
    cases: list[str] | None = Field(None, examples=[["3:26-cv-00017"]])
    """The only cases to file in; null when the right is not limited to cases."""
    conditions: str | None = Field(None, examples=["Pro hac vice, with local counsel."])
    """What the court says beside it; the filer is shown it."""


def change(unit: Unit, desk: Desk, number: str, wanted: GivenRoles) -> Filer:
    """Replace all three; what becomes less is told to the court's clients.

    Raises InputError for what a court of this type cannot give, NotFoundError, RefusedError
    (`NO_CERTIFICATE`: a new role needs one that is not there; `frozen`: of what would be more),
    SecondMemberError for a new U.S. Trustee.
    """
    cases = wanted.cases
    named = _checked(desk, wanted.roles, cases)
    text = _text(wanted.conditions)
    filer = filers.held(unit, desk, number)
    before = filer.right
    added = [role for role in named if role not in before.roles]
    if added or _reaches_further(before.cases, cases):
        filers.require_unfrozen(filer.account)
    lacking = training.lacking(unit, desk.court, filer.account.id, added)
    if lacking:
        raise RefusedError(
            NO_CERTIFICATE,
            f"There is no valid certificate for {', '.join(labels(lacking))}: record it first.",
        )
    limited = None if cases is None else tuple(cases)
    after = rights.change(
        unit,
        before,
        Event.RIGHT_CHANGED,
        actor=desk.actor,
        roles=named,
        cases=limited,
        admission=_admission(before.admission, named, limited),
        conditions=text,
    )
    if after != before:
        told = _(
            "The court has changed your roles there. They are now: {roles}.",
            roles=listed(labels(named)),
        )
        filers.tell(unit, desk.court, filer.account, told, reason=text or "")
    if Role.US_TRUSTEE in added:
        asked = {
            "account_number": filer.account.number,
            "before": filer.version,
            "conditions": text,
        }
        given = {"roles": list(named), "cases": cases}
        second_member.require(desk, Kind.ROLES, {**asked, **given})
    return Filer(filer.account, after)


CHANGE = Act(
    "roles",
    change,
    needs=Power.FILERS,
    done="Roles, cases and conditions are as they stand here now. Changes are mailed.",
)


def _checked(desk: Desk, roles: Sequence[str], cases: Sequence[str] | None) -> tuple[Role, ...]:
    offered = court_policy.offered_roles(desk.court)
    unknown = [role for role in roles if role not in offered]
    if unknown or not roles:
        raise InputError(
            f"The roles must be among those this court gives: {', '.join(offered)}.", field="roles"
        )
    named = in_order(roles)
    if wrong := problem_with(named, cases, desk.court.type):
        raise InputError(f"{wrong[:1].upper()}{wrong[1:]}.", field="cases")
    if cases is not None and (wrong := case_numbers.problem_with(cases, desk.court.type)):
        raise InputError(f"The {wrong}", field="cases")
    return named


def _reaches_further(before: Sequence[str] | None, after: Sequence[str] | None) -> bool:
    """Whether there are cases that were not there; None is every case."""
    return before is not None and (after is None or not set(after) <= set(before))


def _admission(
    before: str | None, roles: Sequence[Role], cases: Sequence[str] | None
) -> str | None:
    """What it was where that still fits; a limit to cases is pro hac vice."""
    usual = admission_of(roles, cases)
    keeps = usual is not None and before == Admission.FEDERAL_ATTORNEY
    return before if keeps else usual


def _text(conditions: str | None) -> str | None:
    tidy = (conditions or "").strip()
    if len(tidy) > LONGEST_CONDITIONS:
        raise InputError(f"At most {LONGEST_CONDITIONS} characters.", field="conditions")
    return tidy or None
