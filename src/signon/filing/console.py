"""The console of a court's staff, `/court/{court}`: a line here and in `SECTIONS` for each part."""

from signon.courts.registry import CourtRegistry
from signon.db import Database
from signon.filing.agents.pages.court import AgentsSection
from signon.filing.certificates.pages import CertificatesSection
from signon.filing.confirming.pages import RequestsSection
from signon.filing.court.inviting import INVITING
from signon.filing.court.pages.activity import ActivitySection
from signon.filing.court.pages.policy import PolicySection
from signon.filing.court.pages.shell import Console
from signon.filing.court.pages.staff import StaffSection
from signon.filing.cutover.pages import CutoverSection
from signon.filing.cutover.waves.pages.desk import WavesSection
from signon.filing.filers.pages.filers import FilersSection
from signon.filing.filers.pages.finding import FindSection
from signon.filing.legacy_logins.pages import ImportSection
from signon.filing.linking.pages.logins import LoginsSection
from signon.filing.overview.pages import OverviewSection
from signon.filing.registrations.pages.desk import RegistrationsSection
from signon.inviting.pages import InvitationPages
from signon.web.application import Part
from signon.web.site import Site


def court_console(site: Site, database: Database, courts: CourtRegistry) -> list[Part]:
    """Its sections, in one shell."""
    console = Console(site, database)
    return [
        OverviewSection(console),
        FindSection(console),
        RegistrationsSection(console),
        FilersSection(console),
        AgentsSection(console),
        CertificatesSection(console),
        ImportSection(console),
        LoginsSection(console),
        CutoverSection(console),
        WavesSection(console),
        StaffSection(console),
        InvitationPages(console, INVITING, section="invitations", frame="court_console.html"),
        PolicySection(console, courts),
        RequestsSection(console, courts),
        ActivitySection(console),
    ]


__all__ = ["court_console"]
