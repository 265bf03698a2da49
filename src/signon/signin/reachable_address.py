"""An address that mail does not reach, as a demand: the person is told once in a session."""

from datetime import datetime

from signon.accounts.unreachable import FAILS_SINCE
from signon.db import Unit
from signon.signin import demands
from signon.signin.demands import Asks, Known, Place
from signon.signin.session import Session

NAME = "address"
PATH = "/login/address"


class ReachableAddress:
    """The demand. Going on without mending it is as good an answer as any."""

    name = NAME
    path = PATH
    asks: Asks = (FAILS_SINCE,)

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Everywhere, once in a session."""
        return self.name not in session.met and known(FAILS_SINCE.name) is not None


def note_told(unit: Unit, session: Session) -> None:
    """Do not tell it again in this session. Raises SignInFirstError when that has ended."""
    demands.note_met(unit, session, NAME, "told")
