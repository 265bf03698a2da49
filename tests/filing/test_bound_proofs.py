"""What proofs and links are bound to: the login as it was, an account that is not frozen, its names."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF
from signon.accounts.models import accounts
from signon.errors import RefusedError
from signon.filing.court import court_policy
from signon.filing.legacy_logins import legacy_logins
from signon.filing.linking import lost_logins, name_reviews, proving
from signon.filing.linking.linking import Linked
from signon.filing.models import legacy_logins as logins
from signon.filing.models import link_proofs, rights
from signon.filing.rights import role_changes, suspension
from signon.filing.rights.role_changes import GivenRoles
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.profile import changes
from signon.profile.changes import Asker
from tests.filing.conftest import ORIGIN, PASSWORD, Browse, House, argon2, line
from tests.filing.test_certification import certify, look
from tests.filing.test_life import accept, at_desk, claims, desk
from tests.filing.test_link_pages import FORM, fields, open_form, told
from tests.filing.test_linking import reason
from tests.filing.test_lost_logins import ask, link_of, post, shown
from tests.infra.databases import ON_ONE

OTHER = argon2("another Secret 2")
CHANGES: list[dict[str, str]] = [
    {"password_hash": OTHER},
    {"last_name": "Roe"},
    {"first_name": "June"},
    {"email": "new@court.example.com"},
]


@pytest.fixture(autouse=True)
def _no_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens beside the tests."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])


# ── The login as it was ──────────────────────────────────────────────────────


@pytest.mark.parametrize("change", CHANGES)
def test_a_proof_dies_when_the_login_changes(house: House, change: dict[str, str]):
    """The court gives the login to somebody else between proof and confirmation."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    house.load("casb", line("jdoe", **change))
    with house.database.reading() as unit:
        assert proving.find_proof(unit, session, house.court("casb"), journey) is None
    assert reason(house.confirm(session, "casb", journey)) == "login_changed"
    assert not house.rows(rights)


@ON_ONE
def test_a_login_that_was_closed_and_opened_again_is_proved_anew(house: House):
    """What stands there is what was proved, but somebody else may have had it meanwhile."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    house.load("casb", line("jdoe", status="disabled"))
    house.load("casb", line("jdoe"))
    assert reason(house.confirm(session, "casb", journey)) == "login_changed"


def test_a_proof_survives_an_import_that_changes_nothing_of_it(house: House):
    """Courts import their lists every night; roles are read at the confirmation."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    house.load("casb", line("jdoe", role="trustee"))
    assert house.confirm(session, "casb", journey) == Linked("jdoe", ("trustee",))


@ON_ONE
def test_a_password_that_changes_while_it_is_hashed_proves_nothing(house: House):
    """The attempt has read the old one."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    made = house.attempt(session, "casb", "jdoe")
    assert isinstance(made, proving.Attempt)
    assert made.login is not None
    house.load("casb", line("jdoe", OTHER))
    with house.database.writing() as unit:
        journey = store.start(unit, JourneyKind.LINK, lasts=timedelta(hours=1))
        with pytest.raises(RefusedError) as refused:
            proving.prove(
                unit,
                session,
                house.court("casb"),
                made,
                journey=journey,
                ring=house.ring,
                settings=house.settings,
                source=ORIGIN,
            )
    assert refused.value.reason == "login_changed"
    assert not house.rows(link_proofs)


@pytest.mark.parametrize("change", CHANGES[:3])
@ON_ONE
def test_a_mailed_link_dies_with_the_login_that_it_was_for(
    house: House, browse: Browse, change: dict[str, str]
):
    """The address on file is still the former owner's for a while."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    ask(browser, "jdoe")
    [sent] = post(house)
    page = shown(browser, link_of(sent))
    house.load("casb", line("jdoe", **change))
    answer = browser.post(f"{FORM}/proof", data=fields(page.text))
    assert (answer.status_code, "has changed this filing login" in told(answer.text)) == (403, True)
    assert not house.rows(link_proofs)


@ON_ONE
def test_nobody_links_what_they_brought_into_the_list(house: House):
    """An administrator's own import proves nothing about them; a colleague's does."""
    account = house.account()
    house.load("casb", line("jdoe"), actor=account.id)
    session = house.session(house.sign_in(account))
    assert reason(house.prove(session, "casb", "jdoe")) == "own_account"
    house.load("casb", line("jdoe"))
    journey = house.proved(session, "casb", "jdoe")
    house.load("casb", line("jdoe"), actor=account.id)
    assert reason(house.confirm(session, "casb", journey)) == "own_account"
    assert not house.rows(rights)


# ── A frozen account ─────────────────────────────────────────────────────────


def freeze(house: House, account: Account, *, thaw: bool = False) -> None:
    """As whoever follows the link “This was not me” does it."""
    with house.database.writing() as unit:
        at = None if thaw else unit.now
        unit.execute(update(accounts).where(accounts.c.id == account.id).values(frozen_at=at))


def test_a_frozen_account_links_nothing(house: House, browse: Browse):
    """Neither proves nor confirms, also when it is frozen after its session was read."""
    house.load("casb", line("jdoe"))
    account = house.account()
    token = house.sign_in(account)
    session = house.session(token)
    journey = house.proved(session, "casb", "jdoe")
    freeze(house, account)
    assert session.account.frozen_at is None
    assert reason(house.confirm(session, "casb", journey)) == "frozen"
    assert reason(house.prove(house.session(token), "casb", "jdoe")) == "frozen"
    browser = browse(token)
    page = browser.get(browser.get(FORM).headers["location"])
    assert "Your account is stopped" in told(page.text)
    assert not house.rows(rights)


@ON_ONE
def test_a_frozen_account_is_mailed_no_proof(house: House, browse: Browse):
    """Neither when it is frozen after it asked, nor does a mailed link prove anything to it."""
    house.load("casb", line("jdoe"))
    account = house.account()
    browser = browse(house.sign_in(account))
    ask(browser, "jdoe")
    freeze(house, account)
    assert post(house) == []
    freeze(house, account, thaw=True)
    ask(browser, "jdoe")
    [sent] = post(house)
    page = shown(browser, link_of(sent))
    freeze(house, account)
    answer = browser.post(f"{FORM}/proof", data=fields(page.text))
    assert "Your account is stopped" in told(answer.text)
    assert not house.rows(link_proofs)
    assert lost_logins.KIND not in {one["message"] for one in house.mails()}


def test_a_court_gives_a_frozen_account_nothing(house: House):
    """No accepted name, no restored or wider right; what takes away goes on."""
    house.load("casb", line("jdoe", cases="20-01234"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    number, where = session.account.number, desk(house)
    at_desk(house, suspension.suspend, number, "Fees")
    freeze(house, session.account)

    def refused(rule: Any, *given: Any, **more: Any) -> str:
        with pytest.raises(RefusedError) as error, house.database.writing() as unit:
            rule(unit, where, number, *given, **more)
        return error.value.reason

    wider: list[dict[str, Any]] = [
        {"roles": ["attorney", "mediator"], "cases": None},
        {"roles": ["attorney"], "cases": None},
        {"roles": ["attorney"], "cases": ["20-01234", "20-05678"]},
    ]
    for given in wider:
        assert refused(role_changes.change, GivenRoles(**given)) == "frozen"
    assert refused(suspension.restore) == "frozen"
    with house.database.writing() as unit:
        less: dict[str, Any] = {
            "roles": ["attorney"],
            "cases": ["20-01234"],
            "conditions": "Ask first",
        }
        role_changes.change(unit, where, number, GivenRoles(**less))
        unit.execute(update(rights).values(status="pending", pending_for=["review"]))
    assert refused(accept(house)) == "frozen"
    at_desk(house, name_reviews.reject, number, "Not you")
    assert house.rows(rights)[0].ended_at is not None


@ON_ONE
def test_a_certificate_gives_a_frozen_account_nothing_until_it_is_thawed(house: House):
    """It is recorded; the right begins at the look after the thaw."""
    from tests.filing.test_certification import approved, state

    account = approved(house)
    freeze(house, account)
    certify(house, account)
    assert (look(house), state(house, account)) == (0, "pending")
    freeze(house, account, thaw=True)
    assert (look(house), state(house, account)) == (1, "active")


# ── Names ────────────────────────────────────────────────────────────────────


def rename(house: House, account: Account, first_name: str, last_name: str) -> None:
    """On the account's own page."""
    asker = Asker(account, house.settings, NO_PROOF, ORIGIN)
    wanted = {"first_name": first_name, "last_name": last_name}
    with house.database.writing() as unit:
        changes.change(unit, asker, "name", wanted)


@pytest.mark.parametrize(("days", "waits"), [(0, True), (90, True), (91, False)])
def test_renaming_oneself_does_not_switch_the_review_off(
    house: House, browse: Browse, days: int, waits: bool
):
    """The names of ninety days count, whatever the account was called in between."""
    house.load("casb", line("rroe", first_name="Robert", last_name="Roe"))
    with house.database.writing() as unit:
        court_policy.change(unit, "casb", actor="system", values={"name_mismatch": "review"})
    account = house.account()
    rename(house, account, "Robert", "Doe")
    house.clock.advance(seconds=1)
    rename(house, account, "Robert", "Roe")
    house.clock.advance(days=days)
    token = house.sign_in(account)
    session = house.session(token)
    journey = house.proved(session, "casb", "rroe")
    page = browse(token).get(f"{FORM}/confirm?journey={journey}")
    assert ("The court looks at the link before" in told(page.text)) is waits
    house.confirm(session, "casb", journey)
    assert claims(house, session)["ecf_status"] == ("pending" if waits else "active")


@ON_ONE
def test_a_change_of_something_else_is_no_other_name(house: House):
    """An address that changed leaves the names as they were."""
    house.load("casb", line("jdoe"))
    with house.database.writing() as unit:
        court_policy.change(unit, "casb", actor="system", values={"name_mismatch": "review"})
    account = house.account()
    asker = Asker(account, house.settings, NO_PROOF, ORIGIN)
    with house.database.writing() as unit:
        changes.change(unit, asker, "phone", {"phone": "619-555-0100"})
    session = house.session(house.sign_in(account))
    house.link(session, "casb", "jdoe")
    assert claims(house, session)["ecf_status"] == "active"


@ON_ONE
def test_the_form_of_a_login_that_changed_begins_anew(house: House, browse: Browse):
    """Whoever has the confirmation open is told to prove it once more, and can."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    typed = {"ecf_login": "jdoe", "ecf_password": PASSWORD}
    second = browser.post(FORM, data={**open_form(browser), **typed}).headers["location"]
    page = browser.get(second)
    house.load("casb", line("jdoe", OTHER))
    answer = browser.post(f"{FORM}/confirm", data=fields(page.text))
    assert answer.status_code in {303, 403}
    assert not house.rows(rights)
    with house.database.reading() as unit:
        there = legacy_logins.by_login(unit, "casb", "jdoe")
    assert there is not None
    assert there.proof_version == 2
    assert house.rows(logins)[0].imported_by == "command_line"
