"""What the signed-in home shows, in one unit."""

from collections.abc import Mapping
from dataclasses import dataclass

from signon.accounts import email_changes
from signon.accounts.email_changes import EmailChange
from signon.config import Settings
from signon.courts import staff
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.agents import pairs
from signon.filing.agents.pairs import Pair, PairState
from signon.firms import answering
from signon.firms.answering import Offer
from signon.profile import activity, overview
from signon.profile.activity import Line
from signon.profile.overview import Filing, Overview, Presence
from signon.signin import factors
from signon.signin.factors import Factors
from signon.signin.session import Session

LATEST = 5
"""How many events stand on the home."""


@dataclass(frozen=True, slots=True)
class Home:
    """The account and what hangs on it; `desks` are the courts whose console is open to the person;
    what a sign-in can be proved with; what firms ask; who asks to be filed for.
    """

    seen: Overview
    filing: Filing
    presence: Presence
    pending_email: EmailChange | None
    desks: list[Court]
    factors: Factors
    offers: list[Offer]
    agencies: list[Pair]
    activity: list[Line]


def home(unit: Unit, session: Session, courts: Mapping[str, Court], settings: Settings) -> Home:
    """As things stand for whoever is signed in."""
    account_id = session.account.id
    return Home(
        overview.overview(unit, session),
        overview.filing(unit, session, courts),
        overview.presence(unit, session, settings),
        email_changes.pending(unit, account_id),
        [courts[one] for one in staff.courts_of(unit, account_id) if one in courts],
        factors.of(unit, account_id),
        answering.offers(unit, session.account),
        _asked(unit, account_id, courts),
        activity.lines(unit, account_id, courts, limit=LATEST),
    )


def _asked(unit: Unit, account_id: str, courts: Mapping[str, Court]) -> list[Pair]:
    """Who has named the person as a filing agent and waits for an answer."""
    found = [one for one in pairs.of_agent(unit, account_id) if one.court_id in courts]
    return [
        one
        for one in found
        if one.state_for_agent(courts[one.court_id], unit.now) is PairState.OFFERED
    ]
