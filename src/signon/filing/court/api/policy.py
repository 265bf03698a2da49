"""`/api/v1/courts/{court}/policy`: what a court says of itself and chooses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, create_model
from starlette.responses import Response

from signon.courts import policy
from signon.courts.registry import Court
from signon.courts.setting import Kind, Setting
from signon.db import Unit
from signon.filing.court import policy_desk
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import waits
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Role
from signon.rest import Answer, Call
from signon.rest.parameters import CourtId, IfMatch
from signon.web.json_bodies import Body, Shown

_LISTS: Mapping[Kind, Any] = {
    Kind.ROLES: list[Role],
    Kind.REGISTRATIONS: list[RegistrationType],
}


def answer_fields(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The settings as an answer tells them: what was said under an older release is told, too."""
    return {
        name: (list[str] | None if one.is_list else str | None, Field(**_words(one)))
        for name, one in settings.items()
    }


def patch_fields(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The settings as a body may name them."""
    return {name: (_type(one) | None, Field(None, **_words(one))) for name, one in settings.items()}


def _type(setting: Setting) -> Any:
    return Literal[tuple(setting.choices)] if setting.choices else _LISTS.get(setting.kind, str)


def _words(setting: Setting) -> dict[str, Any]:
    examples = [setting.example] if setting.example else None
    return {"description": setting.description, "examples": examples}


CourtPolicy = create_model(
    "CourtPolicy",
    __base__=Shown,
    __module__=__name__,
    __doc__="The policy: null where the court has said nothing. `offered_…` and `needs_training` "
    "say what follows from it.",
    **answer_fields(policy.SETTINGS),
    offered_roles=(list[Role], Field(description="The roles that can be asked for and given.")),
    offered_registrations=(
        list[RegistrationType],
        Field(description="The registrations that the court takes and has roles for."),
    ),
    needs_training=(
        list[Role],
        Field(description="The offered roles that need a training certificate."),
    ),
)
if TYPE_CHECKING:  # a type that is made is none to mypy: there it is any body
    CourtPolicyPatch = Body
else:
    CourtPolicyPatch = create_model(
        "CourtPolicyPatch",
        __base__=Body,
        __module__=__name__,
        __doc__="What is named is set; null takes a value away, an empty list is none of them.",
        **patch_fields(policy.SETTINGS),
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
    responses=waits(),
)
async def change_court_policy(
    call: Call, court: CourtId, sent: CourtPolicyPatch, if_match: IfMatch = None
) -> Response:
    """All that is named is set, or nothing."""
    given = policy_desk.texts(sent.model_dump(exclude_unset=True))
    here = at(call, court).when(if_match, policy_desk.version)
    response = await here.do(policy_desk.CHANGE, _answer, given)
    call.rest.courts.forget()
    return response


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
