"""Whom a rehearsal invents: as many of each state as a court may know of its own filers.

The states that depend on accounts are taken from the numbers that the court's desk shows, hidden
ones in equal parts: whoever plays a rehearsal learns nothing about real people from it
(docs/decisions/0035-what-a-court-learns-before-its-day.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import NamedTuple

from signon.filing.cutover.desk import Cutover
from signon.filing.cutover.states import OF_ACCOUNTS, LoginState, Preparedness
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.notices import rehearsals

FIRST = (
    *("Abel", "Bea", "Cyrus", "Dot", "Ezra", "Fern", "Gil", "Hester", "Ivo", "Juno", "Kip"),
    *("Lorna", "Moss", "Nell", "Otis", "Petra", "Quill", "Rhea", "Silas", "Tamsin", "Vito"),
)
LAST = (
    *("Ashdown", "Birchwood", "Copperfield", "Dovecote", "Elmsley", "Fairweather", "Greenfield"),
    *("Hollybush", "Ironside", "Jessamine", "Kettlewell", "Larkspur", "Millrace", "Nightingale"),
    *("Oakhanger", "Pennywhistle", "Quickset", "Rushlight", "Silverlock", "Thistlewood"),
)
"""As many as share no divisor with the first names: 420 people before a name comes again."""
UNUSABLE = (LoginStatus.DISABLED, LoginStatus.LOCKED, LoginStatus.ACTIVE)
"""An unusable login that is active has no address."""


class Player(NamedTuple):
    """Somebody to be played: a legacy login, and the state in which its holder is found."""

    number: int
    court_id: str
    state: LoginState
    roles: Sequence[str]

    @property
    def first_name(self) -> str:
        """The given name."""
        return FIRST[self.number % len(FIRST)]

    @property
    def last_name(self) -> str:
        """The family name."""
        return LAST[self.number % len(LAST)]

    @property
    def login(self) -> str:
        """The login that the court gave."""
        return f"{self.last_name.lower()}{self.number}"

    @property
    def username(self) -> str:
        """Of the account, if there is one."""
        return f"{self.court_id}-{self.number:04}" if self.has_account else ""

    @property
    def has_account(self) -> bool:
        """Whether an account belongs to it from the beginning."""
        return self.state not in {LoginState.UNUSABLE, LoginState.NO_ACCOUNT}

    @property
    def email(self) -> str:
        """The address on file, and of the account."""
        if self.state is LoginState.UNUSABLE and self.status is LoginStatus.ACTIVE:
            return ""
        local = f"{self.first_name}.{self.last_name}.{self.number}".lower()
        return rehearsals.address(local, self.court_id)

    @property
    def status(self) -> LoginStatus:
        """What the court's list says."""
        if self.state is not LoginState.UNUSABLE:
            return LoginStatus.ACTIVE
        return UNUSABLE[self.number % len(UNUSABLE)]


def cast(
    court_id: str, found: Cutover, roles: Sequence[Sequence[str]], people: int
) -> Iterator[Player]:
    """So many for a rehearsal, in the shares of the court's own; filing `roles` in turn."""
    states = [state for state, n in shares(found, people).items() for _one in range(n)]
    turns = cycle(roles)
    for number, state in enumerate(states, 1):
        yield Player(number, court_id, state, next(turns))


def shares(found: Cutover, people: int) -> dict[LoginState, int]:
    """How many are to be in each state; of none that the court has is there nobody."""
    weights = _weights(found)
    total = sum(weights.values())
    wanted = {state: people * weight / total for state, weight in weights.items() if weight}
    given = {state: max(1, int(share)) for state, share in wanted.items()}
    while (missing := people - sum(given.values())) != 0:
        step = 1 if missing > 0 else -1
        furthest = max(given, key=lambda state: step * (wanted[state] - given[state]))
        given[furthest] += step
    return given


def _weights(found: Cutover) -> dict[LoginState, float]:
    """What is linked was prepared, on the day that is played."""
    now = found.standings
    prepared = now[Preparedness.PREPARED] + now[Preparedness.LINKED]
    return {
        LoginState.PREPARED: prepared,
        **_of_accounts(found.why, now[Preparedness.NOT_PREPARED]),
        LoginState.UNUSABLE: now[Preparedness.UNUSABLE],
    }


def _of_accounts(
    why: Mapping[LoginState, int | None], not_prepared: int
) -> dict[LoginState, float]:
    told = {state: why.get(state) for state in OF_ACCOUNTS}
    known = sum(number or 0 for number in told.values())
    hidden = sum(number is None for number in told.values())
    rest = max(0, not_prepared - known) / hidden if hidden else 0.0
    parts = {state: rest if number is None else number for state, number in told.items()}
    scale = not_prepared / (sum(parts.values()) or 1)
    return {state: part * scale for state, part in parts.items()}
