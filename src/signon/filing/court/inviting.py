"""Programs that a court lets register themselves, on its own hosts (`clients.inviters`)."""

from signon.clients.inviters import Inviter
from signon.filing.court.desk import Desk, Power
from signon.inviting.acts import Inviting


def _inviter(desk: Desk) -> Inviter:
    return Inviter(desk.actor, desk.court)


INVITING = Inviting(_inviter, Power.INVITE)
"""As the court at whose desk somebody sits."""
