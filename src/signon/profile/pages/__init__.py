"""The pages below `/account`."""

from starlette.routing import Route

from signon.accounts.hashing import Hasher, HashingGate
from signon.clients.registry import ClientRegistry
from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database
from signon.filing.second_factor import SecondFactor
from signon.profile.pages.additions import AdditionPages
from signon.profile.pages.demands import DemandPages
from signon.profile.pages.disputes import DisputePages
from signon.profile.pages.factors import FactorPages
from signon.profile.pages.forms import ChangePages
from signon.profile.pages.holder import Holder
from signon.profile.pages.mailed import MailedLinkPages
from signon.profile.pages.overview import OverviewPages
from signon.profile.pages.passkeys import AddPasskeyPages
from signon.profile.pages.password import PasswordPages
from signon.signin.client_code import ClientCode
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
        clients: ClientRegistry,
        second_factor: SecondFactor,
        client_code: ClientCode,
    ) -> None:
        holder = Holder(site, database)
        factors = FactorPages(holder, ring=ring, second_factor=second_factor)
        self._pages = (
            OverviewPages(holder, courts, client_code.rule_of),
            ChangePages(holder, client_code.rule_of),
            PasswordPages(holder, hasher=hasher, gate=gate, ring=ring, courts=courts),
            MailedLinkPages(holder),
            DisputePages(holder, hasher=hasher, gate=gate, ring=ring),
            factors,
            AdditionPages(holder, factors, gate=gate, ring=ring),
            AddPasskeyPages(holder, ring=ring),
            DemandPages(holder, clients, courts, second_factor, client_code),
        )

    def routes(self) -> list[Route]:
        """Where they are."""
        return [route for page in self._pages for route in page.routes()]
