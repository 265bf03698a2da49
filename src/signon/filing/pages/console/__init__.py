"""The console of a court's staff, `/court/{court}`: a line here and in `SECTIONS` for each part."""

from signon.db import Database
from signon.filing.pages.console.registrations import RegistrationsSection
from signon.filing.pages.console.shell import Console
from signon.filing.pages.console.staff import StaffSection
from signon.web.application import Part
from signon.web.site import Site


def court_console(site: Site, database: Database) -> list[Part]:
    """The shell and its sections."""
    console = Console(site, database)
    return [console, RegistrationsSection(console), StaffSection(console)]


__all__ = ["court_console"]
