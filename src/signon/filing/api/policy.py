"""`/api/v1/courts/{court}/policy`: what a court says of itself and chooses."""

from typing import Any, Literal

from starlette.routing import Route

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing import policy_desk
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.requests_shown import CourtRequest
from signon.filing.desk import Desk, Power
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Role
from signon.tokens.api import Answer, Call, Rendered
from signon.web import preconditions
from signon.web.json_bodies import Body, Shown


class CourtPolicy(Shown):
    """The policy: null where the court has said nothing. `offered_…` and `needs_training` say what
    follows from it.
    """

    help_email: str | None
    help_phone: str | None
    training_url: str | None
    epoc_url: str | None
    reset_url: str | None
    redaction_notice: str | None
    sign_in_level: str | None
    roles: list[str] | None
    registrations: list[str] | None
    training: list[str] | None
    name_mismatch: str | None
    contact_text: str | None
    second_staff: str | None
    offered_roles: list[Role]
    offered_registrations: list[RegistrationType]
    needs_training: list[Role]


class CourtPolicyPatch(Body):
    """What is named is set; null takes a value away, an empty list is none of them."""

    help_email: str | None = None
    help_phone: str | None = None
    training_url: str | None = None
    epoc_url: str | None = None
    reset_url: str | None = None
    redaction_notice: Literal["on", "off"] | None = None
    sign_in_level: Literal["aal1", "aal2"] | None = None
    roles: list[Role] | None = None
    registrations: list[RegistrationType] | None = None
    training: list[Role] | None = None
    name_mismatch: Literal["link", "review"] | None = None
    contact_text: str | None = None
    second_staff: Literal["on", "off"] | None = None


class PolicyApi:
    """The policy for programs, by the rules of the console."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest

    def routes(self) -> list[Route]:
        """Looking and changing."""
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/policy", self.read_court_policy, "The court's policy",
                    answer=CourtPolicy,
                ),
                court_operation(
                    "PATCH", "/policy", self.change_court_policy, "Change the court's policy",
                    body=CourtPolicyPatch, answer=CourtPolicy, changes_versions=True,
                    waits=CourtRequest,
                ),
            ]
        )  # fmt: skip

    async def read_court_policy(self, call: Call) -> Rendered:
        """As it is now."""
        return await self._rest.read(call, _read)

    async def change_court_policy(self, call: Call) -> Rendered:
        """All that is named or nothing."""
        given = call.body(CourtPolicyPatch).model_dump(exclude_unset=True)
        return await self._rest.write(call, Power.POLICY, _change, given, call.if_match)


def _read(unit: Unit, desk: Desk) -> Answer:
    return _answer(policy_desk.current(unit, desk))


def _change(
    unit: Unit, desk: Desk, given: dict[str, str | list[str] | None], if_match: str | None
) -> Answer:
    if if_match is not None:
        policy_desk.hold(unit, desk)
        preconditions.require_match(if_match, _etag(policy_desk.current(unit, desk)))
    return _answer(policy_desk.change(unit, desk, policy_desk.texts(given)))


def _answer(court: Court) -> Answer:
    follows = policy_desk.in_force(court)
    values: dict[str, Any] = {
        **policy_desk.kept(court),
        "offered_roles": list(follows.roles),
        "offered_registrations": list(follows.registrations),
        "needs_training": list(follows.training),
    }
    return Answer(CourtPolicy(**values), etag=_etag(court))


def _etag(court: Court) -> str:
    return preconditions.etag_of(court.id, *policy_desk.kept(court).items())
