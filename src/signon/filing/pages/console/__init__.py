"""The console of a court's staff, `/court/{court}`: a line here and in `SECTIONS` for each part."""

from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database
from signon.filing.pages.console.activity import ActivitySection
from signon.filing.pages.console.certificates import CertificatesSection
from signon.filing.pages.console.filers import FilersSection
from signon.filing.pages.console.logins import LoginsSection
from signon.filing.pages.console.policy import PolicySection
from signon.filing.pages.console.registrations import RegistrationsSection
from signon.filing.pages.console.requests import RequestsSection
from signon.filing.pages.console.shell import Console
from signon.filing.pages.console.staff import StaffSection
from signon.web.application import Part
from signon.web.site import Site


def court_console(
    site: Site, database: Database, ring: KeyRing, courts: CourtRegistry
) -> list[Part]:
    """The shell and its sections."""
    console = Console(site, database)
    return [
        console,
        RegistrationsSection(console),
        FilersSection(console),
        CertificatesSection(console),
        LoginsSection(console, ring),
        StaffSection(console),
        PolicySection(console, courts),
        RequestsSection(console, courts),
        ActivitySection(console),
    ]


__all__ = ["court_console"]
