"""Who lives in the demonstration: one person for every case that a court has to deal with.

Their legacy filing logins stand in `data/casb.csv` and `data/cacd.csv`, in the form in which a
court hands such logins over, each with a password in another of the old notations.
"""

from dataclasses import dataclass, field
from datetime import date
from importlib import resources

from signon.accounts.checks import Contact
from signon.accounts.creation import NewAccount
from signon.accounts.models import AccountKind
from signon.courts.staff import StaffRole

COURTS = ("casb", "cacd")
"""The courts that have a server here."""


@dataclass(frozen=True, slots=True)
class Ecf:
    """A legacy filing login; `is_linked`: the account takes it over before anybody comes."""

    court: str
    login: str
    password: str = field(repr=False)
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the demonstration. `about` tells visitors what to try.

    `files_for`: usernames of those whose filing agent the person is, at `casb`. `totp_secret`,
    base32, is that of the app which the person has enrolled.
    """

    purpose: str
    about: str
    account: NewAccount
    password: str = field(repr=False)
    ecf: tuple[Ecf, ...] = ()
    staff: tuple[str, StaffRole] | None = None
    files_for: tuple[str, ...] = ()
    totp_secret: str | None = field(default=None, repr=False)

    @property
    def username(self) -> str:
        """What this person signs in with."""
        return self.account.username

    @property
    def unused_logins(self) -> tuple[Ecf, ...]:
        """Legacy logins that are still to be linked, if nobody did it meanwhile."""
        return tuple(ecf for ecf in self.ecf if not ecf.is_linked)


def legacy_logins_of(court: str) -> bytes:
    """The file with which a court hands its legacy logins over."""
    return (resources.files("signon.demo") / "data" / f"{court}.csv").read_bytes()


def _individual(
    username: str,
    first_name: str,
    last_name: str,
    born: date,
    *,
    email: str,
    street: str,
    city: str,
    postal_code: str,
    phone: str,
    county: str = "San Diego",
    created_on: date | None = None,
) -> NewAccount:
    return NewAccount(
        AccountKind.INDIVIDUAL,
        username,
        email,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=born,
        created_on=created_on,
        contact=Contact(phone, street, city, "CA", postal_code, county, "US"),
    )


PEOPLE = (
    Person(
        "linked_attorney",
        "attorney, files at both courts",
        _individual(
            "linked.attorney",
            "Lena",
            "Marsh",
            date(1974, 5, 21),
            email="lena.marsh@lawoffice.example",
            street="410 Harbor Row, Suite 12",
            city="San Diego",
            postal_code="92101",
            phone="+16195550110",
        ),
        "Copper lantern, quiet water",
        (
            Ecf("casb", "lmarsh", "Harbor-2011", is_linked=True),
            Ecf("cacd", "CA104211", "Canyon-2012", is_linked=True),
        ),
    ),
    Person(
        "unlinked_attorney",
        "attorney, has not linked anything yet",
        _individual(
            "unlinked.attorney",
            "Uri",
            "Novak",
            date(1981, 11, 3),
            email="uri.novak@mail.example",
            street="77 Juniper Street",
            city="San Diego",
            postal_code="92103",
            phone="+16195550120",
        ),
        "Seven pelicans over Mission Bay",
        (
            Ecf("casb", "unovak", "Pelican-2013"),
            Ecf("cacd", "CA204417", "Juniper-2014"),
        ),
    ),
    Person(
        "legacy",
        "legacy account of 2009: may read; to link, upgrades first",
        _individual(
            "hb2009",
            "Hal",
            "Bishop",
            date(1958, 2, 14),
            email="hal.bishop@bishop.example",
            street="9 Old Ferry Road",
            city="Coronado",
            postal_code="92118",
            phone="+16195550130",
            created_on=date(2009, 5, 4),
        ),
        "Slow ferry, low tide, no hurry",
        (
            Ecf("casb", "hbishop", "Lantern-2009"),
            Ecf("cacd", "CA087330", "Ferry-2010"),
        ),
    ),
    Person(
        "shared",
        "shared account of an office: may only read",
        NewAccount(
            AccountKind.SHARED,
            "shared.office",
            "library@lawoffice.example",
            firm_name="Marsh and Partners, Library",
            contact=Contact(
                "+16195550111",
                "410 Harbor Row, Suite 10",
                "San Diego",
                "CA",
                "92101",
                "San Diego",
                "US",
            ),
        ),
        "Everyone reads, nobody files here",
    ),
    Person(
        "firm",
        "firm account: manages and pays, cannot go to a court",
        NewAccount(
            AccountKind.FIRM,
            "firm.accounts",
            "accounts@lawoffice.example",
            firm_name="Marsh and Partners LLP",
            contact=Contact(
                "+16195550112",
                "410 Harbor Row, Suite 12",
                "San Diego",
                "CA",
                "92101",
                "San Diego",
                "US",
            ),
        ),
        "Ledgers balance before breakfast!",
        totp_secret="LEDGERSATMARSHDE2LEDGERSATMARSHD",  # noqa: S106 - published
    ),
    Person(
        "trustee",
        "trustee at casb",
        _individual(
            "casb.trustee",
            "Tessa",
            "Quill",
            date(1969, 9, 30),
            email="tessa.quill@trustee.example",
            street="2250 Fourth Avenue",
            city="San Diego",
            postal_code="92101",
            phone="+16195550140",
        ),
        "Meeting at nine, estate at ten",
        (Ecf("casb", "tquill", "Granite-2010", is_linked=True),),
    ),
    Person(
        "limited_creditor",
        "creditor's representative at casb: claims only",
        _individual(
            "limited.creditor",
            "Leo",
            "Grant",
            date(1990, 6, 8),
            email="leo.grant@creditunion.example",
            street="1500 Orchard Plaza",
            city="Chula Vista",
            postal_code="91910",
            phone="+16195550150",
        ),
        "Orchard plaza, third window left",
        (Ecf("casb", "lgrant", "Meadow-2015", is_linked=True),),
    ),
    Person(
        "filing_agent",
        "filing agent at casb: files for the attorney or the trustee",
        _individual(
            "filing.agent",
            "Fay",
            "Ackerman",
            date(1995, 4, 12),
            email="fay.ackerman@paralegal.example",
            street="410 Harbor Row, Suite 14",
            city="San Diego",
            postal_code="92101",
            phone="+16195550190",
        ),
        "Two principals and one typewriter",
        (Ecf("casb", "fagent", "Ferry-2016", is_linked=True),),
        files_for=("linked.attorney", "casb.trustee"),
    ),
    Person(
        "pro_se",
        "represents herself in one case at cacd",
        _individual(
            "prose.party",
            "Petra",
            "Sole",
            date(1986, 1, 17),
            email="petra.sole@home.example",
            street="318 Magnolia Court",
            city="Pasadena",
            postal_code="91101",
            phone="+16265550160",
            county="Los Angeles",
        ),
        "One case, one voice, one stamp",
        (Ecf("cacd", "psole", "Saffron-2025", is_linked=True),),
    ),
    Person(
        "operator",
        "operator of the service",
        NewAccount(
            AccountKind.OPERATOR,
            "the.operator",
            "operator@signon.example",
            first_name="Omar",
            last_name="Reyes",
            contact=Contact("+12025550170", country="US"),
        ),
        "Keys turn twice, then rest a year",
        totp_secret="OPERATORDEMOKEY2OPERATORDEMOKEY2",  # noqa: S106 - published
    ),
    Person(
        "court_staff",
        "administrator on the staff of casb; no filing rights",
        _individual(
            "casb.clerk",
            "Carla",
            "Stone",
            date(1977, 12, 1),
            email="carla.stone@court.example",
            street="100 Courthouse Square",
            city="San Diego",
            postal_code="92101",
            phone="+16195550180",
        ),
        "The counter opens at half past eight",
        staff=("casb", StaffRole.ADMINISTRATOR),
        totp_secret="CLERKATCASBDEMO2CLERKATCASBDEMO2",  # noqa: S106 - published
    ),
)


def _passer_by(first_name: str, last_name: str) -> NewAccount:
    username = f"{first_name}.{last_name}".lower()
    return _individual(
        username,
        first_name,
        last_name,
        date(1984, 3, 2),
        email=f"{username}@mail.example",
        street="12 Ferry Street",
        city="San Diego",
        postal_code="92101",
        phone="+16195550190",
    )


PASSERS_BY = (
    _passer_by("Ivy", "Chen"),
    _passer_by("Noel", "Park"),
    _passer_by("Otto", "Lind"),
    _passer_by("Rita", "Vale"),
    _passer_by("Sam", "Itoh"),
    _passer_by("Rosa", "Hart"),
)
"""Who is there to be seen, and cannot sign in: a firm's members, a court's applicants (`life`)."""
