"""`/api/v1/courts/{court}/policy`: what a court says of itself and chooses."""

from typing import Any, Literal

from pydantic import Field
from starlette.responses import Response

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court import policy_desk
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import waits
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Role
from signon.rest import Answer, Call
from signon.rest.parameters import CourtId, IfMatch
from signon.rest.values import Email
from signon.web.json_bodies import Body, Shown


class CourtPolicy(Shown):
    """What the court has said and chosen, and what follows from it."""

    help_email: Email | None
    """The help desk’s address; null where the court has said nothing."""
    help_phone: str | None
    """The help desk’s telephone number; null where the court has said nothing."""
    training_url: str | None
    """Where filers are trained; null where the court has said nothing."""
    epoc_url: str | None
    """Where electronic proofs of claim are filed without a login; null where the court has said
    nothing.
    """
    reset_url: str | None
    """Where a forgotten password of the court’s older login is mended; null where the court has
    said nothing.
    """
    redaction_notice: str | None
    """Whether sign-ins must acknowledge the redaction rules, `on` or `off`; null, as where the
    court has said nothing, means `on`.
    """
    sign_in_level: str | None
    """What everybody who comes from this court must prove: `aal1`, or `aal2` with a second factor;
    null asks nothing more than usual.
    """
    roles: list[str] | None
    """Filing roles that the court gives; null where it has said nothing and all of its kind are
    given.
    """
    registrations: list[str] | None
    """Registrations that the court takes; null where it has said nothing and all are taken."""
    training: list[str] | None
    """Roles that need a training certificate; null where the usual ones do."""
    name_mismatch: str | None
    """What becomes of a link under another name: `link` makes it, `review` waits for a look; null
    means `link`.
    """
    contact_text: str | None
    """What people read beside the court’s contacts; null where the court has said nothing."""
    second_staff: str | None
    """Whether a second member of the staff confirms what one asks for, `on` or `off`; null means
    `off`.
    """
    offered_roles: list[Role]
    """Roles that can be given as it follows from all this."""
    offered_registrations: list[RegistrationType]
    """Registrations that can be sent as it follows from all this."""
    needs_training: list[Role]
    """Offered roles that need a training certificate as it follows from all this."""


class CourtPolicyPatch(Body):
    """What is named is set; null takes a value away, an empty list is none of them."""

    help_email: str | None = Field(None, examples=["help@casb.uscourts.gov"])
    """The help desk’s address."""
    help_phone: str | None = Field(None, examples=["+1 619 555 0100"])
    """The help desk’s telephone number."""
    training_url: str | None = Field(None, examples=["https://www.casb.uscourts.gov/training"])
    """Where filers are trained."""
    epoc_url: str | None = Field(None, examples=["https://www.casb.uscourts.gov/epoc"])
    """Where ePOC files proofs of claim."""
    reset_url: str | None = Field(None, examples=["https://ecf.casb.uscourts.gov/reset"])
    """Where a forgotten legacy password is mended."""
    redaction_notice: Literal["on", "off"] | None = None
    """Whether sign-ins must acknowledge the redaction rules."""
    sign_in_level: Literal["aal1", "aal2"] | None = None
    """What filers must prove: `aal2` is a second factor."""
    roles: list[Role] | None = None
    """The filing roles that the court gives."""
    registrations: list[RegistrationType] | None = None
    """The registrations for e-filing that the court takes."""
    training: list[Role] | None = None
    """The roles that need a training certificate."""
    name_mismatch: Literal["link", "review"] | None = None
    """What becomes of a link under another name: made, or looked at first."""
    contact_text: str | None = Field(None, examples=["Weekdays 9 to 5."])
    """What people read beside the court’s contacts."""
    second_staff: Literal["on", "off"] | None = None
    """Whether a second member of the staff confirms what one asks for."""


operations = court_router()


@operations.get(f"{AT}/policy", response_model=CourtPolicy, summary="The court's policy")
async def read_court_policy(call: Call, court: CourtId) -> Response:
    """What it says and chooses now, with its version as `ETag`."""
    return await at(call, court).read(_read)


@operations.patch(
    f"{AT}/policy",
    response_model=CourtPolicy,
    summary="Change the court's policy",
    responses=waits(),
)
async def change_court_policy(
    call: Call, court: CourtId, sent: CourtPolicyPatch, if_match: IfMatch = None
) -> Response:
    """All that is named is set, or nothing."""
    given = policy_desk.texts(sent.model_dump(exclude_unset=True))
    here = at(call, court).when(if_match, policy_desk.version)
    return await here.do(policy_desk.CHANGE, _answer, given)


def _read(unit: Unit, desk: Desk) -> Answer:
    return _answer(policy_desk.current(unit, desk))


def _answer(court: Court) -> Answer:
    follows = policy_desk.in_force(court)
    values: dict[str, Any] = {
        **policy_desk.kept(court),
        "offered_roles": list(follows.roles),
        "offered_registrations": list(follows.registrations),
        "needs_training": list(follows.training),
    }
    return Answer(CourtPolicy(**values), etag=policy_desk.etag(court))
