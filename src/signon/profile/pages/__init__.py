"""The pages below `/account`."""

from starlette.routing import Route

from signon.accounts.hashing import Hasher, HashingGate
from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database
from signon.profile.pages.forms import ChangePages
from signon.profile.pages.holder import Holder
from signon.profile.pages.mailed import MailedLinkPages
from signon.profile.pages.overview import OverviewPages
from signon.profile.pages.password import PasswordPages
from signon.web.site import Site


class AccountPages:
    """Every one of them."""

    def __init__(
        self,
        site: Site,
        database: Database,
        *,
        hasher: Hasher,
        gate: HashingGate,
        ring: KeyRing,
        courts: CourtRegistry,
    ) -> None:
        holder = Holder(site, database)
        self._pages = (
            OverviewPages(holder, courts),
            ChangePages(holder),
            PasswordPages(holder, hasher=hasher, gate=gate, ring=ring, courts=courts),
            MailedLinkPages(holder),
        )

    def routes(self) -> list[Route]:
        """Where they are."""
        return [route for page in self._pages for route in page.routes()]
