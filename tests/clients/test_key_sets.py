"""Which public keys a client may register, and which of a fetched set are used."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from signon.clients import key_sets
from signon.errors import InputError


def public(key: Any, **members: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **members}


RSA = public(RSAKey.generate_key(2048))
EC = public(ECKey.generate_key("P-256"))
ED = public(OKPKey.generate_key("Ed25519"))
BAD: list[tuple[Any, str]] = [
    ("text", "is not an object"),
    (ECKey.generate_key("P-256").as_dict(private=True), "holds a private part"),
    (OctKey.generate_key(256).as_dict(private=True), "holds a private part"),
    ({"kty": "oct"}, "another type than RSA, EC, OKP"),
    ({"kty": ["RSA"]}, "another type than"),
    ({}, "another type than"),
    (public(ECKey.generate_key("P-384")), "another curve than P-256"),
    (public(OKPKey.generate_key("X25519")), "another curve than Ed25519"),
    ({**RSA, "n": "_" * 170 + "w"}, "has 1024 bits: RSA keys need 2048 to 8192"),
    ({**RSA, "n": "AQAB" * 400}, "has 9593 bits"),
    ({**RSA, "n": "not base64!"}, "not a well-formed RSA key"),
    ({**RSA, "n": 5}, "not a well-formed RSA key"),
    ({"kty": "RSA", "n": RSA["n"]}, "not a well-formed RSA key"),
    ({**EC, "y": EC["x"]}, "not a well-formed EC key"),
    ({**ED, "x": "AQAB"}, "not a well-formed OKP key"),
    ({**EC, "use": "enc"}, 'its use must be "sig"'),
    ({**EC, "key_ops": ["sign"]}, 'must hold "verify"'),
    ({**EC, "alg": "RS256"}, "another algorithm than ES256"),
    ({**RSA, "alg": "HS256"}, "another algorithm than RS256 or PS256"),
    ({**RSA, "kid": ""}, "a kid that is not a text"),
    ({**RSA, "kid": 7}, "a kid that is not a text"),
    ({**RSA, "kid": "x" * 257}, "a kid that is not a text"),
]


@pytest.mark.parametrize(
    "key",
    [
        RSA,
        EC,
        ED,
        {**RSA, "use": "sig", "alg": "PS256", "kid": "a"},
        {**ED, "alg": "EdDSA", "key_ops": ["verify"]},
    ],
)
def test_a_public_key_for_signatures_is_kept(key: dict[str, Any]):
    """RSA of 2048 bits and more, P-256, Ed25519; certificates are left out."""
    assert key_sets.checked({"keys": [{**key, "x5c": ["MII"]}]}) == {"keys": [key]}


@pytest.mark.parametrize(("key", "says"), BAD, ids=[says for _, says in BAD])
def test_a_bad_key_is_named(key: Any, says: str):
    """The sentence says which key it is and why; a fetched set goes on without it."""
    with pytest.raises(InputError) as refused:
        key_sets.checked({"keys": [{**EC, "kid": "good"}, key]})
    assert "key 2" in refused.value.sentence
    assert says in refused.value.sentence
    assert key_sets.usable({"keys": [EC, key]}) == {"keys": [EC]}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (None, "is not one"),
        ([EC], "is not one"),
        ({}, "is not one"),
        ({"keys": {}}, "is not one"),
        ({"keys": []}, "is not one"),
        ({"keys": [{**EC, "kid": str(number)} for number in range(21)]}, "more than 20"),
        ({"keys": [EC, {**ED, "kid": "a"}]}, "each needs a kid"),
        ({"keys": [{**EC, "kid": "a"}, {**ED, "kid": "a"}]}, "the same kid"),
    ],
)
def test_a_bad_set_is_refused(document: Any, says: str):
    """A list of one to twenty keys that can be told apart."""
    with pytest.raises(InputError, match=says):
        key_sets.checked(document)


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": "text"}, {"keys": [None]}])
def test_a_useless_fetched_set_has_no_keys(document: Any):
    """Whatever a client's server answers, it proves nobody."""
    assert key_sets.usable(document) == {"keys": []}
