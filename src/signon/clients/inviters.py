"""Who may let a client register itself, and as what: one table, for operators and for courts.

Whoever invites leaves the choice of names and addresses to somebody else. So a court gives only
what its own sign-in needs, on its own hosts; the REST interface is opened by operators alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from signon.clients.profiles import Profile
from signon.clients.scopes import DEFAULT_SCOPES, SCOPES, Holder
from signon.courts.registry import Court
from signon.errors import InputError, RefusedError


class Limits(NamedTuple):
    """What an inviter may give; hosts of a court are those below its own domain."""

    profiles: tuple[Profile, ...]
    scopes: Collection[str]


_HOLDERS = (Holder("casb", None, True), Holder(None, None, True))
"""A court's client and nobody's: no invitation is a firm's."""
OPERATORS = Limits(
    tuple(Profile), [name for name in SCOPES if any(map(SCOPES[name].may_hold, _HOLDERS))]
)
COURTS = Limits((Profile.FAPI2, Profile.STANDARD, Profile.IGOV), DEFAULT_SCOPES)
"""No client without PKCE, and nothing of the REST interface: a program that holds `court` may do
at the desk what an administrator may, and outlasts whoever let it in."""


@dataclass(frozen=True, slots=True)
class Inviter:
    """Somebody who invites: an operator, or whoever may do so for the court that is named."""

    actor: str
    court: Court | None = None

    @property
    def limits(self) -> Limits:
        """The row of the table."""
        return COURTS if self.court else OPERATORS

    @property
    def domain(self) -> str | None:
        """What a court's hosts end in: of `ecf.casb.uscourts.gov`, `casb.uscourts.gov`.

        The demonstration's courts, at an address or a name of one part, have that alone.
        """
        if self.court is None:
            return None
        host = urlsplit(self.court.cmecf_url).hostname or ""
        above = host.partition(".")[2]
        return above if "." in above and not above[-1].isdigit() else host

    def require_within(
        self, court: str | None, profile: str, scopes: Collection[str], hosts: Collection[str]
    ) -> None:
        """Raises InputError or RefusedError (`beyond_court`) for what is not the inviter's to give."""
        if self.court is None:
            return
        if court != self.court.id:
            raise RefusedError("beyond_court", "A court invites programs of its own only.")
        if profile not in self.limits.profiles:
            named = ", ".join(self.limits.profiles)
            raise InputError(f"A court gives the profiles {named}.", field="profile")
        if beyond := sorted(set(scopes).difference(self.limits.scopes)):
            raise RefusedError(
                "beyond_court",
                f"The scope {beyond[0][:64]} is given by the operators of this service: leave it out.",
            )
        for host in hosts:
            if host != self.domain and not host.endswith(f".{self.domain}"):
                raise InputError(f"{host[:64]} is not a host of {self.domain}.", field="hosts")
