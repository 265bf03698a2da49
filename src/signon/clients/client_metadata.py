"""Client metadata (RFC 7591 section 2) as an application, and an application as metadata."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signon.clients.application import KEY_METHODS, SECRET_METHODS, Application
from signon.clients.invitations import Invitation
from signon.clients.profiles import RULES, Dpop, Profile
from signon.errors import InputError

Metadata = dict[str, Any]
SIGNED_ANSWERS = (
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
)
"""What is signed for a client as its ID tokens are, with no other algorithm."""


class ClientMetadata(BaseModel):
    """What a client says of itself; members that we do not know are ignored (section 2).

    What would make an answer weaker than the client thinks, were it ignored, has one value only.
    """

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    client_id: str | None = None
    client_secret: str | None = None
    client_name: str = ""
    redirect_uris: list[str] = Field(default_factory=list)
    post_logout_redirect_uris: list[str] = Field(default_factory=list)
    token_endpoint_auth_method: str | None = None
    grant_types: list[str] = ["authorization_code"]
    response_types: list[Literal["code"]] = Field(default_factory=list)
    scope: str | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    id_token_signed_response_alg: str | None = None
    userinfo_signed_response_alg: str | None = None
    authorization_signed_response_alg: str | None = None
    introspection_signed_response_alg: str | None = None
    backchannel_logout_uri: str | None = None
    dpop_bound_access_tokens: bool = False
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False
    subject_type: Literal["public"] = "public"
    id_token_encrypted_response_alg: None = None
    userinfo_encrypted_response_alg: None = None
    tls_client_certificate_bound_access_tokens: Literal[False] = False
    software_statement: str | None = Field(None, max_length=16 * 1024)


def read(document: object) -> ClientMetadata:
    """What was sent. Raises InputError, naming the member, never its value."""
    try:
        return ClientMetadata.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"])) or "document"
        told = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{field[:64]}: {told}.", field=field) from None


def application(said: ClientMetadata, invitation: Invitation) -> Application:
    """What it asks to be registered, with the bounds of its invitation in the place of its wishes.

    Raises InputError: answers signed with another algorithm than ID tokens.
    """
    rules = RULES[Profile(invitation.profile)]
    alg = said.id_token_signed_response_alg or rules.id_token_alg
    for name in SIGNED_ANSWERS:
        if getattr(said, name) not in {None, alg}:
            raise InputError(f"{name} must be {alg}, as of ID tokens.", field=name)
    default = (KEY_METHODS if rules.is_keyed else SECRET_METHODS)[0]
    bound = Dpop.REQUIRED if said.dpop_bound_access_tokens else rules.dpop
    return Application(
        name=said.client_name,
        court=invitation.court_id,
        profile=invitation.profile,
        redirect_uris=tuple(said.redirect_uris),
        post_logout_redirect_uris=tuple(said.post_logout_redirect_uris),
        auth_method=said.token_endpoint_auth_method or default,
        grants=tuple(said.grant_types),
        scopes=tuple(said.scope.split()) if said.scope else tuple(invitation.scopes),
        id_token_alg=said.id_token_signed_response_alg,
        jwks=said.jwks,
        jwks_uri=said.jwks_uri,
        backchannel_logout_uri=said.backchannel_logout_uri,
        dpop=bound.value,
        require_par=said.require_pushed_authorization_requests,
        require_signed_request=said.require_signed_request_object,
        signed_userinfo=said.userinfo_signed_response_alg is not None,
    )


def shown(settled: Application) -> Metadata:
    """What a client is registered with, in the words of RFC 7591."""
    rules = RULES[Profile(settled.profile)]
    signs = settled.id_token_alg if settled.signed_userinfo else None
    told: Mapping[str, Any] = {
        "client_name": settled.name,
        "redirect_uris": list(settled.redirect_uris),
        "post_logout_redirect_uris": list(settled.post_logout_redirect_uris),
        "token_endpoint_auth_method": settled.auth_method,
        "grant_types": list(settled.grants),
        "response_types": ["code"] if settled.signs_people_in else [],
        "scope": " ".join(settled.scopes or ()),
        "jwks": settled.jwks,
        "jwks_uri": settled.jwks_uri,
        "id_token_signed_response_alg": settled.id_token_alg,
        "userinfo_signed_response_alg": signs,
        "backchannel_logout_uri": settled.backchannel_logout_uri,
        "dpop_bound_access_tokens": settled.dpop == Dpop.REQUIRED,
        "require_pushed_authorization_requests": settled.require_par or rules.requires_par,
        "require_signed_request_object": settled.require_signed_request,
        "subject_type": "public",
    }
    return {name: value for name, value in told.items() if value is not None}
