"""The court's policy, seen and changed at its own desk; the go-live stays with the operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signon.courts import holding, policy
from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.filing.court import court_policy, second_member
from signon.filing.court.court_policy import NONE
from signon.filing.court.desk import Desk, Power
from signon.filing.court.second_member import Kind
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Role
from signon.web import preconditions
from signon.web.acts import Act


@dataclass(frozen=True, slots=True)
class InForce:
    """What follows from the policy, with what holds where the court has said nothing."""

    roles: Sequence[Role]
    registrations: Sequence[RegistrationType]
    training: Sequence[Role]


def in_force(court: Court) -> InForce:
    """For forms and programs."""
    roles = court_policy.offered_roles(court)
    return InForce(
        roles,
        court_policy.offered_types(court),
        [role for role in roles if court_policy.needs_training(court, role)],
    )


def change(unit: Unit, desk: Desk, values: Mapping[str, str]) -> Court:
    """Set what is named; an empty text takes a value away.

    Raises InputError, SecondMemberError.
    """
    hold(unit, desk)
    was = current(unit, desk).policy
    done = court_policy.change(unit, desk.court.id, actor=desk.actor, values=values)
    now = done.court.policy
    if done.fields:
        changes = {name: [getattr(was, name), getattr(now, name)] for name in done.fields}
        second_member.require(desk, Kind.POLICY, {"changes": changes})
    return done.court


CHANGE = Act("1", change, needs=Power.POLICY, done="The policy is saved.")


def current(unit: Unit, desk: Desk) -> Court:
    """The court as it is in the database, whatever is cached."""
    return read_one(unit, desk.court.id)


def hold(unit: Unit, desk: Desk) -> None:
    """Nobody else changes it until the unit ends."""
    holding.hold(unit, desk.court.id)


def version(unit: Unit, desk: Desk) -> str:
    """Of the policy that is to be changed; nobody else changes it until the unit ends."""
    hold(unit, desk)
    return etag(current(unit, desk))


def etag(court: Court) -> str:
    """Another one whenever the policy changes."""
    return preconditions.etag_of(court.id, *kept(court).items())


def texts(given: Mapping[str, str | Sequence[str] | None]) -> dict[str, str]:
    """Lists and texts as a policy keeps them: no list is an empty text, an empty one is `none`."""
    return {name: _text(value) for name, value in given.items()}


def ticked(court: Court, name: str, chosen: Sequence[str]) -> str:
    """Boxes of a form as a policy keeps them: what is usual is nothing said, so that a role of a
    later release is offered too.
    """
    return "" if set(chosen) == set(usual(court, name)) else ",".join(chosen) or NONE


def usual(court: Court, name: str) -> list[str]:
    """What one of the lists means where the court has said nothing."""
    setting = policy.SETTINGS[name]
    rows = court_policy.table(court, setting.kind)
    return [one for one, row in rows.items() if not setting.usual or getattr(row, setting.usual)]


def kept(court: Court) -> dict[str, str | list[str] | None]:
    """The policy's values, lists as lists; None where nothing was said."""
    values: dict[str, str | list[str] | None] = {}
    for name, setting in policy.SETTINGS.items():
        text: str | None = getattr(court.policy, name)
        values[name] = court_policy.listed(text) if text and setting.is_list else text
    return values


def _text(value: str | Sequence[str] | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return ",".join(value) or NONE
