"""What the signed-in home shows, in one unit: the account's overview, and what waits for answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from signon.accounts.client_codes import RuleOf
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.firms import answering
from signon.firms.answering import Offer
from signon.profile.overview import Overview, overview
from signon.signin import factors
from signon.signin.factors import Factors
from signon.signin.session import Session


@dataclass(frozen=True, slots=True)
class Home:
    """The overview; what a sign-in can be proved with; what firms ask."""

    seen: Overview
    factors: Factors
    offers: list[Offer]


def home(
    unit: Unit,
    session: Session,
    courts: Mapping[str, Court],
    settings: Settings,
    rule_of: RuleOf,
) -> Home:
    """As things stand for whoever is signed in."""
    return Home(
        overview(unit, session, courts, settings, rule_of),
        factors.of(unit, session.account.id),
        answering.offers(unit, session.account),
    )
