"""The console of a firm's administrators, `/firm/{firm}`, and what a person answers a firm."""

from signon.firms.pages.administrators import AdministratorsSection
from signon.firms.pages.bulk import BulkPages
from signon.firms.pages.invitations import InvitationsSection
from signon.firms.pages.members import MembersSection
from signon.firms.pages.offers import OfferPages
from signon.firms.pages.overview import OverviewSection
from signon.firms.pages.registration import RegisterFirmPages
from signon.firms.pages.settings import SettingsSection
from signon.firms.pages.shell import Console
from signon.signin.wiring import Wiring
from signon.web.application import Part


def firm_pages(wiring: Wiring) -> list[Part]:
    """The console's shell and sections, the other side's pages, and how a firm registers."""
    console = Console(wiring.site, wiring.database)
    return [
        console,
        OverviewSection(console),
        MembersSection(console),
        InvitationsSection(console),
        BulkPages(console),
        SettingsSection(console),
        AdministratorsSection(console),
        OfferPages(wiring.site, wiring.database, wiring.courts),
        RegisterFirmPages(wiring),
    ]


__all__ = ["firm_pages"]
