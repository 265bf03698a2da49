"""RFC 7636: proof key for code exchange, with S256 and nothing else."""

import base64
import hashlib
import secrets

import pytest

from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

PKCE = ("code_challenge", "code_challenge_method")


def test_only_s256_is_taken(rp: RelyingParty):
    """RFC 9700 2.1.1: never `plain`; an absent method means plain (RFC 7636 4.3)."""
    for method in ("plain", "s256", "S512", "S256 plain"):
        rp.begin(code_challenge_method=method)
        assert rp.error() == "invalid_request", method
    rp.begin(drop=["code_challenge_method"])
    assert rp.error() == "invalid_request"


def test_a_challenge_must_be_a_sha256(rp: RelyingParty):
    """RFC 7636 4.2: base64url without padding of 32 bytes, which is 43 characters."""
    sound = secrets.token_urlsafe(32)
    for challenge in ("x", sound[:-1], f"{sound}A", f"{sound[:-1]}=", f"{sound[:-1]}+", "é" * 43):
        rp.begin(code_challenge=challenge)
        assert rp.error() == "invalid_request", challenge


def test_the_standard_profile_needs_it(rp: RelyingParty):
    """Conformance: in profile `standard` every client must send a challenge."""
    rp.begin(drop=PKCE)
    assert rp.error() == "invalid_request"
    rp.begin(drop=["code_challenge"])
    assert rp.error() == "invalid_request"


def test_a_public_client_always_needs_it(party: MakeParty):
    """RFC 9700 2.1.1: public clients must, whatever their profile."""
    rp = party(auth_method="none", profile="basic", id_token_alg="RS256")
    rp.begin(drop=PKCE)
    assert rp.error() == "invalid_request"


@pytest.fixture
def basic(world: World, party: MakeParty) -> RelyingParty:
    """A confidential client of the profile `basic` after a sign-in."""
    world.account()
    rp = party(profile="basic", id_token_alg="RS256")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.code()
    return rp


def test_a_confidential_client_of_the_basic_profile_may_do_without(basic: RelyingParty):
    """Conformance: OpenID Connect Core does not know PKCE; with it, it is enforced."""
    basic.begin(drop=PKCE)
    assert basic.tokens(code_verifier="").claims["sub"]
    basic.begin()
    assert basic.tokens().claims["sub"]
    basic.begin()
    assert basic.redeem(code_verifier="").status_code == 400


def test_a_verifier_without_a_challenge_is_refused(basic: RelyingParty):
    """RFC 9700 4.8.2: otherwise stripping the challenge would go unnoticed (downgrade)."""
    basic.begin(drop=PKCE)
    refused = basic.redeem()
    assert refused.status_code == 400
    assert refused.json()["error"] in {"invalid_request", "invalid_grant"}


def test_a_challenge_needs_its_verifier(signed_in: RelyingParty):
    """RFC 7636 4.6: missing, wrong, too short, too long or malformed, no code is redeemed."""
    signed_in.begin()
    code, right = signed_in.code(), signed_in.started.verifier
    for verifier, errors in (
        ("", {"invalid_request"}),
        (secrets.token_urlsafe(48), {"invalid_grant"}),
        (signed_in.started.parameters["code_challenge"], {"invalid_grant"}),
        (right[:42], {"invalid_request", "invalid_grant"}),
        (right * 3, {"invalid_request", "invalid_grant"}),
        (f"{right[:-1]}+", {"invalid_request", "invalid_grant"}),
        (f"{right}\n", {"invalid_request", "invalid_grant"}),
    ):
        refused = signed_in.redeem(code, code_verifier=verifier)
        assert refused.status_code == 400
        assert refused.json()["error"] in errors, verifier
    assert signed_in.redeem(code).status_code == 200


def test_a_verifier_ends_with_its_last_character(signed_in: RelyingParty):
    """A line break is not of the unreserved set, also where the challenge was made with it."""
    verifier = "a" * 43 + "\n"
    hashed = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    signed_in.begin(code_challenge=challenge)
    refused = signed_in.redeem(code_verifier=verifier)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_the_shortest_and_the_longest_verifier_are_good(signed_in: RelyingParty):
    """RFC 7636 4.1: 43 to 128 characters of the unreserved set."""
    for verifier in ("a" * 43, "Az09-._~" * 16):
        hashed = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        signed_in.begin(code_challenge=challenge)
        assert signed_in.redeem(code_verifier=verifier).status_code == 200


def test_a_public_client_redeems_by_its_verifier(world: World, party: MakeParty):
    """RFC 7636 1: the verifier is what a stolen code lacks."""
    world.account()
    rp = party(auth_method="none", scope="openid")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    code = rp.code()
    assert rp.redeem(code, code_verifier="").json()["error"] == "invalid_request"
    assert rp.redeem(code, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    assert rp.redeem(code).status_code == 200
