"""The console of a firm's administrators, `/firm/{firm}`, and what a person answers a firm."""

from signon.db import Database
from signon.firms.pages.administrators import AdministratorsSection
from signon.firms.pages.bulk import BulkPages
from signon.firms.pages.invitations import InvitationsSection
from signon.firms.pages.members import MembersSection
from signon.firms.pages.offers import OfferPages
from signon.firms.pages.overview import OverviewSection
from signon.firms.pages.settings import SettingsSection
from signon.firms.pages.shell import Console
from signon.web.application import Part
from signon.web.site import Site


def firm_console(site: Site, database: Database) -> list[Part]:
    """The shell, its sections, and the other side's pages."""
    console = Console(site, database)
    return [
        console,
        OverviewSection(console),
        MembersSection(console),
        InvitationsSection(console),
        BulkPages(console),
        SettingsSection(console),
        AdministratorsSection(console),
        OfferPages(site, database),
    ]


__all__ = ["firm_console"]
