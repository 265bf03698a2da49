"""Adding and removing staff from a court's own desk.

Nobody gives, changes or takes a role that can do more than they can themselves, nor their own, and
a court is never left without an administrator: only operators may take the last one away.
"""

from collections.abc import Sequence

from signon.courts import holding, staff
from signon.courts.staff import Member, StaffRole
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.filing.court import second_member
from signon.filing.court.desk import NOT_PERMITTED, POWERS, Desk, Power
from signon.filing.court.second_member import Kind
from signon.web import preconditions
from signon.web.acts import Act

NOT_FIT = "not_fit_for_staff"
MORE_THAN_HELD = "more_than_held"
LAST_ADMINISTRATOR = "last_administrator"


def members(unit: Unit, desk: Desk) -> Sequence[Member]:
    """The court's staff, by their usernames."""
    return staff.members(unit, desk.court.id)


def member(unit: Unit, desk: Desk, username: str) -> Member:
    """One of them. Raises NotFoundError."""
    wanted = username.strip().casefold()
    for one in members(unit, desk):
        if one.account.username.casefold() == wanted:
            return one
    raise NotFoundError("Nobody of that username works for this court.")


def version(unit: Unit, desk: Desk, username: str) -> str:
    """Of one who is to be acted on; nobody else changes the staff until the unit ends."""
    hold(unit, desk)
    return etag(member(unit, desk, username))


def etag(one: Member) -> str:
    """Another one whenever the role changes."""
    return preconditions.etag_of(one.account.id, one.role)


def give(unit: Unit, desk: Desk, username: str, role: StaffRole) -> Member:
    """Give a role, in place of another one. Raises RefusedError, and SecondMemberError for whoever
    could then be a second member: one person alone does not make one.
    """
    hold(unit, desk)
    _require_held(desk, role)
    before = _found(unit, desk, username)
    if before is not None:
        _require_held(desk, before.role)
        _require_another(unit, desk, before, after=role)
        desk.require_another(before.account.id)
    try:
        is_new = staff.add(unit, desk.court.id, username, role, actor=desk.actor)
    except (NotFoundError, RefusedError):
        # one answer for every reason: a court may not find out who has which account
        raise RefusedError(
            NOT_FIT,
            "Nobody was added: staff need an upgraded individual account that can sign in. Ask "
            "the person for their PACER username.",
        ) from None
    after = member(unit, desk, username)
    if is_new and second_member.may_confirm(role):
        held = before.role.value if before else None
        asked = {"account_number": after.account.number, "role": role.value, "before": held}
        second_member.require(desk, Kind.STAFF, asked)
    return after


def take(unit: Unit, desk: Desk, username: str) -> StaffRole:
    """Take somebody off the staff; answers the role. Raises NotFoundError, RefusedError."""
    hold(unit, desk)
    before = member(unit, desk, username)
    _require_held(desk, before.role)
    _require_another(unit, desk, before, after=None)
    desk.require_another(before.account.id)
    return staff.remove(unit, desk.court.id, before.account.username, actor=desk.actor)


GIVE = Act("given", give, needs=Power.STAFF, done="The role is given.")
TAKE = Act("taken", take, needs=Power.STAFF, done="They no longer work for the court here.")


def grantable(desk: Desk) -> list[StaffRole]:
    """The roles that whoever sits there may give."""
    return [role for role in StaffRole if POWERS[role] <= desk.powers]


def hold(unit: Unit, desk: Desk) -> None:
    """One change of a court's staff at a time, or two administrators could remove each other."""
    holding.hold(unit, desk.court.id)
    # whoever waited may have lost the role meanwhile
    if desk.role and staff.role_of(unit, desk.court.id, desk.actor) is not desk.role:
        raise RefusedError(NOT_PERMITTED, "Your role here was changed just now.")


def _found(unit: Unit, desk: Desk, username: str) -> Member | None:
    try:
        return member(unit, desk, username)
    except NotFoundError:
        return None


def _require_held(desk: Desk, role: StaffRole) -> None:
    if not POWERS[role] <= desk.powers:
        raise RefusedError(
            MORE_THAN_HELD,
            f"The role {role.replace('_', ' ')} can do more than you can: only somebody who holds "
            "it may give or take it.",
        )


def _require_another(unit: Unit, desk: Desk, one: Member, *, after: StaffRole | None) -> None:
    administrator = StaffRole.ADMINISTRATOR
    if desk.is_operator or one.role is not administrator or after is administrator:
        return
    held = [each for each in members(unit, desk) if each.role is administrator]
    if len(held) == 1:
        raise RefusedError(
            LAST_ADMINISTRATOR,
            f"{one.account.username} is the court’s only administrator: make somebody else one "
            "first, or ask the operators of this service.",
        )
