"""The lost legacy password: a mailed link that proves a login, for linking and for nothing else."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from signon.accounts.models import accounts
from signon.courts import changes
from signon.errors import BusyError, RefusedError
from signon.filing.court.desk import EVERY, Desk
from signon.filing.legacy_logins import legacy_logins
from signon.filing.linking import lost_logins, proof_mails
from signon.filing.models import legacy_logins as logins
from signon.filing.models import link_proofs, rights
from signon.limits.models import counters
from signon.notices import mail
from signon.outbox.models import outbox
from tests.filing.conftest import Browse, House, line
from tests.filing.test_link_pages import FORM, fields, told
from tests.infra import queued
from tests.infra.databases import ON_BOTH, ON_ONE


@pytest.fixture(autouse=True)
def _no_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the background would do is done by `post`, when the test wants it."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])


def ask(browser: TestClient, typed: str) -> Any:
    """Ask for the mail, as the link on the linking page leads there."""
    page = browser.get(browser.get(FORM).headers["location"])
    found = re.search(r'href="(/courts/casb/link/lost[^"]+)"', page.text)
    assert found, page.text
    form = fields(browser.get(found[1]).text)
    return browser.post(f"{FORM}/lost", data={**form, "known": typed})


def post(house: House) -> list[dict[str, Any]]:
    """Answer what waits, and take the mails of it."""
    with house.database.writing() as unit:
        for row in queued.rows(unit):
            if row.kind == lost_logins.KIND:
                payload = queued.payload(unit, row)
                proof_mails.answer(unit, house.settings.issuer, house.ring, payload)
        kept = [row for row in queued.rows(unit) if row.kind == mail.KIND]
        mails = [queued.payload(unit, row) for row in kept]
        unit.execute(outbox.delete())
    return [one for one in mails if one["message"] == "link_proof"]


def link_of(sent: dict[str, Any]) -> str:
    """The path of a mail's only link."""
    [(_login, _name, url, _note)] = sent["values"]["logins"]
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def shown(browser: TestClient, path: str) -> Any:
    """Open a mailed link: its token leaves the address bar at once."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    assert "token" not in answer.headers["location"]
    return browser.get(answer.headers["location"])


def test_a_mailed_link_takes_the_place_of_the_password(house: House, browse: Browse):
    """By login or by address, in any case; the button proves it, the confirmation links it."""
    house.load("casb", line("jdoe"))
    token = house.sign_in(house.account())
    browser = browse(token)
    answer = ask(browser, " JDOE")
    assert (answer.status_code, "/lost/sent" in answer.headers["location"]) == (303, True)
    assert "Check your mail" in browser.get(answer.headers["location"]).text
    assert ask(browser, "JDoe@court.example.com").status_code == 303
    first, second = post(house)
    assert {first["to"], second["to"]} == {"jdoe@court.example.com"}
    assert re.fullmatch(r"\d{7}", first["values"]["asker"])

    elsewhere = browse(token)
    page = shown(elsewhere, link_of(first))
    assert "jdoe" in page.text
    assert not house.rows(link_proofs)
    done = elsewhere.post(f"{FORM}/proof", data=fields(page.text))
    confirm = elsewhere.get(done.headers["location"])
    assert "Is this your filing login?" in confirm.text
    elsewhere.post(f"{FORM}/confirm", data=fields(confirm.text))
    [right] = house.rows(rights)
    assert (right.login, right.status) == ("jdoe", "active")
    [proved] = house.audited("filing:legacy_login:proved")
    assert proved.detail["means"] == "mail"
    assert len(house.audited("filing:link_proof:mailed")) == 2
    # a second use, and the second mail's link: the login is taken now
    assert "already" in told(browse(token).get(link_of(first)).text)


def test_every_input_has_the_same_answer(house: House, browse: Browse):
    """Known, unknown, disabled, linked, an address of nobody: equal status, headers and bytes."""
    house.load("casb", line("jdoe"), line("off", status="disabled"), line("taken"))
    house.link(house.fresh("someone.else"), "casb", "taken")
    token = house.sign_in(house.account())
    seen = []
    for typed in ("jdoe", "off", "taken", "nobody", "no@example.com", "jdoe@court.example.com"):
        browser = browse(token)
        answer = ask(browser, typed)
        page = browser.get(answer.headers["location"])
        texts = (answer.headers["location"], page.text)
        hidden = [re.sub(r"(journey|csrf_token)(=|\" value=\")[\w.-]+", "", one) for one in texts]
        seen.append((answer.status_code, hidden))
    assert all(one == seen[0] for one in seen)
    waiting = queued.payloads(house.database, lost_logins.KIND)
    assert len(waiting) == 6
    assert "jdoe" not in repr(waiting)
    notes = {one["values"]["logins"][0][0]: one["values"]["logins"][0] for one in post(house)}
    assert set(notes) == {"jdoe", "off", "taken"}
    assert notes["off"][2] == notes["taken"][2] == ""
    assert "disabled" in notes["off"][3]
    assert "already linked" in notes["taken"][3]


def test_the_link_is_for_the_account_that_asked(house: House, browse: Browse):
    """Another account, nobody, another court: the login stays unproved and the link unspent."""
    house.load("casb", line("jdoe"))
    token = house.sign_in(house.account())
    ask(browse(token), "jdoe")
    [sent] = post(house)
    other = browse(house.sign_in(house.account("other.person")))
    page = shown(other, link_of(sent))
    assert page.status_code == 403
    assert "another PACER account" in told(page.text)
    stranger = browse()
    resumed = shown(stranger, link_of(sent)).headers["location"]
    assert resumed.startswith("/login?journey=")
    assert browse(token).get(link_of(sent).replace("casb", "cacd")).status_code == 403
    # signed in with the right account, the same journey goes on
    stranger.cookies.set("signon_session", token)
    handle = resumed.partition("=")[2]
    on = stranger.get(f"{FORM}?journey={handle}")
    assert on.headers["location"] == f"{FORM}/proof?journey={handle}"
    assert "jdoe" in stranger.get(on.headers["location"]).text
    assert not house.rows(link_proofs)


@ON_ONE
def test_links_end_by_time_by_use_and_by_another_address(house: House, browse: Browse):
    """Thirty minutes, once, and never to an address that the court has replaced."""
    house.load("casb", line("jdoe"))
    account = house.account()
    browser = browse(house.sign_in(account))
    ask(browser, "jdoe")
    [sent] = post(house)
    page = shown(browser, link_of(sent))
    with house.database.writing() as unit:
        unit.execute(update(logins).values(email="new@court.example.com"))
    assert "another e-mail address" in told(
        browser.post(f"{FORM}/proof", data=fields(page.text)).text
    )
    with house.database.writing() as unit:
        unit.execute(update(logins).values(email="jdoe@court.example.com"))
    assert browser.post(f"{FORM}/proof", data=fields(page.text)).status_code == 303
    house.clock.advance(seconds=16)  # later than a double click
    again = browser.post(f"{FORM}/proof", data=fields(page.text))
    assert "used already" in told(again.text)
    ask(browser, "jdoe")
    [sent] = post(house)
    house.clock.advance(seconds=1801)
    late = browse(house.sign_in(account)).get(link_of(sent))
    assert (late.status_code, "has expired" in late.text) == (403, True)


def test_nobody_can_use_up_the_owners_mails(house: House, browse: Browse):
    """Each asker has a measure; strangers share one that neither name nor address ever meets."""
    house.load("casb", line("jdoe"))
    owner = browse(house.sign_in(house.account()))
    strangers = [house.account(f"stranger{n:02}") for n in range(12)]
    for one in strangers:
        with house.database.writing() as unit:
            unit.execute(
                update(accounts).where(accounts.c.id == one.id).values(last_name="Mallory")
            )
    mailed = 0
    for one in strangers:
        ask(browse(house.sign_in(one)), "jdoe")
        mailed += len(post(house))
    assert mailed == proof_mails.OTHERS_AN_HOUR
    for _ in range(4):
        ask(owner, "jdoe")
    assert len(post(house)) == proof_mails.AT_ONCE
    house.clock.advance(seconds=1201)
    owner = browse(house.sign_in(house.account("jane.doe2")))
    assert ask(owner, "jdoe").status_code == 303
    assert len(post(house)) == 1


@ON_BOTH
def test_namesakes_do_not_fill_a_mailbox_nor_shut_out_its_owner(house: House, browse: Browse):
    """Names are chosen: who bears the login's has a measure in common, the address's owner his own."""
    house.load("casb", line("jdoe"))
    mailed = 0
    for number in range(proof_mails.OTHERS_AN_HOUR + 2):
        ask(browse(house.sign_in(house.account(f"jane.doe{number:02}"))), "jdoe")
        mailed += len(post(house))
    assert mailed == proof_mails.OTHERS_AN_HOUR
    mine = house.account("the.owner")
    for verified, expected in ((False, 0), (True, 1)):
        values = {"email": "JDoe@court.example.com", "email_verified": verified}
        with house.database.writing() as unit:
            unit.execute(update(accounts).where(accounts.c.id == mine.id).values(**values))
        ask(browse(house.sign_in(mine)), "jdoe")
        assert len(post(house)) == expected


@ON_ONE
def test_asking_is_bounded_for_a_network(
    house: House, browse: Browse, monkeypatch: pytest.MonkeyPatch
):
    """Accounts are free: many of one network have to wait like one."""
    monkeypatch.setattr(lost_logins, "OF_NETWORK_AN_HOUR", 3)
    for number in range(3):
        ask(browse(house.sign_in(house.account(f"jane.doe{number:02}"))), "jdoe")
    refused = ask(browse(house.sign_in(house.account())), "jdoe")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")


def test_no_name_of_a_stranger_reaches_a_court_s_filer(house: House, browse: Browse):
    """One of before the rule does not either: the mails name the account's number."""
    house.load("casb", line("jdoe"))
    account = house.account()
    with house.database.writing() as unit:
        unit.execute(update(accounts).values(first_name="Pay at", last_name="evil.test"))
    browser = browse(house.sign_in(account))
    ask(browser, "jdoe")
    (sent,) = post(house)
    assert sent["values"]["asker"] == account.number
    page = shown(browser, link_of(sent))
    done = browser.post(f"{FORM}/proof", data=fields(page.text))
    confirm = browser.get(done.headers["location"])
    browser.post(f"{FORM}/confirm", data=fields(confirm.text))
    mailed = queued.payloads(house.database, mail.KIND)
    assert "jdoe@court.example.com" in {one["to"] for one in mailed}
    assert "evil.test" not in str([sent, *mailed])


def test_asking_is_bounded_for_the_asker(house: House, browse: Browse):
    """After ten an hour the page says how long to wait, and nothing more is written down."""
    browser = browse(house.sign_in(house.account()))
    for _ in range(lost_logins.ASKED_AN_HOUR):
        assert ask(browser, "jdoe").status_code == 303
    refused = ask(browser, "jdoe")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert len(house.audited("filing:link_proof:asked")) == lost_logins.ASKED_AN_HOUR
    [refusal] = house.audited("filing:legacy_login:refused")
    assert refusal.reason == "too_many_proofs_asked"
    assert ask(browser, " ").status_code == 400


@ON_ONE
def test_the_page_names_the_courts_own_ways(house: House, browse: Browse):
    """The reset address and the help desk stand beside the form and after it."""
    values = {
        "reset_url": "https://www.casb.uscourts.gov/reset",
        "help_phone": "619-555-0100",
        "help_email": "ecfhelp@casb.uscourts.gov",
    }
    with house.database.writing() as unit:
        changes.change(unit, "casb", values=values, actor="system")
    browser = browse(house.sign_in(house.account()))
    handle = browser.get(FORM).headers["location"].partition("=")[2]
    for path in ("lost", "lost/sent"):
        page = browser.get(f"{FORM}/{path}?journey={handle}").text
        assert all(value in page for value in values.values())


@ON_ONE
def test_whoever_may_not_link_cannot_ask(house: House, browse: Browse):
    """Nobody, a sign-in of a while ago, a court that is not live: as on the linking page."""
    stranger = browse()
    handle = stranger.get(FORM).headers["location"].partition("=")[2]
    page = stranger.get(f"{FORM}/lost?journey={handle}")
    assert page.headers["location"] == f"/login?journey={handle}"
    browser = browse(house.sign_in(house.account()))
    assert browser.get("/courts/akd/link/lost").status_code == 403
    assert browser.get(f"{FORM}/lost").headers["location"] == FORM
    assert not house.rows(counters)


def test_staff_have_it_sent_and_never_see_it(house: House, browse: Browse):
    """To the address on file, for whoever reads it and is signed in; bounded, refused with why."""
    house.load("casb", line("jdoe"), line("off", status="disabled"))
    known = {row.login: row.id for row in house.rows(logins)}
    desk = Desk(house.court("casb"), "clerk", EVERY, house.settings)

    def send(login_id: str) -> object:
        with house.database.writing() as unit:
            return proof_mails.send_for_staff(unit, desk, login_id)

    assert send(known["jdoe"]) == _login(house, known["jdoe"])
    [sent] = post(house)
    assert sent["values"]["asker"] == ""
    page = shown(browse(house.sign_in(house.account())), link_of(sent))
    assert "Prove your filing login" in page.text
    for login_id, why in ((known["off"], "login_disabled"), ("unknown", "not_found")):
        with pytest.raises(RefusedError) as refused:
            send(login_id)
        assert refused.value.reason == why
    for _ in range(proof_mails.BY_STAFF_AN_HOUR - 1):
        send(known["jdoe"])
    with pytest.raises(BusyError):
        send(known["jdoe"])
    [event, *_] = house.audited("filing:link_proof:mailed")
    assert (event.actor, event.detail["asked"]) == ("clerk", "staff")


def _login(house: House, login_id: str) -> object:
    with house.database.reading() as unit:
        return legacy_logins.by_id(unit, login_id)
