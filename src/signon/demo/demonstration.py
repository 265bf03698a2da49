"""The demonstration as a whole: take the ports, fill the folder, serve."""

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from socket import socket

from starlette.types import ASGIApp

from signon import config
from signon.app import create_app, wire
from signon.clock import utc_now
from signon.config import Settings
from signon.courts.registry import Court as RegisteredCourt
from signon.crypto import KeyRing
from signon.db import BULK, Database
from signon.demo import court_clients, description, serving
from signon.demo.addresses import Addresses, listening
from signon.demo.case_locator import CaseLocator
from signon.demo.court import Court
from signon.demo.court_clients import CourtClient
from signon.demo.court_sign_in import CourtSite
from signon.demo.filling import Filler
from signon.demo.folder import DataFolder
from signon.demo.mailbox import Mailbox
from signon.demo.people import COURTS
from signon.demo.programs import Programs
from signon.demo.relying_party import RelyingParty
from signon.tables import metadata

Say = Callable[[str], None]


class Demonstration:
    """One demonstration over one data folder and four ports."""

    def __init__(self, path: Path, first_port: int) -> None:
        self._folder = DataFolder(path)
        self._addresses = Addresses(first_port)

    def run(self, say: Say, *, reset: bool = False) -> None:
        """Serve until it is stopped; `say` is given every line for the terminal.

        Raises SignonError when it cannot start: a busy port, or a folder that does not fit.
        Then nothing was changed.
        """
        with listening(self._addresses) as listeners, self._folder.held():
            if reset:
                self._folder.reset()
            settings = self._settings()
            self._folder.migrate(metadata)
            sites, clients, locator = self._prepare(settings)
            serving.serve(
                self._sites(settings, sites, clients, locator, listeners),
                ready=partial(self._tell, say),
            )

    def _settings(self) -> Settings:
        """The settings; a `.env` file in the working folder is somebody else's."""
        return config.load(
            _env_file=None,
            issuer=self._addresses.issuer,
            database_url=self._folder.database_url,
            secret_keys=self._folder.secret_keys(),
            smtp_url=f"file:{self._folder.mail}",
            # whoever wants to see filers put it off, and blocked, says so
            filer_second_factor=os.environ.get("SIGNON_FILER_SECOND_FACTOR", "offered"),
            cso_api=os.environ.get("SIGNON_CSO_API", "on"),
            log_format="console",
        )

    def _prepare(
        self, settings: Settings
    ) -> tuple[dict[str, CourtSite], dict[str, CourtClient], CourtClient]:
        """Fill the database, register the courts, and write `demo.json`."""
        ring = KeyRing(settings.key_bytes)
        url = self._folder.database_url
        with closing(wire(Database(url, pool=1, timeouts=BULK, ring=ring))) as database:
            addresses = {court: self._addresses.all[court] for court in COURTS}
            filler = Filler(database, ring, settings, addresses)
            filler.fill()
            sites = {court.id: self._site(court) for court in filler.courts().values()}
            known = self._folder.description().get("clients", [])
            clients = court_clients.register(database, list(sites.values()), known)
            locator = court_clients.register_case_locator(database, known)
            numbers = filler.account_numbers()
        self._folder.describe(
            description.described(self._addresses, numbers, [*clients.values(), locator])
        )
        return sites, clients, locator

    def _site(self, court: RegisteredCourt) -> CourtSite:
        address = self._addresses.all[court.id]
        return CourtSite(court.id, court.name, court.type, address, self._addresses.issuer)

    def _sites(
        self,
        settings: Settings,
        sites: Mapping[str, CourtSite],
        clients: Mapping[str, CourtClient],
        locator: CourtClient,
        listeners: Mapping[str, list[socket]],
    ) -> dict[str, serving.Site]:
        makers: dict[str, Callable[[], ASGIApp]] = {
            "signon": partial(create_app, settings, demo=True),
            "mailbox": partial(_mailbox, self._folder.mail, settings.issuer, locator),
        }
        for site in sites.values():
            makers[site.id] = partial(_court, site, clients[site.id])
        return {name: (make, listeners[name]) for name, make in makers.items()}

    def _tell(self, say: Say) -> None:
        for line in description.lines(self._addresses, str(self._folder.path)):
            say(line)


def _court(site: CourtSite, client: CourtClient) -> ASGIApp:
    party = RelyingParty(
        site.issuer, client.client_id, client.client_secret, site.callback, clock=utc_now
    )
    programs = Programs(site.issuer, client.client_id, client.client_secret)
    return Court(site, party, programs, clock=utc_now).application()


def _mailbox(folder: Path, issuer: str, client: CourtClient) -> ASGIApp:
    """The mailbox, and behind it the case locator's stand-in, which needs no port of its own."""
    programs = Programs(issuer, client.client_id, client.client_secret)
    application = Mailbox(folder).application()
    application.router.routes.extend(CaseLocator(programs, clock=utc_now).routes())
    return application
