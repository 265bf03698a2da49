"""Second factors, step-up and the redaction notice, as a court's client sees them."""

import json
from collections.abc import Iterator

import pytest

from signon.accounts.models import AccountKind
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from signon.signin import factors, recovery_codes
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

AAL1 = "http://idmanagement.gov/ns/assurance/aal/1"
AAL2 = "http://idmanagement.gov/ns/assurance/aal/2"


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider that requires a second factor of filers."""
    strict = settings.model_copy(update={"filer_second_factor": "required"})
    made = World.make(strict, wire(database), clock)
    with made.http:
        yield made


def path(browser: Browser) -> str:
    """Where the browser stands."""
    assert browser.response is not None
    return browser.response.url.path


def press(browser: Browser, **typed: str) -> None:
    """Send the page's own form."""
    browser.submit(browser.page.forms[0], **typed)


def test_with_a_factor_the_sign_in_is_aal2(rp: RelyingParty, world: World):
    """`acr` and `amr` say how it was proved, in the ID token (RFC 8176)."""
    world.enrol("a.attorney")
    rp.begin(acr_values=AAL2)
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert path(rp.browser) == "/login/mfa"
    press(rp.browser, otp=world.code())
    claims = rp.tokens().claims
    assert claims["acr"] == AAL2
    assert claims["amr"] == ["pwd", "otp", "mfa"]


def test_who_has_none_is_led_to_enrol(rp: RelyingParty, world: World):
    """A client that wants aal/2 gets it, or the right error; never a weaker token."""
    rp.begin(acr_values=AAL2)
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert path(rp.browser) == "/login/second-factor"
    assert "skip" not in rp.browser.page.ids
    rp.begin(acr_values=AAL2, prompt="none")
    assert rp.error() == "unmet_authentication_requirements"
    rp.begin(acr_values=f"{AAL2} {AAL1}")
    assert rp.tokens().claims["acr"] == AAL1
    rp.begin(claims=json.dumps({"id_token": {"acr": {"essential": True, "values": [AAL2]}}}))
    assert path(rp.browser) == "/login/second-factor"


def test_cancelling_a_step_up_is_unmet(rp: RelyingParty, world: World):
    """The client learns that the level was not reached, not that access was denied."""
    rp.begin(acr_values=AAL2)
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.browser.submit(rp.browser.page.forms[1])
    assert rp.error() == "unmet_authentication_requirements"


def test_a_court_may_demand_the_level(rp: RelyingParty, world: World):
    """Everybody who comes from that court is asked for two factors."""
    world.court_policy("casb", sign_in_level="aal2")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert path(rp.browser) == "/login/second-factor"


@ON_ONE
def test_recovery_codes_alone_will_do_once_one_is_typed(rp: RelyingParty, world: World):
    """They count as a factor, and being shown them proves nothing: the first one is asked for."""
    account = world.find("a.attorney")
    world.right(account)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert path(rp.browser) == "/login/second-factor"
    made = recovery_codes.generate(world.settings)
    with world.database.writing() as unit:
        recovery_codes.keep(unit, account.id, made)
        factors.note(unit, account.id)
    rp.begin()
    assert path(rp.browser) == "/login/mfa"
    press(rp.browser, otp=made.codes[0])
    assert rp.tokens().claims["acr"] == AAL2


@ON_ONE
def test_a_filer_puts_nothing_off_that_the_client_wants(rp: RelyingParty, world: World):
    """The account's own duty may wait, but not on the way to whoever wants two factors."""
    world.right(world.find("a.attorney"))
    rp.begin(acr_values=AAL2)
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert path(rp.browser) == "/login/second-factor"
    assert "skip" not in rp.browser.page.ids
    world.court_policy("casb", sign_in_level="aal2")
    rp.begin()
    assert "skip" not in rp.browser.page.ids
    assert "asks for a sign-in with two factors" in rp.browser.page.text
    world.court_policy("casb", sign_in_level="aal1")
    rp.begin()
    press(rp.browser, skip="1")
    assert rp.tokens().claims["acr"] == AAL1
    assert world.find("a.attorney").factor_skips == 1


def test_three_skips_then_filing_is_blocked_until_enrolled(rp: RelyingParty, world: World):
    """Searching goes on; the claim lifts at the next refresh after enrolling (domain facts 2)."""
    account = world.find("a.attorney")
    world.right(account)
    for left in (3, 2, 1):
        rp.browser = rp.browser if left == 3 else world.browser()
        rp.begin()
        rp.browser.sign_in("a.attorney", PASSWORD)
        assert path(rp.browser) == "/login/second-factor"
        assert f"{left} more time" in rp.browser.page.text
        assert "needs a second factor since" in rp.browser.page.text
        press(rp.browser, skip="1")
        assert rp.tokens().claims["ecf_status"] == "active"
    rp.browser = world.browser()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert "cannot file until" in rp.browser.page.text
    press(rp.browser, skip="1")
    tokens = rp.tokens()
    assert tokens.claims["ecf_status"] == "blocked"
    assert tokens.claims["ecf_blocked_by"] == ["second_factor"]
    assert tokens.claims["ecf_roles"] == []
    world.enrol("a.attorney")
    again = rp.refresh(tokens.refresh_token).json()
    assert rp.userinfo(again["access_token"]).json()["ecf_status"] == "active"


@ON_ONE
def test_a_session_from_before_the_factor_is_asked_for_it(rp: RelyingParty, world: World):
    """Enrolled elsewhere meanwhile: the factor alone within five minutes, the password too later."""
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.tokens()
    world.enrol("a.attorney")
    rp.begin(acr_values=AAL2)
    assert path(rp.browser) == "/login/mfa"
    press(rp.browser, otp=world.code())
    assert rp.tokens().claims["acr"] == AAL2
    world.clock.advance(seconds=30)
    old = RelyingParty(world.browser(), world.clock, rp.client_id, rp.secret, rp.redirect_uri)
    world.change_account(world.find("a.attorney"), has_factor=False)
    old.begin()
    old.browser.sign_in("a.attorney", PASSWORD)
    old.tokens()
    world.change_account(world.find("a.attorney"), has_factor=True)
    world.clock.advance(seconds=301)
    old.begin(acr_values=AAL2)
    assert path(old.browser) == "/login"
    assert "Confirm your password" in old.browser.page.text
    old.browser.sign_in("a.attorney", PASSWORD)
    press(old.browser, otp=world.code())
    assert old.tokens().claims["acr"] == AAL2


def test_the_last_skip_tells_the_courts(rp: RelyingParty, world: World):
    """Rights that shrink are announced, so that the court signs the person out."""
    account = world.find("a.attorney")
    world.right(account)
    world.change_account(account, factor_skips=3)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    press(rp.browser, skip="1")
    assert [one["accounts"] for one in world.queued("rights:reduced")] == [[account.id]]


@pytest.mark.parametrize("kind", ["operator", "firm"])
def test_some_kinds_always_must(kind: str, party: MakeParty, world: World):
    """Operators and firm administrators have no skip."""
    world.account("the.account", AccountKind(kind))
    rp = party(court_id=None, scopes=["openid"], scope="openid", trusted=True)
    rp.begin()
    rp.browser.sign_in("the.account", PASSWORD)
    assert path(rp.browser) == "/login/second-factor"
    assert "skip" not in rp.browser.page.ids


def test_filers_confirm_the_redaction_rules_once_in_a_session(rp: RelyingParty, world: World):
    """Asked at the first court, not at the second; without the tick nothing goes on."""
    world.right(world.find("a.attorney"))
    world.enrol("a.attorney")
    rp.browser.confirms_redaction = False
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    press(rp.browser, otp=world.code())
    assert path(rp.browser) == "/login/redaction"
    press(rp.browser, redaction="")
    assert "Check the box" in rp.browser.page.text
    press(rp.browser, redaction="1")
    assert rp.tokens().claims["sub"]
    rp.begin()
    assert rp.tokens().claims["sub"]
    assert "signin:redaction:confirmed" in world.audited()


def test_a_court_may_switch_the_notice_off(rp: RelyingParty, world: World):
    """Then its own pages say it."""
    world.right(world.find("a.attorney"))
    world.enrol("a.attorney")
    world.court_policy("casb", redaction_notice="off")
    rp.browser.confirms_redaction = False
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    press(rp.browser, otp=world.code())
    assert rp.tokens().claims["sub"]
