"""RFC 6749 section 6, RFC 9700 section 4.14 and OpenID Connect Core section 12: refreshing."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from signon.accounts import status
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty, Tokens


def is_refused(response: httpx2.Response, code: str = "invalid_grant") -> bool:
    """Whether a refresh was refused with this error."""
    return response.status_code == 400 and response.json()["error"] == code


@pytest.fixture
def tokens(signed_in: RelyingParty) -> Tokens:
    """What a sign-in gave."""
    signed_in.begin()
    return signed_in.tokens()


# ── Rotation ─────────────────────────────────────────────────────────────────


def test_a_refresh_token_is_replaced_at_every_use(signed_in: RelyingParty, tokens: Tokens):
    """RFC 9700 4.14.2: rotated; each one works once."""
    used = {tokens.refresh_token}
    current = tokens.refresh_token
    for _ in range(3):
        renewed = signed_in.checked(signed_in.refresh(current), nonce=None)
        assert renewed.body["scope"] == signed_in.scope
        assert signed_in.userinfo(renewed.access_token).status_code == 200
        current = renewed.refresh_token
        assert current not in used
        used.add(current)


@pytest.mark.parametrize("later", [0, 7200])
def test_a_second_use_ends_the_whole_family(
    signed_in: RelyingParty, tokens: Tokens, world: World, later: int
):
    """RFC 9700 4.14.2: whoever came second, nobody goes on; access tokens die too."""
    renewed = signed_in.refresh(tokens.refresh_token).json()
    world.clock.advance(seconds=later)
    latest = signed_in.refresh(renewed["refresh_token"]).json()
    assert is_refused(signed_in.refresh(tokens.refresh_token))
    assert is_refused(signed_in.refresh(latest["refresh_token"]))
    assert signed_in.userinfo(latest["access_token"]).status_code == 401
    assert world.audited().count("tokens:refresh_token:replayed") == 1


def test_another_family_of_the_same_person_goes_on(signed_in: RelyingParty, tokens: Tokens):
    """A replay ends the grant that it belongs to and no other."""
    signed_in.begin()
    other = signed_in.tokens()
    signed_in.refresh(tokens.refresh_token)
    signed_in.refresh(tokens.refresh_token)
    assert signed_in.refresh(other.refresh_token).status_code == 200


def test_a_public_clients_refresh_tokens_rotate_too(world: World, party: MakeParty):
    """RFC 9700 2.2.2: for public clients rotation with reuse detection is a must."""
    world.account()
    rp = party(auth_method="none", scope="openid")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    first = rp.tokens()
    second = rp.checked(rp.refresh(first.refresh_token), nonce=None)
    assert is_refused(rp.refresh(first.refresh_token))
    assert is_refused(rp.refresh(second.refresh_token))


def test_another_clients_refresh_token_is_none(
    signed_in: RelyingParty, tokens: Tokens, party: MakeParty
):
    """RFC 6749 6: bound to the client; a stranger's try neither spends nor revokes it."""
    other = party("casb-other", browser=signed_in.browser)
    assert is_refused(other.refresh(tokens.refresh_token))
    renewed = signed_in.refresh(tokens.refresh_token)
    assert renewed.status_code == 200
    assert is_refused(other.refresh(tokens.refresh_token))
    assert signed_in.userinfo(renewed.json()["access_token"]).status_code == 200


def test_only_refresh_tokens_refresh(signed_in: RelyingParty, tokens: Tokens):
    """Missing, unknown, or a token of another kind."""
    assert is_refused(signed_in.post(grant_type="refresh_token"), "invalid_request")
    signed_in.begin()
    kinds = (tokens.access_token, tokens.body["id_token"], signed_in.code(), "x", "ü" * 9)
    for other in kinds:
        assert is_refused(signed_in.refresh(other))


def test_a_client_that_may_not_refresh_gets_no_refresh_token(world: World, party: MakeParty):
    """The grant must be registered."""
    world.account()
    rp = party(grants=["authorization_code"])
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert "refresh_token" not in rp.tokens().body


# ── Scope ────────────────────────────────────────────────────────────────────


def test_a_narrower_scope_holds_for_one_access_token(signed_in: RelyingParty, tokens: Tokens):
    """RFC 6749 6: less may be asked for; the grant stays what it was."""
    narrowed = signed_in.refresh(tokens.refresh_token, scope="openid email openid")
    narrow = signed_in.checked(narrowed, nonce=None)
    assert narrow.body["scope"] == narrow.access_claims["scope"] == "openid email"
    assert set(signed_in.userinfo(narrow.access_token).json()) == {"sub", "email", "email_verified"}
    assert "pacer_account_number" not in narrow.claims
    whole = signed_in.checked(signed_in.refresh(narrow.refresh_token), nonce=None)
    assert whole.body["scope"] == signed_in.scope


def test_a_scope_never_grows(world: World, party: MakeParty):
    """RFC 6749 6: "MUST NOT include any scope not originally granted"; nothing is spent."""
    world.account()
    rp = party(scope="openid email")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    for wider in ("openid email pacer", "ecf", "account", "admin openid"):
        assert is_refused(rp.refresh(tokens.refresh_token, scope=wider), "invalid_scope"), wider
    assert rp.refresh(tokens.refresh_token).status_code == 200


def test_unknown_scopes_are_ignored(signed_in: RelyingParty, tokens: Tokens):
    """Contract 5, as at the authorization endpoint; whoever names no other asks for none."""
    narrowed = signed_in.refresh(tokens.refresh_token, scope="openid offline_access email")
    narrow = signed_in.checked(narrowed, nonce=None)
    assert narrow.body["scope"] == "openid email"
    whole = signed_in.refresh(narrow.refresh_token, scope="offline_access")
    assert signed_in.checked(whole, nonce=None).body["scope"] == signed_in.scope


# ── The refreshed ID token ───────────────────────────────────────────────────


def test_a_refreshed_id_token_speaks_of_the_same_sign_in(
    signed_in: RelyingParty, tokens: Tokens, world: World
):
    """Core 12.2: same `iss`, `sub`, `aud`, original `auth_time`, new `iat`, no `nonce`."""
    world.clock.advance(seconds=1000)
    renewed = signed_in.checked(signed_in.refresh(tokens.refresh_token), nonce=None)
    for same in ("iss", "sub", "aud", "auth_time", "sid", "acr", "amr"):
        assert renewed.claims[same] == tokens.claims[same], same
    assert renewed.claims["iat"] == tokens.claims["iat"] + 1000
    assert renewed.claims["jti"] != tokens.claims["jti"]
    assert renewed.access_claims["auth_time"] == tokens.claims["auth_time"]
    assert renewed.access_claims["gid"] == tokens.access_claims["gid"]


def test_rights_are_those_of_the_moment(signed_in: RelyingParty, tokens: Tokens, world: World):
    """Contract 5: a refresh and UserInfo show what was linked meanwhile, at once."""
    assert tokens.claims["ecf_status"] == "not_linked"
    world.right(world.find("a.attorney"))
    info = signed_in.userinfo(tokens.access_token).json()
    assert (info["ecf_status"], info["ecf_roles"]) == ("active", ["attorney"])
    renewed = signed_in.checked(signed_in.refresh(tokens.refresh_token), nonce=None)
    assert renewed.claims["ecf_status"] == "active"
    assert renewed.claims["ecf_roles"] == ["attorney"]


# ── Its end ──────────────────────────────────────────────────────────────────


def test_it_ends_with_the_sessions_absolute_limit(
    signed_in: RelyingParty, tokens: Tokens, world: World
):
    """Contract 5: 12 hours after the sign-in, refreshed or not; access tokens end with it."""
    world.clock.advance(hours=12, seconds=-61)
    renewed = signed_in.refresh(tokens.refresh_token).json()
    world.clock.advance(seconds=60)
    assert signed_in.userinfo(renewed["access_token"]).status_code == 200
    world.clock.advance(seconds=1)
    assert signed_in.userinfo(renewed["access_token"]).status_code == 401
    assert is_refused(signed_in.refresh(renewed["refresh_token"]))


def test_an_idle_browser_session_does_not_end_it(
    signed_in: RelyingParty, tokens: Tokens, world: World
):
    """Contract 5: idle expiry ends the browser session, not grants."""
    world.clock.advance(hours=2)
    signed_in.begin(prompt="none")
    assert signed_in.error() == "login_required"
    renewed = signed_in.refresh(tokens.refresh_token)
    assert renewed.status_code == 200
    assert signed_in.userinfo(renewed.json()["access_token"]).status_code == 200


def test_signing_out_ends_it(signed_in: RelyingParty, tokens: Tokens):
    """Contract 5: logout ends grants too."""
    signed_in.browser.get("/logout")
    signed_in.browser.submit(signed_in.browser.page.forms[0])
    assert is_refused(signed_in.refresh(tokens.refresh_token))
    assert signed_in.userinfo(tokens.access_token).status_code == 401


def test_signing_in_again_does_not_end_it(signed_in: RelyingParty, tokens: Tokens, world: World):
    """The same person's session goes on, and what it has given out with it."""
    world.clock.advance(seconds=5)
    signed_in.begin(prompt="login")
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    again = signed_in.tokens()
    assert again.claims["sid"] == tokens.claims["sid"]
    renewed = signed_in.checked(signed_in.refresh(tokens.refresh_token), nonce=None)
    assert renewed.claims["auth_time"] == tokens.claims["auth_time"]


def test_somebody_elses_sign_in_ends_it(signed_in: RelyingParty, tokens: Tokens, world: World):
    """One browser holds one person: who was there before is signed out."""
    world.account("b.attorney")
    world.clock.advance(seconds=5)
    signed_in.begin(prompt="select_account")
    signed_in.browser.sign_in("b.attorney", PASSWORD)
    other = signed_in.tokens()
    assert other.claims["sid"] != tokens.claims["sid"]
    assert is_refused(signed_in.refresh(tokens.refresh_token))


def test_disabling_the_account_ends_it_for_good(
    signed_in: RelyingParty, tokens: Tokens, world: World
):
    """Enabling revives nothing."""
    number = world.find("a.attorney").number
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        status.disable(unit, number, reason="test", actor="system")
    assert is_refused(signed_in.refresh(tokens.refresh_token))
    assert signed_in.userinfo(tokens.access_token).status_code == 401
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        status.enable(unit, world.ring, number, actor="system")
    assert is_refused(signed_in.refresh(tokens.refresh_token))
    assert signed_in.userinfo(tokens.access_token).status_code == 401


# ── Grace ────────────────────────────────────────────────────────────────────


@pytest.fixture
def patient(world: World, party: MakeParty) -> RelyingParty:
    """A client with a grace of five seconds, whose person has signed in."""
    world.account()
    rp = party(refresh_grace_seconds=5)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    return rp


def test_within_its_grace_a_client_gets_the_same_successor(patient: RelyingParty, world: World):
    """Security rules 4, conflict 4: for an answer that was lost on its way."""
    first = patient.tokens()
    second = patient.refresh(first.refresh_token).json()
    world.clock.advance(seconds=5)
    again = patient.checked(patient.refresh(first.refresh_token), nonce=None)
    assert again.refresh_token == second["refresh_token"]
    assert patient.refresh(second["refresh_token"]).status_code == 200


def test_the_grace_is_short(patient: RelyingParty, world: World):
    """After it a second use is a replay."""
    first = patient.tokens()
    second = patient.refresh(first.refresh_token).json()
    world.clock.advance(seconds=6)
    assert is_refused(patient.refresh(first.refresh_token))
    assert is_refused(patient.refresh(second["refresh_token"]))


def test_the_grace_ends_when_the_successor_is_used(patient: RelyingParty):
    """Whoever uses the old one after the new one holds a copy."""
    first = patient.tokens()
    second = patient.refresh(first.refresh_token).json()
    third = patient.refresh(second["refresh_token"]).json()
    assert is_refused(patient.refresh(first.refresh_token))
    assert is_refused(patient.refresh(third["refresh_token"]))


def test_the_grace_is_for_the_same_client(patient: RelyingParty, party: MakeParty):
    """Another client gets nothing, grace or not."""
    other = party("casb-other", browser=patient.browser, refresh_grace_seconds=5)
    first = patient.tokens()
    patient.refresh(first.refresh_token)
    assert is_refused(other.refresh(first.refresh_token))
    assert patient.refresh(first.refresh_token).status_code == 200


def test_two_refreshes_at_once_within_the_grace_both_succeed(patient: RelyingParty):
    """What the grace is for: two tabs of one court refresh at the same moment."""
    token = patient.tokens().refresh_token
    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _, used=token: patient.refresh(used), range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        token = answers[0].json()["refresh_token"]
