"""Pages for filers at a court: linking a legacy login, proving one by mail, what is missing."""

from signon.filing.agents.pages.choosing import ChoosingPages
from signon.filing.agents.pages.own import OwnAgentsPages
from signon.filing.console import court_console
from signon.filing.cutover.waves.pages.followed import FollowedPages
from signon.filing.linking.pages.linking import LinkPages
from signon.filing.linking.pages.lost import LostLoginPages
from signon.filing.linking.pages.undo import UndoPages
from signon.filing.readiness.pages.court import CourtPages
from signon.filing.readiness.pages.ready import ReadyPages
from signon.filing.registrations.pages.registered import RegisteredPages
from signon.filing.registrations.pages.registering import RegisteringPages
from signon.signin.wiring import Wiring
from signon.web.application import Part


def filing_pages(wiring: Wiring) -> list[Part]:
    """Those of filers, and the console of a court's staff."""
    return [
        *court_console(wiring.site, wiring.database, wiring.courts),
        ChoosingPages(wiring),
        CourtPages(wiring),
        FollowedPages(wiring),
        LinkPages(wiring),
        LostLoginPages(wiring),
        OwnAgentsPages(wiring),
        ReadyPages(wiring),
        RegisteredPages(wiring),
        RegisteringPages(wiring),
        UndoPages(wiring),
    ]


__all__ = ["filing_pages"]
