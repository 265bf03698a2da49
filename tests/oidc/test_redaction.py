"""The redaction rules before the first filing, also when the right came after the sign-in."""

from typing import Any

from httpx2 import Response

from tests.infra.asked import asked
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty, Tokens


def test_a_right_of_this_session_permits_nothing_before_the_rules(rp: RelyingParty, world: World):
    """It came into being after the sign-in: `active` without permissions, everywhere, until they
    are confirmed on the next way to a court; then with the tokens of before, too.
    """
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    world.right(world.find("a.attorney"))
    refreshed = rp.refresh(tokens.refresh_token)
    for found in _told(rp, tokens, refreshed):
        assert (found["ecf_status"], found["ecf_roles"]) == ("active", ["attorney"])
        assert (found["ecf_permissions"], found["ecf_redaction_due"]) == ([], True)
    rp.browser.confirms_redaction = False
    rp.begin()
    assert rp.browser.response is not None
    assert rp.browser.response.url.path == "/login/redaction"
    rp.browser.submit(rp.browser.page.forms[0], redaction="1")
    newer = rp.tokens()
    assert newer.claims["ecf_permissions"] == ["all_documents"]
    for found in _told(rp, tokens, rp.refresh(refreshed.json()["refresh_token"])):
        assert found["ecf_permissions"] == ["all_documents"]
        assert "ecf_redaction_due" not in found


def test_a_court_that_switched_the_notice_off_waits_for_nothing(rp: RelyingParty, world: World):
    """Its own pages ask, so a right of this session permits at once."""
    world.court_policy("casb", redaction_notice="off")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    world.right(world.find("a.attorney"))
    assert rp.userinfo(tokens.access_token).json()["ecf_permissions"] == ["all_documents"]


def _told(rp: RelyingParty, tokens: Tokens, refreshed: Response) -> list[dict[str, Any]]:
    """By UserInfo, by introspection of both tokens, and in the refreshed ID token."""
    return [
        rp.userinfo(tokens.access_token).json(),
        rp.at("introspection_endpoint", token=tokens.access_token).json(),
        rp.at("introspection_endpoint", token=refreshed.json()["refresh_token"]).json(),
        rp.checked(refreshed, nonce=None).claims,
    ]


def test_it_costs_no_statement(rp: RelyingParty, world: World):
    """What was met in the session comes with the same read as the right."""
    world.right(world.find("a.attorney"))
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    with asked() as userinfo:
        rp.userinfo(tokens.access_token)
    with asked() as refresh:
        rp.refresh(tokens.refresh_token)
    assert userinfo == ["oidc.bearer._find_at_court"]
    assert [name for name in refresh if "find" in name] == ["oidc.refreshing._find_at_court"]
