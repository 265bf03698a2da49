"""The page of a mailed link: it looks, its button changes the password, once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from signon.accounts import credentials, status
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.recovery import choosing
from signon.web.visitor import Source
from tests.accounts.making import PASSWORD, PERSON, make
from tests.infra.databases import ON_ONE
from tests.infra.refusals import caught
from tests.recovery.conftest import Provider
from tests.signin.browser import Browser, Page

NEW = "seventeen purple lanterns"


@pytest.fixture
def token(provider: Provider, ada: Account) -> str:
    """A link for `ada.byron`."""
    provider.forget("ada.byron")
    (sent,) = provider.post()
    return sent.token


def _choose(browser: Browser, token: str, password: str = NEW) -> Page:
    return browser.submit(browser.get(f"/recover?token={token}"), "choose", new_password=password)


def test_the_whole_way(provider: Provider, ada: Account, token: str):
    """Look, choose, sign in with the new password only; the owner is told, nobody is signed in."""
    browser = provider.browser()
    page = browser.get(f"/recover?token={token}")
    assert page.status == 200
    assert page.response.headers["referrer-policy"] == "no-referrer"
    assert page.forms[0].fields["username"] == "ada.byron"
    done = browser.follow(browser.submit(page, "choose", new_password=NEW))
    assert done.heading == "Your password is changed"
    assert "signon_session" not in browser.cookies
    assert browser.sign_in("ada.byron", PASSWORD).status == 403
    assert browser.sign_in("ada.byron", NEW).status == 303
    (told,) = provider.post()
    assert (told.message, told.to) == ("account_changed", "ada@example.com")
    with provider.database.reading() as unit:
        proved = unit.scalar(accounts.select().with_only_columns(accounts.c.email_verified))
    assert proved is True


@ON_ONE
def test_scanners_may_open_it(provider: Provider, token: str):
    """GET and HEAD use nothing up."""
    for method in ("GET", "HEAD", "GET"):
        assert provider.browser().send(method, f"/recover?token={token}", {}).status == 200
    assert _choose(provider.browser(), token).status == 303


def test_it_ends_what_was_there(provider: Provider, ada: Account, token: str):
    """Sessions and other links end, wrong guesses are forgiven."""
    provider.forget("ada@example.com")
    (second,) = provider.post()
    elsewhere = provider.browser()
    assert elsewhere.sign_in("ada.byron", PASSWORD).status == 303
    for _ in range(5):
        provider.browser().sign_in("ada.byron", "wrong guess here")
    provider.clock.advance(seconds=1)
    _choose(provider.browser(), token)
    assert elsewhere.get("/").heading == "One account for every court"
    used = provider.browser().get(f"/recover?token={second.token}")
    assert used.status == 400
    assert "used already" in used.text
    # without forgiving, this attempt would have to wait
    assert provider.browser().sign_in("ada.byron", NEW).status == 303


def test_asking_again_keeps_the_first_link(provider: Provider, token: str):
    """A request, whoever makes it, takes nothing away: not the link, not the password."""
    provider.forget("ada.byron")
    provider.post()
    assert provider.browser().sign_in("ada.byron", PASSWORD).status == 303
    assert _choose(provider.browser(), token).status == 303


@ON_ONE
@pytest.mark.parametrize(
    ("password", "says"),
    [("", "too short"), ("short", "too short"), ("ada.byron1234567", "own name")],
)
def test_a_password_that_will_not_do(provider: Provider, token: str, password: str, says: str):
    """400 at the field, the link still works, the password does not come back."""
    browser = provider.browser()
    page = _choose(browser, token, password)
    assert page.status == 400
    assert says in page.text
    assert page.forms[0].fields["new_password"] == ""
    assert browser.submit(page, "choose", new_password=NEW).status == 303


def test_links_that_do_not_work(provider: Provider, ada: Account, token: str):
    """Unknown, used, expired, of another address, of a closed or frozen account: why, and on."""
    browser = provider.browser()
    page = browser.get(f"/recover?token={token}")

    def refused(says: str, name: str = token) -> None:
        found = browser.get(f"/recover?token={name}")
        assert found.status == 400
        assert says in found.text
        assert 'href="/forgot-password"' in found.html

    refused("not one of ours", "no-such-link")
    assert browser.get("/recover").status == 400
    _change(provider, ada, email="new@example.com")
    refused("no longer has")
    _change(provider, ada, email="ada@example.com", frozen_at=provider.clock())
    refused("is stopped")
    assert "not changed" in browser.submit(page, "choose", new_password=NEW).text
    _change(provider, ada, frozen_at=None)
    with provider.database.writing() as unit:
        status.disable(unit, ada.number, reason="left", actor="system")
    refused("cannot be used")
    _change(provider, ada, status="active")
    provider.clock.advance(seconds=30 * 60)
    refused("expired")
    assert "expired" in browser.submit(page, "choose", new_password=NEW).text
    assert provider.browser().sign_in("ada.byron", PASSWORD).status == 303


@ON_ONE
def test_another_person_is_signed_in(provider: Provider, ada: Account, token: str):
    """The page says whose link it is; that other person stays signed in."""
    other = replace(PERSON, username="boole.george", email="boole@example.com")
    make(provider.database, provider.settings, other)
    browser = provider.browser()
    browser.sign_in("boole.george", PASSWORD)
    assert "You are signed in as boole.george" in browser.get(f"/recover?token={token}").text
    _choose(browser, token)
    assert "boole.george" in browser.get("/").html


def test_a_double_click_changes_it_once(provider: Provider, ada: Account, token: str):
    """Of ten at the same moment one password is taken; the others hear that the link is used."""

    @caught
    def choose(number: int) -> int:
        with provider.database.writing() as unit:
            choosing.choose(
                unit,
                provider.ring,
                provider.settings,
                token,
                f"hash{number}",
                device="",
                source=Source(),
            )
            return number

    with ThreadPoolExecutor(10) as pool:
        ended = list(pool.map(choose, range(10)))
    (winner,) = [one for one in ended if isinstance(one, int)]
    with provider.database.reading() as unit:
        found = credentials.find(unit, "ada.byron")
        assert found is not None
        assert credentials.unseal(provider.ring, found) == f"hash{winner}"


def _change(provider: Provider, account: Account, **values: object) -> None:
    with provider.database.writing() as unit:
        unit.execute(accounts.update().where(accounts.c.id == account.id).values(**values))


@pytest.mark.parametrize("is_same", [True, False])
def test_it_leads_to_where_the_person_was_going(provider: Provider, ada: Account, is_same: bool):
    """In the browser in which it was asked for; in another one back to whoever sent the person. The
    journey itself is over when the mail is opened.
    """
    request = {"path": "/account", "fresh": False}
    with provider.database.writing() as unit:
        lasts = timedelta(minutes=5)
        handle = store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id
    asker = provider.browser()
    page = asker.get(f"/forgot-password?journey={handle}")
    asker.submit(page, "send", username="ada.byron")
    (sent,) = provider.post()
    provider.clock.advance(seconds=600)
    reader = asker if is_same else provider.browser()
    done = reader.follow(_choose(reader, sent.token))
    led = handle if is_same else f"{handle}-back"
    assert f'href="/login?journey={led}"' in done.html
    signed_in = reader.sign_in("ada.byron", NEW, f"/login?journey={led}")
    assert signed_in.location == "/account"
