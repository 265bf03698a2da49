"""The client code as a demand: asked once, in its place, and told at the next refresh."""

from signon.accounts.models import AccountKind
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty

RULE = {"client_code_required": True, "client_code_pattern": "####.A*"}


def _is_asked(browser: Browser) -> bool:
    assert browser.response is not None
    return browser.response.url.path == "/login/client-code"


def test_whoever_has_a_rule_is_asked_once(world: World, party: MakeParty):
    """Until a code fits nobody goes on; after that no client asks again in this session."""
    world.change_account(world.account(), **RULE)
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert _is_asked(rp.browser)
    assert {"client_code", "continue", "cancel"} <= rp.browser.page.ids
    assert "1234.A (pattern ####.A*)" in rp.browser.page.text
    for wrong in ("", "4711", "4711.7", "47 11.x"):
        rp.browser.submit(rp.browser.page.forms[0], client_code=wrong)
        assert rp.browser.response is not None
        assert rp.browser.response.status_code == 400
    rp.begin(prompt="none")
    assert rp.error() == "interaction_required"
    rp.begin()
    rp.browser.submit(rp.browser.page.forms[0], client_code="4711.Smith")
    assert rp.tokens().claims["pacer_client_code"] == "4711.Smith"
    other = party("another-client", browser=rp.browser)
    other.begin()
    assert other.tokens().claims["pacer_client_code"] == "4711.Smith"


@ON_ONE
def test_a_code_that_fits_is_typed_on_the_sign_in_page(world: World, party: MakeParty):
    """The sign-in's own field counts, and what does not fit stands in the page that asks."""
    world.change_account(world.account(), **RULE)
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD, client_code="4711.x")
    assert rp.tokens().claims["pacer_client_code"] == "4711.x"
    other = party("another-client")
    other.begin()
    other.browser.sign_in("a.attorney", PASSWORD, client_code="smith")
    assert _is_asked(other.browser)
    assert other.browser.page.forms[0].fields["client_code"] == "smith"
    other.browser.submit(other.browser.page.forms[1])
    assert other.error() == "access_denied"


def test_courts_hear_of_a_new_code_at_the_next_refresh(world: World, party: MakeParty):
    """A rule set during a session asks again, and older grants of the session follow."""
    account = world.account()
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD, client_code="smith")
    tokens = rp.tokens()
    world.change_account(account, **RULE)
    other = party("another-client", browser=rp.browser)
    other.begin()
    assert _is_asked(rp.browser)
    rp.browser.submit(rp.browser.page.forms[0], client_code="4711.x")
    other.tokens()
    assert rp.userinfo(tokens.access_token).json()["pacer_client_code"] == "4711.x"
    refreshed = rp.checked(rp.refresh(tokens.refresh_token), nonce=None)
    assert refreshed.claims["pacer_client_code"] == "4711.x"


@ON_ONE
def test_it_comes_after_the_password_and_before_the_factor(world: World, party: MakeParty):
    """The order of the demands; whoever never searches has none of this one."""
    account = world.account()
    world.change_account(account, **RULE)
    world.court_policy("casb", sign_in_level="aal2")
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert _is_asked(rp.browser)
    rp.browser.submit(rp.browser.page.forms[0], client_code="4711.x")
    assert rp.browser.response is not None
    assert rp.browser.response.url.path == "/login/second-factor"
    world.change_account(account, kind=AccountKind.OPERATOR.value)
    browser = world.browser()
    browser.get("/login")
    browser.sign_in("a.attorney", PASSWORD)
    assert not _is_asked(browser)


@ON_ONE
def test_without_a_journey_it_is_asked_too(world: World):
    """Whoever just signs in is asked at once, not at the first court."""
    world.change_account(world.account(), **RULE)
    browser = world.browser()
    browser.get("/login")
    browser.sign_in("a.attorney", PASSWORD)
    assert _is_asked(browser)
    assert "cancel" not in browser.page.ids
    browser.submit(browser.page.forms[0], client_code="4711.x")
    assert "Your account" in browser.page.text
