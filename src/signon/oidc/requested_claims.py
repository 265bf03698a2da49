"""The `claims` parameter (OpenID Connect Core section 5.5): single claims, and where they go.

A client can ask for a claim by name only if it is registered for the scope that brings it; so
asking never gets more than a scope would, least of all another court's claims.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signon.oidc.claims import NAMES
from signon.oidc.errors import AuthorizationError
from signon.signin.session import AAL1, AAL2
from signon.texts import read_json

MAX_LENGTH = 4096
SCOPE_OF = {name: scope for scope, names in NAMES.items() for name in names}
PLACES = ("id_token", "userinfo")


@dataclass(frozen=True, slots=True)
class RequestedClaims:
    """What was asked for by name; `subject` is a `sub` that the answer must be about.

    `acr_values` are the levels of which one is essential; empty when none is.
    """

    id_token: tuple[str, ...]
    userinfo: tuple[str, ...]
    subject: str | None
    acr_values: tuple[str, ...]

    def stored(self) -> dict[str, list[str]] | None:
        """What is kept with the code and its grant."""
        names = {"id_token": list(self.id_token), "userinfo": list(self.userinfo)}
        return names if any(names.values()) else None


NOTHING = RequestedClaims((), (), None, ())


def read(text: str | None, scopes: Sequence[str]) -> RequestedClaims:
    """The parameter of a client that holds `scopes`; unknown members are ignored.

    Raises AuthorizationError for what is not such an object.
    """
    if text is None:
        return NOTHING
    asked = _parsed(text)
    return RequestedClaims(
        id_token=_names(asked["id_token"], scopes),
        userinfo=_names(asked["userinfo"], scopes),
        subject=_subject(asked["id_token"]),
        acr_values=_essential_acr(asked["id_token"]),
    )


def wants_aal2(acr_values: str | None, claims: RequestedClaims) -> bool:
    """Whether one factor is not enough: an announced level is named, and aal/1 is not.

    Unknown values are ignored; whoever names aal/1 too is content with it.
    """
    asked = (acr_values or "").split()
    return any(AAL2 in named and AAL1 not in named for named in (asked, claims.acr_values))


def _parsed(text: str) -> dict[str, Mapping[str, Any]]:
    try:
        asked = read_json(text) if len(text) <= MAX_LENGTH else None
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise AuthorizationError("invalid_request", "claims is not a JSON object")
    places = {place: asked[place] if asked.get(place) is not None else {} for place in PLACES}
    if not all(isinstance(members, dict) for members in places.values()):
        raise AuthorizationError("invalid_request", "claims has a member that is no object")
    return places


def _names(members: Mapping[str, Any], scopes: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in members if SCOPE_OF.get(name) in scopes)


def _subject(members: Mapping[str, Any]) -> str | None:
    wanted = members.get("sub")
    value = wanted.get("value") if isinstance(wanted, dict) else None
    return str(value) if value is not None else None


def _essential_acr(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Core section 5.5.1.1: an essential `acr` must be reached, or the request fails."""
    wanted = members.get("acr")
    if not isinstance(wanted, dict) or not wanted.get("essential"):
        return ()
    values = wanted.get("values") or [wanted.get("value")]
    if not isinstance(values, list):
        raise AuthorizationError("invalid_request", "claims asks for acr values that are no list")
    return tuple(str(value) for value in values if value is not None)
