"""What has happened before anybody comes: a firm with members, registrations, a certificate.

All of it goes by the rules, as if the people had sat at the keyboard, so that histories, mails and
figures are there too. These people have no password: they are there to be seen.
"""

from collections.abc import Mapping
from datetime import timedelta

from signon.accounts import creation
from signon.accounts.directory import Account, by_username
from signon.config import Settings
from signon.courts.registry import read_one
from signon.crypto import KeyRing
from signon.db import Unit
from signon.demo.links import NOWHERE
from signon.demo.people import PASSERS_BY
from signon.filing.certificates import certification
from signon.filing.certificates.certification import WantedCertificate
from signon.filing.court.desk import Desk, Power
from signon.filing.registration_types import RegistrationType
from signon.filing.registrations import applying, deciding
from signon.filing.registrations.answers import AskedFor, Page
from signon.filing.registrations.applying import ACKNOWLEDGEMENTS, Registrant
from signon.filing.rights import training
from signon.filing.roles import Role
from signon.firms import answering, cost_centers, delivery, directory, invitations
from signon.firms.access import ActedAs, Authority
from signon.firms.cost_centers import CostCenterBody
from signon.firms.invitation_lines import NewInvitation

ACTOR = "demo"
FIRM, CLERK, COURT = "firm.accounts", "casb.clerk", "casb"
CREDITOR = AskedFor(RegistrationType.NON_ATTORNEY, Role.LIMITED_CREDITOR)
MEDIATOR = AskedFor(RegistrationType.NON_ATTORNEY, Role.MEDIATOR)
NOTICES = {"notice_frequency": "daily", "notice_format": "text"}


def enliven(unit: Unit, ring: KeyRing, settings: Settings) -> None:
    """Let it all happen, once; a start that was interrupted has done none of it."""
    if by_username(unit, PASSERS_BY[0].username):
        return
    people = {
        one.username: creation.create(unit, ring, one, password_hash=None, actor=ACTOR)
        for one in PASSERS_BY
    }
    _at_the_firm(unit, settings, people)
    _at_the_court(unit, settings, people)


def _at_the_firm(unit: Unit, settings: Settings, people: Mapping[str, Account]) -> None:
    firm = by_username(unit, FIRM)
    assert firm is not None
    office = Authority(
        directory.by_id(unit, firm.id), firm.id, ActedAs.ADMINISTRATOR, proved_recently=True
    )
    cost_centers.add(unit, office, CostCenterBody(code="LIT", name="Litigation"))
    for username, center in (("ivy.chen", "LIT"), ("noel.park", None), ("otto.lind", None)):
        person = people[username]
        made = invitations.invite(
            unit,
            office,
            NewInvitation(
                account_number=person.number,
                last_name=person.last_name or "",
                remark="Welcome to Marsh and Partners",
                cost_center=center,
                acknowledged=True,
            ),
        )
        delivery.deliver(unit, settings, [made.id])
        if username != "otto.lind":
            answering.accept(unit, person, made.id, leaves=None, source=NOWHERE)
    invitations.invite(
        unit,
        office,
        NewInvitation(
            first_name="Nora",
            last_name="Field",
            email="nora.field@lawoffice.example",
            remark="Starts next month",
            acknowledged=True,
        ),
    )


def _at_the_court(unit: Unit, settings: Settings, people: Mapping[str, Account]) -> None:
    court, clerk = read_one(unit, COURT), by_username(unit, CLERK)
    assert clerk is not None
    desk = Desk(court, clerk.id, frozenset(Power), settings, account=clerk)
    registered = {
        username: _register(unit, Registrant(people[username], court, settings.issuer, NOWHERE), to)
        for username, to in (
            ("rita.vale", CREDITOR),
            ("sam.itoh", MEDIATOR),
            ("rosa.hart", MEDIATOR),
        )
    }
    deciding.approve(unit, desk, registered["rosa.hart"], deciding.Grant([Role.MEDIATOR.value]))
    today = training.today(court, unit.now)
    certificate = WantedCertificate(
        people["rosa.hart"].number, Role.MEDIATOR.value, today, today + timedelta(days=365)
    )
    certification.record(unit, desk, certificate)
    deciding.return_(
        unit, desk, registered["sam.itoh"], "Tell us which organization you mediate for."
    )


def _register(unit: Unit, who: Registrant, wanted: AskedFor) -> str:
    applying.begin(unit, who, wanted, return_to=None)
    applying.save(unit, who, Page.DETAILS, {"organization": "Orchard Credit Union"})
    applying.save(unit, who, Page.DELIVERY, {**NOTICES, "notice_email": who.account.email})
    return applying.submit(unit, who, list(ACKNOWLEDGEMENTS)).id
