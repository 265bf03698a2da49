"""The checks of an authorization request, in the order in which they are made.

Authlib would issue a code while ignoring most of what they look at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from signon.clients.refusal_reasons import Reason
from signon.clients.refusals import stripped
from signon.clients.registry import Client
from signon.clients.scopes import API_SCOPES, known
from signon.oidc import requested_claims
from signon.oidc.authorization_request import AddressedRequest, AuthorizationRequest
from signon.oidc.errors import UNMET_AUTHENTICATION, AuthorizationError, UnverifiedRequestError
from signon.oidc.redirects import is_registered
from signon.signin.session import AAL1, AAL2
from signon.tokens import access_tokens
from signon.tokens.keys import BadTokenError, PublishedKeys
from signon.web.parameters import Parameters

CODE_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
ACR_VALUES = (AAL1, AAL2)
RESPONSE_MODES = ("query", "form_post")
MAX_NONCE = 512
MAX_STATE = 4096


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may look at beside the request."""

    issuer: str
    keys: PublishedKeys


Check = Callable[[AddressedRequest, Surroundings], None]


def address(parameters: Parameters, client: Client | None) -> AddressedRequest:
    """The first check: who asks, and where the answer may go.

    Raises UnverifiedRequestError, which is shown on a page of ours.
    """
    # a redirect before both are verified would make us an open redirector (RFC 9700 4.11.2)
    for name in {"client_id", "redirect_uri"}.intersection(parameters.repeated()):
        sentence = f"The request names {name} more than once."
        raise UnverifiedRequestError(sentence, Reason.REDIRECT_URI, f"{name} is repeated")
    if client is None:
        raise UnverifiedRequestError(
            "The site that sent you here is not registered with us.", Reason.UNKNOWN_CLIENT
        )
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri is None:
        raise UnverifiedRequestError(
            "The request does not say where to return to.", Reason.REDIRECT_URI, "it is missing"
        )
    if not is_registered(client, redirect_uri):
        raise UnverifiedRequestError(
            "The address to return to is not one that this site has registered with us.",
            Reason.REDIRECT_URI,
            stripped(redirect_uri),
        )
    return AddressedRequest(client, redirect_uri, parameters)


def accept(request: AddressedRequest, surroundings: Surroundings) -> AuthorizationRequest:
    """Make every check in order. Raises AuthorizationError at the first that fails."""
    for check in CHECKS:
        check(request, surroundings)
    parameters, client = request.parameters, request.client
    max_age = parameters.get("max_age")
    hint = parameters.get("id_token_hint")
    claims = requested_claims.read(parameters.get("claims"), client.scopes)
    return AuthorizationRequest(
        client=client,
        redirect_uri=request.redirect_uri,
        scope=known(parameters.get("scope")),
        state=request.state,
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        prompt=_prompt(request),
        max_age=int(max_age) if max_age else None,
        wants_aal2=requested_claims.wants_aal2(parameters.get("acr_values"), claims),
        hinted_subject=_hinted_subject(hint, request, surroundings) if hint else claims.subject,
        claims=claims,
        raw=parameters.first_values(),
    )


def refuse_repeated_parameters(request: AddressedRequest, _: Surroundings) -> None:
    """No parameter twice, save `resource` (RFC 8707 section 2)."""
    # RFC 6749 section 3.1: "parameters MUST NOT be included more than once"
    repeated = set(request.parameters.repeated()) - {"resource"}
    if repeated:
        raise AuthorizationError("invalid_request", f"repeated: {_shown(min(repeated))}")


def refuse_request_objects(request: AddressedRequest, _: Surroundings) -> None:
    """Request objects are refused with their own errors, never ignored."""
    # OpenID Connect Core section 6: "MUST return the request_not_supported error"
    for name in ("request", "request_uri", "registration"):
        if request.parameters.get(name) is not None:
            raise AuthorizationError(f"{name}_not_supported", f"{name} is not supported")


def require_response_type_code(request: AddressedRequest, _: Surroundings) -> None:
    """Only `code`: tokens never travel through the browser (RFC 9700 section 2.1.2)."""
    response_type = request.parameters.get("response_type")
    if response_type is None:
        raise AuthorizationError("invalid_request", "response_type is missing")
    if response_type != "code":
        raise AuthorizationError("unsupported_response_type", "response_type must be code")


def require_known_response_mode(request: AddressedRequest, _: Surroundings) -> None:
    """A response mode that we do not have is refused, not silently replaced."""
    mode = request.parameters.get("response_mode")
    if mode is not None and mode not in RESPONSE_MODES:
        allowed = " or ".join(RESPONSE_MODES)
        raise AuthorizationError("invalid_request", f"response_mode must be {allowed}")
    if mode == "form_post" and not request.wants_form_post:
        raise AuthorizationError("invalid_request", "form_post needs an http redirect URI")


def require_code_grant(request: AddressedRequest, _: Surroundings) -> None:
    """The client must be registered for the code grant."""
    if "authorization_code" not in request.client.grants:
        raise AuthorizationError("unauthorized_client", "the client may not use this grant")


def check_scope(request: AddressedRequest, _: Surroundings) -> None:
    """Unknown scopes are ignored; a known one must be allowed; plain OAuth needs an API scope."""
    asked = {*known(request.parameters.get("scope"))}
    refused = sorted(asked.difference(request.client.scopes))
    if refused:
        words = f"the client may not ask for {refused[0]}"
        raise AuthorizationError("invalid_scope", words, Reason.SCOPE)
    if "openid" not in asked and not asked & API_SCOPES:
        words = "openid or a scope of the API is needed"
        raise AuthorizationError("invalid_scope", words, Reason.SCOPE)


def check_prompt(request: AddressedRequest, _: Surroundings) -> None:
    """Known values only, and `none` alone."""
    prompt = _prompt(request)
    if not prompt <= PROMPTS:
        raise AuthorizationError("invalid_request", "prompt has an unknown value")
    # OpenID Connect Core section 3.1.2.1: "none with any other value, an error is returned"
    if "none" in prompt and len(prompt) > 1:
        raise AuthorizationError("invalid_request", "prompt none goes with no other value")


def check_max_age(request: AddressedRequest, _: Surroundings) -> None:
    """A number of seconds."""
    max_age = request.parameters.get("max_age")
    if max_age is not None and not re.fullmatch(r"[0-9]{1,9}", max_age):
        raise AuthorizationError("invalid_request", "max_age must be a number of seconds")


def check_lengths(request: AddressedRequest, _: Surroundings) -> None:
    """Values that we keep or echo have a bound."""
    for name, bound in (("nonce", MAX_NONCE), ("state", MAX_STATE)):
        value = request.parameters.get(name)
        if value is not None and len(value) > bound:
            raise AuthorizationError("invalid_request", f"{name} is longer than {bound}")


def check_pkce(request: AddressedRequest, _: Surroundings) -> None:
    """S256 or nothing, and nothing only where the client's profile allows it."""
    challenge = request.parameters.get("code_challenge")
    method = request.parameters.get("code_challenge_method")
    if challenge is None:
        if method is not None or request.client.requires_pkce:
            raise _bad_challenge("code_challenge is missing")
        return
    # RFC 7636 section 4.3: an absent method means "plain", which RFC 9700 2.1.1 rules out
    if method != "S256":
        raise _bad_challenge("code_challenge_method must be S256")
    if not CODE_CHALLENGE.fullmatch(challenge):
        raise _bad_challenge("code_challenge is not a SHA-256 in base64url")


def check_id_token_hint(request: AddressedRequest, surroundings: Surroundings) -> None:
    """A hint must be an ID token that we issued to this very client; it may have expired."""
    hint = request.parameters.get("id_token_hint")
    if hint is not None:
        _hinted_subject(hint, request, surroundings)


def check_claims(request: AddressedRequest, _: Surroundings) -> None:
    """A readable `claims` parameter, and no essential `acr` that we cannot reach."""
    asked = requested_claims.read(request.parameters.get("claims"), request.client.scopes)
    if asked.acr_values and not set(asked.acr_values) & set(ACR_VALUES):
        raise AuthorizationError(UNMET_AUTHENTICATION, "that acr cannot be reached")


def check_resource(request: AddressedRequest, surroundings: Surroundings) -> None:
    """Only our own resources can be named (RFC 8707 section 2)."""
    named = request.parameters.lists().get("resource", ())
    if not set(named).issubset(access_tokens.resources(surroundings.issuer)):
        raise AuthorizationError("invalid_target", "resource names nothing of this server")


CHECKS: tuple[Check, ...] = (
    refuse_repeated_parameters,
    refuse_request_objects,
    require_response_type_code,
    require_known_response_mode,
    require_code_grant,
    check_lengths,
    check_scope,
    check_prompt,
    check_max_age,
    check_pkce,
    check_id_token_hint,
    check_claims,
    check_resource,
)


def _prompt(request: AddressedRequest) -> frozenset[str]:
    return frozenset((request.parameters.get("prompt") or "").split())


def _hinted_subject(hint: str, request: AddressedRequest, surroundings: Surroundings) -> str:
    try:
        claims = surroundings.keys.verify(hint, typ="JWT")
    except BadTokenError as error:
        raise AuthorizationError("invalid_request", "id_token_hint is not ours") from error
    if claims.get("iss") != surroundings.issuer or claims.get("aud") != request.client.id:
        raise AuthorizationError("invalid_request", "id_token_hint is not for this client")
    return str(claims.get("sub", ""))


def _bad_challenge(words: str) -> AuthorizationError:
    return AuthorizationError("invalid_request", words, Reason.CODE_CHALLENGE)


def _shown(name: str) -> str:
    """A parameter's name reduced to what an error_description may hold (RFC 6749 4.1.2.1)."""
    return re.sub(r"[^A-Za-z0-9_.-]", "?", name)[:40]
