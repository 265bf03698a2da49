"""Proofs of possession: the twelve checks of RFC 9449 section 4.3, and what each is there for."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from signon.crypto import KeyRing
from signon.tokens import dpop
from signon.tokens.dpop import Asked, Nonces, ProofError
from tests.oidc.proving import Prover, hashed, new_key, signed

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
HOUR = 3600
ADDRESS = "https://signon.test/oauth2/userinfo"
TOKEN = "a.b.c"
NONCES = Nonces(KeyRing([bytes(range(32))]), 60)
PROVER = Prover(lambda: NOW)
PROVER.nonce = NONCES.current(NOW)
ASKED = Asked("GET", ADDRESS, NOW, TOKEN, PROVER.jkt, NONCES)
Header = dict[str, Any]


def proof(**claims: Any) -> str:
    """A proof that holds, but for what is given."""
    return PROVER.proof("GET", ADDRESS, token=TOKEN, **claims)


def refusal(text: str, asked: Asked = ASKED) -> str:
    with pytest.raises(ProofError) as refused:
        dpop.verify(text, asked)
    return refused.value.description


@pytest.mark.parametrize("alg", ["ES256", "PS256", "Ed25519", "EdDSA"])
def test_a_proof_shows_whose_key_it_is(alg: str):
    """Each algorithm of FAPI 2.0 section 5.4."""
    prover = Prover(lambda: NOW, alg)
    text = prover.proof("POST", "https://signon.test/oauth2/token")
    found = dpop.verify(text, Asked("POST", "https://signon.test/oauth2/token", NOW))
    assert found.jkt == prover.jkt
    assert found.expires_at == NOW + dpop.SKEW


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("as it should be", {}),
    ("ten seconds ago", {"iat": ISSUED - 10}),
    ("in ten seconds", {"iat": ISSUED + 10}),
    ("with a life of its own", {"nbf": ISSUED, "exp": ISSUED + 300}),
    ("with query and fragment", {"htu": ADDRESS + "?a=b#c"}),
    ("scheme and host in another case", {"htu": "HTTPS://SignOn.Test/oauth2/userinfo"}),
    ("with the default port", {"htu": "https://signon.test:443/oauth2/userinfo"}),
    ("with claims of no meaning", {"extra": [1], "header": {"extra": "x"}}),
    ("typ in another case", {"header": {"typ": "DPoP+JWT"}}),
]


@pytest.mark.parametrize(("_why", "given"), ACCEPTED, ids=[why for why, _ in ACCEPTED])
def test_what_a_proof_may_say(_why: str, given: dict[str, Any]):
    """RFC 9449 4.3; FAPI 2.0 5.3.2.1: clocks differ."""
    assert dpop.verify(proof(**given), ASKED).jkt == PROVER.jkt


REFUSED: list[tuple[Callable[..., None], dict[str, Any], str]] = [
    (dpop.check_header, {"header": {"typ": None}}, "typ must be"),
    (dpop.check_header, {"header": {"typ": "JWT"}}, "typ must be"),
    (dpop.check_header, {"header": {"crit": ["b64"], "b64": True}}, "crit"),
    (dpop.check_identity, {"jti": None}, "jti"),
    (dpop.check_identity, {"jti": ""}, "jti"),
    (dpop.check_identity, {"jti": 7}, "jti"),
    (dpop.check_identity, {"jti": "x" * 257}, "jti"),
    (dpop.check_method, {"htm": None}, "htm"),
    (dpop.check_method, {"htm": "POST"}, "htm"),
    (dpop.check_method, {"htm": "get"}, "htm"),
    (dpop.check_address, {"htu": None}, "htu"),
    (dpop.check_address, {"htu": "https://signon.test/oauth2/token"}, "htu"),
    (dpop.check_address, {"htu": "https://evil.test/oauth2/userinfo"}, "htu"),
    (dpop.check_address, {"htu": "http://signon.test/oauth2/userinfo"}, "htu"),
    (dpop.check_address, {"htu": "https://signon.test:444/oauth2/userinfo"}, "htu"),
    (dpop.check_time, {"iat": None}, "iat"),
    (dpop.check_time, {"iat": "now"}, "iat"),
    (dpop.check_time, {"iat": True}, "iat"),
    (dpop.check_time, {"iat": ISSUED - HOUR}, "iat"),
    (dpop.check_time, {"iat": ISSUED + HOUR}, "iat"),
    (dpop.check_time, {"iat": ISSUED - 61}, "iat"),
    (dpop.check_time, {"iat": ISSUED + 61}, "iat"),
    (dpop.check_time, {"exp": ISSUED - 61}, "expired"),
    (dpop.check_time, {"nbf": ISSUED + 61}, "future"),
    (dpop.check_token, {"ath": None}, "ath"),
    (dpop.check_token, {"ath": hashed("another")}, "ath"),
    (dpop.check_token, {"ath": 1}, "ath"),
    (dpop.check_nonce, {"nonce": None}, "nonce"),
    (dpop.check_nonce, {"nonce": "made up"}, "nonce"),
    (dpop.check_nonce, {"nonce": ["x"]}, "nonce"),
    (dpop.check_nonce, {"nonce": NONCES.current(NOW - timedelta(minutes=2))}, "nonce"),
]
"""The mutation table: which check refuses what. Without that check the proof would be taken."""
IDS = [f"{check.__name__}-{number}" for number, (check, _, _) in enumerate(REFUSED)]


@pytest.mark.parametrize(("check", "given", "says"), REFUSED, ids=IDS)
def test_each_check_refuses_what_no_other_does(
    check: Callable[..., None], given: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
):
    """With all of them it is refused, in plain words; with one taken away it is not."""
    text = proof(**given)
    assert says in refusal(text)
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", refusal(text))
    if check is dpop.check_header:
        monkeypatch.setattr(dpop, "check_header", lambda _header: None)
    else:
        monkeypatch.setattr(dpop, "CHECKS", [one for one in dpop.CHECKS if one is not check])
    if "jti" not in given and "iat" not in given:  # these two are what a proof is kept by
        assert dpop.verify(text, ASKED).jkt == PROVER.jkt


def test_a_proof_is_signed_by_the_key_that_it_shows():
    """Checks 5, 6 and 7: algorithm, signature, and a public key."""
    other = new_key("ES256")
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": other.as_dict(private=False)}
    body = {"jti": "1", "htm": "GET", "htu": ADDRESS, "iat": ISSUED, "ath": hashed(TOKEN)}
    body["nonce"] = PROVER.nonce or ""
    assert "signature" in refusal(signed(head, body, PROVER.key))
    assert "private part" in refusal(proof(header={"jwk": PROVER.key.as_dict(private=True)}))
    assert "jwk" in refusal(proof(header={"jwk": None}))
    rsa = Prover(lambda: NOW, "PS256")
    rsa.alg = "RS256"
    assert "alg must be" in refusal(rsa.proof("GET", ADDRESS, token=TOKEN))
    secret = {"kty": "oct", "k": "c2VjcmV0"}
    assert "alg must be" in refusal(proof(header={"alg": "HS256", "jwk": secret}))
    weak = ECKey.generate_key("P-384")
    assert "curve" in refusal(proof(header={"jwk": weak.as_dict(private=False)}))
    unsigned = proof().split(".")
    assert "alg" in refusal(f"eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6Im5vbmUifQ.{unsigned[1]}.")


def test_a_bound_token_needs_its_own_key():
    """Check 12: another key's proof, right in everything else, is worth nothing."""
    other = Prover(lambda: NOW)
    other.nonce = PROVER.nonce
    assert "bound to" in refusal(other.proof("GET", ADDRESS, token=TOKEN))


def test_a_nonce_holds_for_two_spans_and_after_the_ring_has_turned():
    """Section 8: bound to the time, and the same at every process of one ring."""
    old = bytes(range(32))
    made = Nonces(KeyRing([old]), 60).current(NOW)
    turned = Nonces(KeyRing([bytes(32), old]), 60)
    assert turned.holds(made, NOW + timedelta(seconds=60))
    assert not turned.holds(made, NOW + timedelta(seconds=121))
    assert turned.current(NOW) != made
    assert not Nonces(KeyRing([bytes(32)]), 60).holds(made, NOW)
    assert refusal(proof(nonce=None)) == "a nonce of this server is needed"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(["jti", "htm", "htu", "iat", "ath", "nonce", "exp", "nbf", "x"])
HEADS = st.sampled_from(["typ", "alg", "jwk", "crit", "kid", "b64", "x5c"])


@settings(max_examples=60, deadline=None)
@given(claims=st.dictionaries(NAMES, JUNK), header=st.dictionaries(HEADS, JUNK), tail=st.text())
def test_whatever_comes_is_taken_or_refused(claims: Header, header: Header, tail: str):
    """Never another error; and what is taken says all that it must."""
    for text in (tail, f"{proof()}.{tail}", f"{tail}.{tail}.{tail}"):
        refusal(text)
    with suppress(ProofError):
        dpop.verify(proof(**claims, header=header), ASKED)
        assert set(claims) <= {"jti", "exp", "nbf", "x"}
