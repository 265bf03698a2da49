"""What a request presents to be let in: an `Authorization` header, and proofs of a key (RFC 9449)."""

from dataclasses import dataclass

from starlette.requests import Request

KEPT = "signon.presented"
"""Where a request's scope keeps what was read of it."""


@dataclass(frozen=True, slots=True)
class Presented:
    """The parts of a request that a proof is about, and what was sent to prove it.

    `scheme` is in small letters; both it and `credentials` are empty where none came.
    """

    method: str
    path: str
    scheme: str
    credentials: str
    proofs: tuple[str, ...]


def presented(request: Request) -> Presented:
    """What this request presents, read once."""
    known = request.scope.get(KEPT)
    if not isinstance(known, Presented):
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        known = request.scope[KEPT] = Presented(
            request.method,
            request.scope["path"],
            scheme.lower(),
            credentials.strip(),
            tuple(request.headers.getlist("dpop")),
        )
    return known
