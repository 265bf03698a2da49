"""What has to be met between signing in and going on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.config import Settings
from signon.db import Database, Unit
from signon.signin import demands
from signon.signin import session as sessions
from signon.signin.demands import OURS, Asks, Demands, Known, PasswordChange, Place
from signon.signin.session import Session
from signon.web.visitor import Source
from tests.infra.clock import FrozenClock


@dataclass(frozen=True)
class Wanted:
    """A demand for the test: due on the way to one court."""

    name: str
    path: str
    court: str | None = None
    asks: Asks = ()

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Whether the way leads there."""
        return place.court_id == self.court and self.name not in session.met


def _session(unit: Unit, account: Account, settings: Settings) -> tuple[str, Session]:
    token = sessions.start(unit, account, settings=settings, previous=None, source=Source())
    session = sessions.current(unit, token, settings)
    assert session is not None
    return token, session


def test_one_after_the_other_and_each_once(wired: Database, account: Account, settings: Settings):
    """The order of the list is the order in which people are asked; what was met stays met."""
    one, two = Wanted("one", "/one"), Wanted("two", "/two")
    elsewhere = Wanted("elsewhere", "/elsewhere", court="casb")
    ours = Demands([elsewhere, one, two])
    with wired.writing() as unit:
        token, session = _session(unit, account, settings)
        assert ours.first(unit, session, OURS) == one
        demands.note_met(unit, session, "one", "put off")
        session = sessions.current(unit, token, settings) or session
        assert session.met == {"one": "put off"}
        assert ours.first(unit, session, OURS) == two
        demands.note_met(unit, session, "two")
        session = sessions.current(unit, token, settings) or session
        assert ours.first(unit, session, OURS) is None
        assert ours.first(unit, session, Place("x", "casb")) == elsewhere
        assert demands.address(two, None) == "/two"


def test_a_password_is_due_by_pacers_calendar_only(
    wired: Database, account: Account, settings: Settings, clock: FrozenClock
):
    """180 days under `pacer`; never under `nist`."""
    with wired.writing() as unit:
        long_ago = unit.now - timedelta(days=180)
        unit.execute(update(accounts).values(password_changed_at=long_ago))
        _, session = _session(unit, account, settings)
        assert PasswordChange("pacer").is_due(unit.now, session, OURS, str)
        assert not PasswordChange("nist").is_due(unit.now, session, OURS, str)
        unit.execute(update(accounts).values(password_changed_at=long_ago + timedelta(seconds=1)))
        _, session = _session(unit, account, settings)
        assert not PasswordChange("pacer").is_due(unit.now, session, OURS, str)
