"""Consent (OpenID Connect Core 3.1.2.4): asked once for a client and a set of scopes."""

import pytest

from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

THIRD_PARTY = {
    "court_id": None,
    "scopes": ["openid", "profile", "email", "account"],
    "redirect_uris": ["https://calendar.test/callback"],
    "name": "Docket Calendar",
}


@pytest.fixture
def stranger(world: World, party: MakeParty) -> RelyingParty:
    """A client that is neither a court's nor trusted; its person has just signed in."""
    world.account()
    rp = party("calendar", scope="openid profile", **THIRD_PARTY)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    return rp


def allow(rp: RelyingParty):
    return rp.browser.submit(rp.browser.page.forms[0], allow="1")


def test_a_stranger_asks_once(stranger: RelyingParty):
    """The page names the client and what it wants; the answer is remembered."""
    assert {"allow", "cancel"} <= stranger.browser.page.ids
    assert "Docket Calendar" in stranger.browser.page.text
    assert "see your name and username" in stranger.browser.page.text
    allow(stranger)
    stranger.tokens()
    stranger.begin()
    stranger.tokens()


def test_cancel_gives_nothing(stranger: RelyingParty):
    """`access_denied`, and it is asked again next time."""
    stranger.browser.submit(stranger.browser.page.forms[1])
    assert stranger.error() == "access_denied"
    stranger.begin()
    assert "allow" in stranger.browser.page.ids


def test_more_scopes_are_asked_for_again(stranger: RelyingParty):
    """Consent covers what was shown and no more."""
    allow(stranger)
    stranger.tokens()
    stranger.scope = "openid profile email"
    stranger.begin()
    assert "see your e-mail address" in stranger.browser.page.text
    allow(stranger)
    stranger.tokens()
    stranger.scope = "openid email"
    stranger.begin()
    stranger.tokens()


def test_another_person_is_asked_too(stranger: RelyingParty, world: World):
    """Consent is the person's."""
    allow(stranger)
    stranger.tokens()
    world.account("b.attorney")
    stranger.browser = world.browser()
    stranger.begin()
    stranger.browser.sign_in("b.attorney", PASSWORD)
    assert "allow" in stranger.browser.page.ids


def test_prompt_none_cannot_ask(stranger: RelyingParty):
    """Core 3.1.2.6: `consent_required`, and silence once it was given."""
    page = stranger.browser.response
    stranger.begin(prompt="none")
    assert stranger.error() == "consent_required"
    stranger.begin()
    allow(stranger)
    stranger.tokens()
    stranger.begin(prompt="none")
    stranger.tokens()
    assert page is not None


def test_prompt_consent_asks_everybodys_client(signed_in: RelyingParty):
    """`prompt=consent` shows the page even for a court's client, every time."""
    for _again in range(2):
        signed_in.begin(prompt="consent")
        assert "allow" in signed_in.browser.page.ids
        allow(signed_in)
        signed_in.tokens()


def test_courts_and_trusted_clients_never_ask(signed_in: RelyingParty, party: MakeParty):
    """A court's own and trusted clients go straight through."""
    signed_in.begin()
    signed_in.tokens()
    trusted = party(
        "trusted",
        browser=signed_in.browser,
        scope="openid",
        trusted=True,
        **{**THIRD_PARTY, "redirect_uris": ["https://trusted.test/callback"]},
    )
    trusted.begin()
    trusted.tokens()


def test_an_app_that_could_be_imitated_asks_every_time(world: World, party: MakeParty):
    """RFC 8252 section 8.6: no silent consent without a claimed https redirect."""
    world.account()
    app = party(
        "app",
        scope="openid",
        **{**THIRD_PARTY, "auth_method": "none", "redirect_uris": ["com.example.app:/callback"]},
    )
    app.begin()
    app.browser.sign_in("a.attorney", PASSWORD)
    for _again in range(2):
        assert "allow" in app.browser.page.ids
        allow(app)
        app.tokens()
        app.begin()


def test_consent_is_in_the_audit_trail(stranger: RelyingParty, world: World):
    """Who allowed whom what is recorded."""
    allow(stranger)
    assert "tokens:consent:given" in world.audited()


def test_the_page_ends_well_without_its_journey(stranger: RelyingParty):
    """An unknown journey is a page with a way on, for both forms."""
    assert stranger.browser.get("/consent?journey=unknown").status_code == 400
    assert stranger.browser.get("/consent").status_code == 400


def test_who_signed_out_meanwhile_signs_in_again(stranger: RelyingParty, world: World):
    """The form of an ended session gives nothing; going on asks to sign in."""
    form = stranger.browser.page.forms[0]
    stranger.browser.http.cookies.delete("signon_session")
    stranger.browser.submit(form, allow="1")
    assert "username" in stranger.browser.page.ids
    assert "tokens:consent:given" not in world.audited()
