"""Why a client's request was refused, and what its developer can do about it."""

from enum import StrEnum


class Reason(StrEnum):
    """What was guessed or got wrong; the outside answer never tells which."""

    NO_CLIENT = "no_client"
    UNKNOWN_CLIENT = "unknown_client"
    PRESENTATION = "presentation"
    AUTH_METHOD = "auth_method"
    CLIENT_SECRET = "client_secret"
    EXPIRED_SECRET = "expired_secret"
    ASSERTION = "assertion"
    REDIRECT_URI = "redirect_uri"
    POST_LOGOUT_REDIRECT_URI = "post_logout_redirect_uri"
    SCOPE = "scope"
    CODE_CHALLENGE = "code_challenge"
    CODE_VERIFIER = "code_verifier"
    DPOP = "dpop"
    REQUEST_URI = "request_uri"


MEANINGS = {
    Reason.NO_CLIENT: (
        "The request shows no client: client_id or the Authorization header is missing, cannot be "
        "read, or they name two."
    ),
    Reason.UNKNOWN_CLIENT: (
        "No client has this id, or it is disabled: compare it with `signon clients list`."
    ),
    Reason.PRESENTATION: "The client showed who it is in a way that cannot be used.",
    Reason.AUTH_METHOD: (
        "The client is registered for another way of authentication, or may not do this without "
        "one: `signon clients show` names its own."
    ),
    Reason.CLIENT_SECRET: (
        "The secret is not the client's: `signon clients rotate-secret` makes a new one."
    ),
    Reason.EXPIRED_SECRET: (
        "The secret was the client's until a newer one took its place: configure the newer one."
    ),
    Reason.ASSERTION: "The client's signed assertion does not hold.",
    Reason.REDIRECT_URI: (
        "The redirect address is not one that is registered, or not the one that the code was "
        "asked for with: they are compared letter by letter."
    ),
    Reason.POST_LOGOUT_REDIRECT_URI: (
        "The address to return to after signing out is not registered: they are compared letter "
        "by letter."
    ),
    Reason.SCOPE: "The client asked for a scope that it does not hold.",
    Reason.CODE_CHALLENGE: (
        "The authorization request's code_challenge is missing, or is no S256 (RFC 7636)."
    ),
    Reason.CODE_VERIFIER: (
        "The code_verifier is missing, or does not fit the code_challenge: the client mixed up "
        "two sign-ins, or somebody else's code was used."
    ),
    Reason.DPOP: "The DPoP proof is missing, does not hold, or shows another key (RFC 9449).",
    Reason.REQUEST_URI: (
        "The request_uri is unknown, too old, used before or another client's (RFC 9126)."
    ),
}
"""For the operator who is asked; a test sees to it that each has one."""
