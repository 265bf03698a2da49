"""The help desk: who calls is found, strangers stay strangers, and why somebody is stuck is told."""

import re

import pytest
from sqlalchemy import update

from signon.audit.events import Event
from signon.clients import registry
from signon.filing.callers import passwords
from signon.filing.court import event_words, searches
from signon.filing.legacy_logins import legacy_logins
from signon.filing.models import legacy_logins as logins
from signon.filing.registrations.found_by import bars_at
from signon.searching import entries, ranges
from signon.searching.entries import Entry
from signon.web import paging
from tests.court.conftest import CourtHouse
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.browser import Browser, Form
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

CALLBACK = "https://ecf.casb.test/callback"


@pytest.fixture
def desk(courthouse: CourtHouse) -> Browser:
    """Somebody of the help desk, signed in."""
    courthouse.staff("help_desk")
    return courthouse.sign_in("help.desk.casb")


def form(browser: Browser, end: str) -> Form:
    """The page's form whose address ends so."""
    return next(one for one in browser.page.forms if one.action.endswith(end))


def looked_for(desk: Browser, words: str) -> str:
    """What a search finds, without what was typed and the page's own keys."""
    desk.get("/court/casb/find")
    text = desk.submit(form(desk, "/find"), q=words).text
    return re.sub(r'value="[^"]*"', "", text.partition("<main")[2])


def tries(world: World, username: str, password: str = "wrong", *, court: str = "casb") -> Browser:
    """Somebody begins at a court, in a browser of their own."""
    client = f"{court}-cmecf"
    with world.database.reading() as unit:
        is_there = registry.names(unit, {client})
    if not is_there:
        world.client(client, court_id=court, redirect_uris=[CALLBACK])
    party = RelyingParty(world.browser(), world.clock, client, None, CALLBACK, "openid ecf")
    party.begin()
    party.browser.sign_in(username, password)
    return party.browser


@ON_ONE
def test_a_stranger_is_a_stranger_whether_there_is_an_account_or_not(world: World, desk: Browser):
    """Only what was begun here is told, in the same words, and only for the whole value."""
    real = world.account("real.stranger", email="real@mail.example")
    tries(world, "real.stranger")
    tries(world, "nobody.at.all")
    found, nobody = looked_for(desk, "real.stranger"), looked_for(desk, "Nobody.At.ALL ")
    assert "A sign-in that was begun at this court failed." in found
    assert found == nobody
    for other in ("real.strange", "Attorney", real.last_name or ""):
        assert "was begun at this court" not in looked_for(desk, other)
    for same in (real.number, "REAL@mail.example"):
        assert looked_for(desk, same) == found
    assert desk.get(f"/court/casb/filers/{real.number}").status_code == 404


@ON_ONE
def test_what_was_tried_elsewhere_is_nothing_of_this_court(world: World, desk: Browser):
    """Neither the attempts at another court, nor a wait that they brought about."""
    world.account("real.stranger")
    for _ in range(7):
        tries(world, "real.stranger", court="cacd")
    elsewhere = looked_for(desk, "real.stranger")
    assert elsewhere == looked_for(desk, "never.typed.anywhere")
    assert "Nothing in the last 7 days" in elsewhere


@ON_ONE
def test_the_courts_own_people_are_found_by_what_they_know(world: World, desk: Browser):
    """Login, username, number, name, address, bar number; old logins by themselves."""
    account = world.account("a.attorney", email="ada@firm.example")
    world.legacy_logins("casb", ["jdoe", "rroe"])
    with world.database.reading() as unit:
        old = legacy_logins.by_login(unit, "casb", "jdoe")
    assert old is not None
    world.right(account, login="jdoe", legacy_login_id=old.id)
    for words in ("jdoe", "a.attorney", account.number, account.display_name, "ADA@firm.example"):
        assert account.number in looked_for(desk, words), words
    assert "rroe" in looked_for(desk, "rro")
    assert "rroe" in looked_for(desk, old.bar_id or "")
    assert "typed_mac" not in looked_for(desk, "jdoe")


def test_a_bar_number_is_found_however_it_is_written(world: World, desk: Browser):
    """Unlinked logins by themselves, whoever has one by the account; not another state's."""
    account = world.account("a.attorney")
    world.legacy_logins("casb", ["jdoe", "rroe"])
    with world.database.writing() as unit:
        unit.execute(update(logins).values(bar_id="CA 0012-34"))
        jdoe = legacy_logins.by_login(unit, "casb", "jdoe")
    assert jdoe is not None
    world.right(account, login="jdoe", legacy_login_id=jdoe.id)
    for written in ("1234", "ca1234", "CA#0001234", "CA 0012-34"):
        found = looked_for(desk, written)
        assert "rroe" in found, written
        assert account.number in found, written
    for written in ("NY 1234", "123", "CA"):
        assert "rroe" not in looked_for(desk, written), written


@ON_ONE
@pytest.mark.parametrize("page", ["filers", "logins"])
def test_the_older_lists_are_written_down_and_bounded(
    world: World, desk: Browser, monkeypatch: pytest.MonkeyPatch, page: str
):
    """Together with the desk's own search; a list that looks for nobody is not counted."""
    monkeypatch.setattr(searches, "AN_HOUR", 2)
    for _ in range(3):
        assert desk.get(f"/court/casb/{page}").status_code == 200
    assert Event.DESK_SEARCHED not in world.audited()
    looked_for(desk, "somebody")
    desk.get(f"/court/casb/{page}?q=attorney")
    assert world.audited().count(Event.DESK_SEARCHED) == 2
    assert "searches within an hour" in desk.get(f"/court/casb/{page}?q=attorney").text
    assert world.audited().count(Event.DESK_SEARCHED) == 2


@ON_ONE
@pytest.mark.parametrize("page", ["filers", "logins"])
def test_no_page_of_a_search_is_had_beside_the_bound(
    world: World, desk: Browser, monkeypatch: pytest.MonkeyPatch, page: str
):
    """A place in the list can be written by hand, also the one before the first."""
    monkeypatch.setattr(searches, "AN_HOUR", 1)
    world.legacy_logins("casb", ["jdoe"])
    world.right(world.account("ada.smith", last_name="Smith"))
    before = paging.encode(ranges.BETWEEN.join(("0", "smith", "")))
    desk.get(f"/court/casb/{page}?q=smith&after={before}")
    assert world.audited().count(Event.DESK_SEARCHED) == 1
    assert "searches within an hour" in desk.get(f"/court/casb/{page}?q=smith&after={before}").text


@ON_ONE
def test_what_is_no_number_finds_nobody(world: World, desk: Browser):
    """Signs alone are the beginning of every bar number, and of none."""
    account = world.account("c.creditor")
    Filer(world, "c.creditor").submit(CREDITOR, organization="Bank")
    with world.database.writing() as unit:
        entries.put(unit, [Entry(bars_at("casb"), "ca1234", account.id)])
    assert account.number in looked_for(desk, "ca-12")
    assert account.number not in looked_for(desk, "--")


@ON_ONE
def test_a_filer_who_waits_is_told_until_when(world: World, desk: Browser):
    """And has a password link mailed with one click, which the desk never sees."""
    account = world.account()
    world.right(account)
    page = desk.get(f"/court/casb/filers/{account.number}").text
    assert "Can sign in right now" in page
    for _ in range(6):
        tries(world, "a.attorney")
    page = desk.get(f"/court/casb/filers/{account.number}").text
    assert "Has to wait" in page
    assert "The password was wrong" in page
    assert "with CM/ECF" in page
    page = desk.submit(form(desk, f"/{passwords.SEND.name}")).text
    assert "on its way to the account’s own address" in page
    [asked] = world.queued("recovery:asked")
    assert asked["wanted"] == "password"
    for _ in range(passwords.AN_HOUR):
        page = desk.submit(form(desk, f"/{passwords.SEND.name}")).text
    assert "links were mailed within an hour" in page
    assert len(world.queued("recovery:asked")) == passwords.AN_HOUR


@ON_ONE
def test_a_right_login_with_a_wrong_password_is_told_apart(world: World, desk: Browser):
    """To the desk, never to whoever types."""
    world.account("new.comer")
    world.legacy_logins("casb", ["jdoe"])
    browser = world.browser()
    browser.get("/login")
    browser.sign_in("new.comer", PASSWORD)
    said = []
    for name in ("jdoe", "jdough"):
        browser.get("/courts/casb/link")
        page = browser.submit(form(browser, "/link"), ecf_login=name, ecf_password="no")
        said.append(re.sub(r'value="[^"]*"|journey=\w+', "", page.text.partition("<main")[2]))
    assert said[0] == said[1]
    href = re.search(r'href="(/court/casb/logins/\w{26})"', looked_for(desk, "jdoe"))
    assert href
    story = desk.get(href[1]).text
    assert event_words.RIGHT_LOGIN in story
    assert event_words.UNKNOWN_LOGIN not in story
    assert "It can be linked" in story


@ON_ONE
def test_searches_are_written_down_and_bounded(
    world: World, desk: Browser, monkeypatch: pytest.MonkeyPatch
):
    """Without what was typed; a search for nearly nothing is none."""
    monkeypatch.setattr(searches, "AN_HOUR", 2)
    assert "Search for 2 to 254 characters" in looked_for(desk, "a")
    looked_for(desk, "somebody")
    looked_for(desk, "somebody else")
    assert "searches within an hour" in looked_for(desk, "a third")
    assert world.audited().count(Event.DESK_SEARCHED) == 2


def test_no_event_and_no_reason_is_shown_raw():
    """One without words says that something was written down, and nothing of its name."""
    for event in Event:
        text = event_words.told(event).text
        assert ":" not in text.replace("Signed out:", "")
        assert "_" not in text
    assert event_words.told("filing:desk:unheard_of").text == "Something was written down"
    assert event_words.reason("x", "unheard_of", {}) == ""
    for words in event_words.REASONS.values():
        assert "_" not in words
