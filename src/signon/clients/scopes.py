"""Every scope there is, and which clients may hold it.

Discovery, the authorization endpoint and the registration of clients read this one table.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """What about a client decides which scopes it may hold."""

    court_id: str | None
    firm_id: str | None
    signs_people_in: bool
    """Whether it has the grant `authorization_code`."""

    @property
    def is_bound(self) -> bool:
        """Whether it belongs to a court or to a firm."""
        return self.court_id is not None or self.firm_id is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope: whether it opens the REST API, who may hold it, and that in words."""

    is_api: bool
    may_hold: Callable[[Holder], bool]
    holders: str


_ANYBODY = Scope(False, lambda _: True, "any client")
_A_COURT = Scope(False, lambda holder: holder.court_id is not None, "a court's client (--court)")
_A_FIRM = Scope(True, lambda holder: holder.firm_id is not None, "a firm's client (--firm)")

SCOPES: dict[str, Scope] = {
    "openid": _ANYBODY,
    "profile": _ANYBODY,
    "email": _ANYBODY,
    "phone": _ANYBODY,
    "address": _ANYBODY,
    "pacer": _ANYBODY,
    "ecf": _A_COURT,
    "account": Scope(
        True, lambda holder: holder.signs_people_in, "a client with the grant authorization_code"
    ),
    "court": Scope(True, _A_COURT.may_hold, _A_COURT.holders),
    "firm": _A_FIRM,
    "firm:read": _A_FIRM,
    "firm:members": _A_FIRM,
    "firm:settings": _A_FIRM,
    "admin": Scope(
        True, lambda holder: not holder.is_bound, "a client bound to neither court nor firm"
    ),
}

KNOWN_SCOPES = frozenset(SCOPES)
"""Every other scope is ignored in a request (contract, section 5)."""
API_SCOPES = frozenset(name for name, scope in SCOPES.items() if scope.is_api)
"""Scopes of `/api/v1`; the others speak of a person."""
DEFAULT_SCOPES = ("openid", "profile", "email", "phone", "address", "pacer", "ecf")


def known(asked: str | None) -> tuple[str, ...]:
    """The scopes of a request that there are, each once; it may name others."""
    return tuple(dict.fromkeys(name for name in (asked or "").split() if name in KNOWN_SCOPES))


def default_scopes(holder: Holder) -> tuple[str, ...]:
    """What a client holds when nothing is named: all about a person, nothing of the API."""
    if not holder.signs_people_in:
        return ()
    return tuple(name for name in DEFAULT_SCOPES if SCOPES[name].may_hold(holder))
