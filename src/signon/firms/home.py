"""A firm's first page: what waits for its administrators, what changed last, what ends soon."""

from collections.abc import Sequence
from dataclasses import dataclass

from signon.clients import secrets
from signon.clients.secrets import Ending
from signon.db import Unit
from signon.firms import activity, figures, invitation_list
from signon.firms.access import Authority
from signon.firms.activity import Happened
from signon.firms.figures import Figures
from signon.firms.invitation_list import Invitation
from signon.firms.models import InvitationStatus

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Home:
    """How the firm stands. `waiting`: the invitations that end first; `expired`: how many ended
    without an answer; `ending`: old secrets of the firm's programs.
    """

    figures: Figures
    waiting: Sequence[Invitation]
    expired: int
    ending: Sequence[Ending]
    changed: Sequence[Happened]


def of(unit: Unit, authority: Authority) -> Home:
    """As things stand."""
    return Home(
        figures.of(unit, authority),
        invitation_list.waiting(unit, authority, limit=SHOWN),
        invitation_list.counts(unit, authority)[InvitationStatus.EXPIRED],
        secrets.ending(unit, firm_id=authority.firm.id, limit=SHOWN),
        activity.listed(unit, authority, limit=SHOWN),
    )
