"""Readiness: what stands between somebody and filing at a court, said once for everybody."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, update

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.courts import changes
from signon.errors import NotFoundError
from signon.filing.models import certifications, efile_registrations, rights
from signon.filing.readiness import readiness
from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import LineState
from signon.filing.rights.filing_status import EcfStatus
from signon.ids import new_id
from tests.filing.conftest import Browse, House, line
from tests.filing.test_link_pages import told
from tests.infra.databases import ON_ONE


def of(house: House, account: Account, court: str = "casb") -> Readiness:
    """The list."""
    with house.database.reading() as unit:
        return readiness.of(unit, house.settings, account.id, house.court(court))


def states(found: Readiness) -> dict[str, str]:
    """Every line's state by its name."""
    return {one.name: one.state.value for one in found.lines}


def change(house: House, table: Any, **values: Any) -> None:
    """Change all rows of a table."""
    with house.database.writing() as unit:
        unit.execute(update(table).values(**values))


def test_from_nothing_to_filing(house: House):
    """Each line is met in its turn, and every open one says what to do and where."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    before = of(house, session.account)
    assert (before.is_ready, before.status) == (False, EcfStatus.NOT_LINKED)
    assert states(before) == {
        "individual_account": "met",
        "upgraded": "met",
        "account_active": "met",
        "second_factor": "advice",
        "court_live": "met",
        "linked_or_registered": "todo",
        "training": "later",
        "active": "later",
        "not_suspended": "met",
        "not_blocked": "met",
        "search_active": "met",
    }
    assert before.next_line
    assert before.next_line.address == "/courts/casb/link"
    house.link(session, "casb", "jdoe")
    after = of(house, session.account)
    assert after.is_ready
    assert set(states(after).values()) == {"met", "advice"}


REGISTRATIONS = [
    ("draft", "todo", "was begun"),
    ("pending", "waiting", "has not decided"),
    ("returned", "todo", "wants more"),
    ("rejected", "todo", "rejected"),
    ("withdrawn", "todo", "withdrawn"),
]


def test_the_state_of_a_registration_is_told(house: House):
    """The line of linking says how far the newest registration is."""
    account = house.account()
    registration = {
        "id": new_id(),
        "account_id": account.id,
        "court_id": "casb",
        "kind": "non_attorney",
        "type": "non_attorney",
        "roles": ["limited_creditor"],
        "answers": {},
        "state": "draft",
        "version": 1,
        "created_at": house.clock(),
        "updated_at": house.clock(),
    }
    with house.database.writing() as unit:
        unit.execute(insert(efile_registrations), registration)
    for state, expected, words in REGISTRATIONS:
        change(house, efile_registrations, state=state)
        [found] = [one for one in of(house, account).lines if one.name == "linked_or_registered"]
        assert (found.state, words in found.sentence) == (expected, True), state


RIGHTS: list[dict[str, Any]] = [
    {},
    {"status": "suspended", "suspended_by": ["court"], "suspension_reason": "fees unpaid"},
    {"status": "suspended", "suspended_by": ["certification"]},
    {"status": "suspended", "suspended_by": ["court", "certification"]},
    {"status": "pending", "pending_for": ["certification"]},
    {"status": "pending", "pending_for": ["review"]},
]
PEOPLE: list[dict[str, Any]] = [{}, {"has_factor": True}, {"search_status": "inactive"}]


@ON_ONE
def test_the_list_never_contradicts_the_token(house: House):
    """Whatever is so, ready means that the claim says active, and not ready names a next step."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    right: dict[str, Any] = {"status": "active", "suspended_by": [], "pending_for": None}
    person = {"has_factor": False, "search_status": "active", "filing_blocked_at": None}
    for values, about, blocked in product(RIGHTS, PEOPLE, (None, house.clock())):
        change(house, rights, **{**right, **values})
        change(house, accounts, **{**person, **about, "filing_blocked_at": blocked})
        found = of(house, session.account)
        assert found.is_ready == (found.status is EcfStatus.ACTIVE), (values, about, blocked)
        if found.next_line:
            assert found.next_line.sentence
            assert found.next_line.state is not LineState.LATER
            assert found.next_line.next_step


@pytest.mark.parametrize(
    ("kind", "created_on", "expected"),
    [
        (AccountKind.SHARED, None, "individual_account"),
        (AccountKind.FIRM, None, "individual_account"),
        (AccountKind.OPERATOR, None, "individual_account"),
        (AccountKind.INDIVIDUAL, date(2014, 8, 10), "upgraded"),
    ],
)
@ON_ONE
def test_other_accounts_begin_with_another_account(
    house: House, kind: AccountKind, created_on: date | None, expected: str
):
    """The first line in the way is that they cannot hold filing rights."""
    found = of(house, house.account("accounts1", kind, created_on))
    assert found.next_line
    assert found.next_line.name == expected


@ON_ONE
def test_a_court_that_is_not_live_says_until_when(house: House):
    """The date where there is one, the court's own site until then, and preparing where there is one."""
    account = house.account()
    for court, words in (("akd", "no date is set"), ("casd", "2020")):
        house.clock.set(house.clock().replace(year=2019))
        with house.database.writing() as unit:
            values = {"reset_url": "https://www.casd.uscourts.gov/password-reset"}
            changes.change(unit, court, values=values, actor="system")
        found = {one.name: one for one in of(house, account, court).lines}
        prepares = "todo" if house.court(court).go_live else "later"
        assert (found["court_live"].state, found["linked_or_registered"].state) == (
            "waiting",
            prepares,
        )
        assert "Until then" in found["court_live"].next_step
        assert found["court_live"].address == "https://www.casd.uscourts.gov/password-reset"
        if house.court(court).go_live:
            assert words in found["court_live"].sentence


def test_a_missing_certificate_names_the_role(house: House):
    """Whoever waits for a certificate is sent to the court's training page."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    change(house, rights, status="pending", pending_for=["certification"])
    with house.database.writing() as unit:
        values = {"training_url": "https://www.casb.uscourts.gov/training"}
        changes.change(unit, "casb", values=values, actor="system")
    found = of(house, session.account).next_line
    assert found
    assert (found.name, found.state) == ("training", "todo")
    assert "Attorney" in found.sentence
    assert found.address == "https://www.casb.uscourts.gov/training"


def test_the_help_desk_sees_its_filers_only(house: House):
    """A right, even an ended one, a registration or a certificate makes somebody the court's."""
    house.load("casb", line("jdoe"))
    filer, stranger = house.fresh(), house.account("stranger1")
    trained = house.account("trained11")
    house.link(filer, "casb", "jdoe")
    certificate = {
        "id": new_id(),
        "account_id": trained.id,
        "court_id": "casb",
        "role": "attorney",
        "certified_on": date(2026, 1, 1),
        "recorded_by": "x",
        "recorded_at": house.clock(),
    }
    with house.database.writing() as unit:
        unit.execute(insert(certifications), certificate)
        unit.execute(update(rights).values(ended_at=unit.now))

    def seen(number: str, court: str = "casb") -> Readiness:
        with house.database.reading() as unit:
            return readiness.of_filer(unit, house.settings, house.court(court), number)

    assert seen(filer.account.number).next_line == of(house, filer.account).next_line
    assert not seen(trained.number).is_ready
    told_apart = []
    for number, court in ((stranger.number, "casb"), ("0000000", "casb"), (trained.number, "cacd")):
        with pytest.raises(NotFoundError) as error:
            seen(number, court)
        told_apart.append(error.value.sentence.replace(number, "N").replace("Southern", ""))
    assert told_apart[0] == told_apart[1]


def test_the_page_for_anybody_and_for_oneself(house: House, browse: Browse):
    """Signed out it explains, and leads through the sign-in back; signed in it is one's own."""
    page = browse().get("/courts/casb/ready?client_id=unknown&return_to=https://evil.example")
    assert page.status_code == 200
    assert "Why is my login invalid?" in page.text
    assert "upgraded" in page.text
    assert "evil" not in page.text
    assert 'href="/courts/casb/link"' in page.text
    stranger = browse()
    to_sign_in = stranger.get("/courts/casb/ready/sign-in").headers["location"]
    assert to_sign_in.startswith("/login?journey=")
    house.load("casb", line("jdoe"))
    token = house.sign_in(house.account())
    own = browse(token).get("/courts/casb/ready")
    assert "No filing login is linked" in told(own.text)
    house.link(house.session(token), "casb", "jdoe")
    assert "Yes, you can file here" in browse(token).get("/courts/casb/ready").text
    assert "Register for e-filing" in browse().get("/courts/casb/ready").text
    house.clock.set(house.clock().replace(year=2019))
    for person in (browse(), browse(house.sign_in(house.account("ada.king1")))):
        before = person.get("/courts/casd/ready").text
        assert "Prepare your login" in before
        assert "Register for e-filing" not in before
    assert browse().get("/courts/nowhere/ready").status_code == 404
    assert "no date is set" in browse().get("/courts/akd/ready").text
