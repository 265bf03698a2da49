"""The pages below `/account`."""

from signon.filing.rights.second_factor import SecondFactor
from signon.profile.pages.additions import AdditionPages
from signon.profile.pages.addresses import AddressPages
from signon.profile.pages.demands import DemandPages
from signon.profile.pages.disputes import DisputePages
from signon.profile.pages.factors import FactorPages
from signon.profile.pages.forms import ChangePages
from signon.profile.pages.holder import Holder
from signon.profile.pages.home import HomePages
from signon.profile.pages.mailed import MailedLinkPages
from signon.profile.pages.notice_address import NoticeAddressPages
from signon.profile.pages.overview import OverviewPages
from signon.profile.pages.passkeys import AddPasskeyPages
from signon.profile.pages.password import PasswordPages
from signon.signin.client_code import ClientCode
from signon.signin.wiring import Wiring
from signon.web.application import Part


def account_pages(
    wiring: Wiring, second_factor: SecondFactor, client_code: ClientCode
) -> list[Part]:
    """Every one of them."""
    holder = Holder(wiring.site, wiring.database)
    factors = FactorPages(holder, ring=wiring.ring, second_factor=second_factor)
    return [
        HomePages(holder, wiring.courts),
        OverviewPages(holder, wiring.courts, client_code.rule_of),
        ChangePages(holder, wiring.courts, client_code.rule_of),
        PasswordPages(
            holder,
            hasher=wiring.hasher,
            gate=wiring.gate,
            trials=wiring.trials,
            ring=wiring.ring,
            courts=wiring.courts,
        ),
        MailedLinkPages(holder),
        DisputePages(holder, hasher=wiring.hasher, gate=wiring.gate, ring=wiring.ring),
        factors,
        AdditionPages(holder, factors, gate=wiring.gate, ring=wiring.ring),
        AddPasskeyPages(holder, ring=wiring.ring),
        AddressPages(holder),
        NoticeAddressPages(holder, wiring.courts),
        DemandPages(holder, wiring.clients, wiring.courts, second_factor, client_code),
    ]
