"""`/api/v1/courts/{court}/policy`: what a court says of itself and chooses."""

from typing import Any, Literal

from pydantic import Field
from starlette.responses import Response

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court import policy_desk
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests_shown import WAITS
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Role
from signon.rest import Answer, Call
from signon.rest.parameters import CourtId, IfMatch
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

    help_email: str | None = Field(
        None, description="The help desk’s address.", examples=["help@casb.uscourts.gov"]
    )
    help_phone: str | None = Field(
        None, description="The help desk’s telephone number.", examples=["+1 619 555 0100"]
    )
    training_url: str | None = Field(
        None,
        description="Where filers are trained.",
        examples=["https://www.casb.uscourts.gov/training"],
    )
    epoc_url: str | None = Field(
        None,
        description="Where ePOC files proofs of claim.",
        examples=["https://www.casb.uscourts.gov/epoc"],
    )
    reset_url: str | None = Field(
        None,
        description="Where a forgotten legacy password is mended.",
        examples=["https://ecf.casb.uscourts.gov/reset"],
    )
    redaction_notice: Literal["on", "off"] | None = Field(
        None, description="Whether sign-ins must acknowledge the redaction rules."
    )
    sign_in_level: Literal["aal1", "aal2"] | None = Field(
        None, description="What filers must prove: `aal2` is a second factor."
    )
    roles: list[Role] | None = Field(None, description="The filing roles that the court gives.")
    registrations: list[RegistrationType] | None = Field(
        None, description="The registrations for e-filing that the court takes."
    )
    training: list[Role] | None = Field(
        None, description="The roles that need a training certificate."
    )
    name_mismatch: Literal["link", "review"] | None = Field(
        None, description="What becomes of a link under another name: made, or looked at first."
    )
    contact_text: str | None = Field(
        None,
        description="What people read beside the court’s contacts.",
        examples=["Weekdays 9 to 5."],
    )
    second_staff: Literal["on", "off"] | None = Field(
        None, description="Whether a second member of the staff confirms what one asks for."
    )


operations = court_router()


@operations.get(f"{AT}/policy", response_model=CourtPolicy, summary="The court's policy")
async def read_court_policy(call: Call, court: CourtId) -> Response:
    """What it says and chooses now, with its version as `ETag`."""
    return await at(call, court).read(_read)


@operations.patch(
    f"{AT}/policy",
    response_model=CourtPolicy,
    summary="Change the court's policy",
    responses=WAITS,
)
async def change_court_policy(
    call: Call, court: CourtId, sent: CourtPolicyPatch, if_match: IfMatch = None
) -> Response:
    """All that is named is set, or nothing."""
    given = sent.model_dump(exclude_unset=True)
    return await at(call, court).write(Power.POLICY, _change, given, if_match)


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
