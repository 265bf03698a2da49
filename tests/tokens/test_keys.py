"""What the keys sign, what they accept, and what the world sees of them."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import NotReadyError
from signon.tokens import keys, rotation, stored_keys
from signon.tokens.keys import BadTokenError, PublishedKeys, SigningKeys
from signon.tokens.models import signing_keys
from tests.infra.clock import FrozenClock
from tests.infra.signing_keys import KeysOfTheRun

OVERLAP = timedelta(days=1)
CLAIMS = {"iss": "https://signon.test", "sub": "abc", "name": "Zoë Núñez"}
ID_TOKEN = "JWT"
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def rotate(database: Database, ring: KeyRing, generate: KeysOfTheRun, alg: str | None = None):
    return rotation.rotate(database, ring, alg, overlap=OVERLAP, generate=generate)


@pytest.fixture
def published(database: Database, ring: KeyRing, generate: KeysOfTheRun) -> PublishedKeys:
    """Active RS256 and ES256 keys."""
    rotate(database, ring, generate)
    with database.reading() as unit:
        return keys.read(unit, ring)


def forged(header: dict[str, Any], claims: Any = CLAIMS, signature: bytes = b"") -> str:
    """A compact JWS of whatever one likes."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


# ── The JWK Set ──────────────────────────────────────────────────────────────


def test_the_jwks_holds_public_keys_only(
    database: Database, ring: KeyRing, generate: KeysOfTheRun, clock: FrozenClock
):
    """Each key has kid, alg, use and its public members; kids are distinct thumbprints."""
    rotate(database, ring, generate)
    rotate(database, ring, generate, "PS256")
    rotate(database, ring, generate, "Ed25519")
    clock.advance(days=1)
    rotate(database, ring, generate)
    with database.reading() as unit:
        found = json.loads(keys.read(unit, ring).jwks_json)["keys"]
    assert len({key["kid"] for key in found}) == len(found) == 8
    for key in found:
        assert not PRIVATE_MEMBERS & set(key)
        assert key["use"] == "sig"
        kind = stored_keys.KEY_TYPES[key["alg"]]
        assert key["kid"] == kind.import_key(key).thumbprint()  # RFC 7638
    assert [key["alg"] for key in found[:4]] == ["RS256", "ES256", "PS256", "Ed25519"]


def test_the_etag_follows_the_keys(
    database: Database, ring: KeyRing, generate: KeysOfTheRun, published: PublishedKeys
):
    """The same keys have the same entity tag, others another."""
    with database.reading() as unit:
        assert keys.read(unit, ring).etag == published.etag
    rotate(database, ring, generate, "ES256")
    with database.reading() as unit:
        assert keys.read(unit, ring).etag != published.etag
    assert published.etag.startswith('"')
    assert published.etag.endswith('"')


def test_without_keys_there_is_nothing_to_serve(database: Database, ring: KeyRing):
    """A server without keys says how to make them."""
    with database.reading() as unit, pytest.raises(NotReadyError, match="signon keys rotate"):
        keys.read(unit, ring)


def test_only_active_keys_are_unsealed(
    database: Database, ring: KeyRing, generate: KeysOfTheRun, clock: FrozenClock
):
    """A retired key is published even if its private part no longer opens."""
    rotate(database, ring, generate)
    clock.advance(days=1)
    rotate(database, ring, generate)
    clock.advance(days=1)
    with database.writing() as unit:
        unit.execute(
            signing_keys.update()
            .where(signing_keys.c.retired_at.is_not(None))
            .values(private=b"sealed with a ring that is gone")
        )
    with database.reading() as unit:
        assert len(keys.read(unit, ring).verifiers) == 4


async def _served(served: SigningKeys) -> PublishedKeys:
    return await served.get()


def test_the_served_view_is_kept_for_a_while(
    database: Database, ring: KeyRing, generate: KeysOfTheRun
):
    """The server asks the database every 30 seconds, and at once when told of a change."""
    rotate(database, ring, generate)
    served = SigningKeys(database, ring)
    first = asyncio.run(_served(served))
    rotate(database, ring, generate, "ES256")
    assert asyncio.run(_served(served)) is first
    served.forget()
    second = asyncio.run(_served(served))
    assert len(second.verifiers) == 3
    assert second.signer("ES256") is first.signer("ES256")


@pytest.mark.parametrize("is_retired", [True, False])
def test_a_key_that_is_retired_signs_no_more_after_a_look(
    database: Database, ring: KeyRing, generate: KeysOfTheRun, is_retired: bool
):
    """Another process retired it. A look that finds nothing new reads nothing, nor does the first."""
    made = rotate(database, ring, generate)
    rotate(database, ring, generate, "ES256")
    served = SigningKeys(database, ring)

    async def looked() -> PublishedKeys:
        await served.look()
        return await served.get()

    async def twice() -> list[PublishedKeys]:
        before = [await served.get(), await looked(), await looked()]
        if is_retired:
            with database.writing() as unit:
                rotation.retire(unit, made[1].kid, overlap=OVERLAP, withdraw=True)
        return [*before, await looked()]

    *before, after = asyncio.run(twice())
    assert all(one is before[0] for one in before)
    assert (after is before[0]) != is_retired
    assert (made[1].kid in after.verifiers) != is_retired


# ── Signing and verifying ────────────────────────────────────────────────────


@pytest.mark.parametrize("alg", stored_keys.ALGORITHMS)
def test_what_is_signed_verifies(
    database: Database, ring: KeyRing, generate: KeysOfTheRun, clock: FrozenClock, alg: str
):
    """Every algorithm signs a compact JWS with alg, kid and typ, which it accepts again."""
    rotate(database, ring, generate)
    if alg not in rotation.ALWAYS_IN_USE:
        rotate(database, ring, generate, alg)
        clock.advance(days=1)
    with database.reading() as unit:
        published = keys.read(unit, ring)
    signer = published.signer(alg)
    token = signer.sign(CLAIMS, ID_TOKEN)
    header = jws.extract_compact(token.encode()).headers()
    assert header == {"alg": alg, "kid": signer.kid, "typ": ID_TOKEN}
    assert published.verify(token, typ=ID_TOKEN) == CLAIMS


def test_an_algorithm_without_an_active_key_does_not_sign(published: PublishedKeys):
    """The sentence names the command that makes such a key."""
    with pytest.raises(NotReadyError, match="rotate --alg PS256"):
        published.signer("PS256")


def test_tokens_of_one_kind_are_not_taken_for_another(published: PublishedKeys):
    """An ID token is no access token, nor the other way round (RFC 9068 section 5)."""
    signer = published.signer("ES256")
    for made, wanted in ((ID_TOKEN, "at+jwt"), ("at+jwt", ID_TOKEN)):
        with pytest.raises(BadTokenError):
            published.verify(signer.sign(CLAIMS, made), typ=wanted)


def test_only_the_named_algorithms_are_accepted(published: PublishedKeys):
    """A caller that wants ES256 is not given RS256, though it is our own."""
    token = published.signer("RS256").sign(CLAIMS, "at+jwt")
    assert published.verify(token, typ="at+jwt")
    with pytest.raises(BadTokenError):
        published.verify(token, typ="at+jwt", algorithms=("ES256",))


def test_none_is_no_algorithm(published: PublishedKeys):
    """`alg: none` is refused whatever is in place of the signature (RFC 8725 section 3.2)."""
    kid = published.signer("ES256").kid
    signature = base64.urlsafe_b64decode(
        published.signer("ES256").sign(CLAIMS, ID_TOKEN).rpartition(".")[2] + "=="
    )
    for alg in ("none", "None", "NONE", ""):
        for tail in (b"", signature):
            token = forged({"alg": alg, "kid": kid, "typ": ID_TOKEN}, signature=tail)
            with pytest.raises(BadTokenError):
                published.verify(token, typ=ID_TOKEN)


def test_a_public_key_is_no_shared_secret(published: PublishedKeys):
    """HS256 with the published RSA key as the secret is refused (CVE-2024-37568)."""
    kid = published.signer("RS256").kid
    public = next(key for key in json.loads(published.jwks_json)["keys"] if key["kid"] == kid)
    rsa = RSAKey.import_key(public)
    for secret in (rsa.as_der(), json.dumps(public).encode(), rsa.as_dict()["n"]):
        header = {"alg": "HS256", "kid": kid, "typ": ID_TOKEN}
        key = OctKey.import_key(
            base64.urlsafe_b64encode(secret if isinstance(secret, bytes) else str(secret).encode())
        )
        token = jws.serialize_compact(header, json.dumps(CLAIMS), key, ["HS256"])
        with pytest.raises(BadTokenError):
            published.verify(token, typ=ID_TOKEN)


def test_the_algorithm_is_the_keys_own(published: PublishedKeys):
    """An RSA key for RS256 does not verify PS256, though it could."""
    kid = published.signer("RS256").kid
    foreign = RSAKey.generate_key(2048)
    for alg in ("PS256", "RS512", "ES256"):
        token = forged({"alg": alg, "kid": kid, "typ": ID_TOKEN}, signature=b"x" * 256)
        with pytest.raises(BadTokenError):
            published.verify(token, typ=ID_TOKEN)
    token = jws.serialize_compact(
        {"alg": "RS256", "kid": kid, "typ": ID_TOKEN}, json.dumps(CLAIMS), foreign, ["RS256"]
    )
    with pytest.raises(BadTokenError):
        published.verify(token, typ=ID_TOKEN)


def test_the_header_brings_no_key(published: PublishedKeys):
    """A key in or behind the header is never used (CVE-2026-27962): `jwk jku x5u x5c crit`."""
    own = ECKey.generate_key("P-256")
    kid = published.signer("ES256").kid
    for kid_member in ({"kid": kid}, {"kid": own.thumbprint()}, {}):
        for member in (
            {"jwk": own.as_dict(private=False)},
            {"jku": "https://attacker.test/jwks"},
            {"x5u": "https://attacker.test/cert"},
            {"x5c": ["AA=="]},
            {"crit": ["exp"], "exp": 1},
            {"b64": False, "crit": ["b64"]},
        ):
            header: dict[str, Any] = {"alg": "ES256", "typ": ID_TOKEN, **kid_member, **member}
            body = forged(header).removesuffix(".")
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.asymmetric import ec

            assert own.private_key is not None
            signature = own.private_key.sign(body.encode(), ec.ECDSA(hashes.SHA256()))
            token = f"{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
            with pytest.raises(BadTokenError):
                published.verify(token, typ=ID_TOKEN)


def test_a_foreign_key_is_not_ours(published: PublishedKeys):
    """A well-made token with an unknown kid, or none, is refused."""
    own = ECKey.generate_key("P-256")
    for kid in (own.thumbprint(), "", None, 7):
        header = {"alg": "ES256", "kid": kid, "typ": ID_TOKEN}
        with pytest.raises(BadTokenError):
            published.verify(forged(header, signature=b"x" * 64), typ=ID_TOKEN)


def test_a_changed_token_is_refused(published: PublishedKeys):
    """Every part is signed: one changed character anywhere spoils it."""
    token = published.signer("ES256").sign(CLAIMS, ID_TOKEN)
    header, payload, signature = token.split(".")
    other = published.signer("ES256").sign({**CLAIMS, "sub": "abd"}, ID_TOKEN).split(".")
    for changed in (
        f"{header}.{other[1]}.{signature}",
        f"{header}.{payload}.{other[2]}",
        f"{header}.{payload}.",
        f"{header}..{signature}",
        f".{payload}.{signature}",
        f"{header}.{payload}",
        f"{token}.{signature}",
        f"{header}.{payload}.{signature[:-4]}",
        token.swapcase(),
        "",
    ):
        with pytest.raises(BadTokenError):
            published.verify(changed, typ=ID_TOKEN)


def test_a_remembered_signature_is_of_that_very_token(published: PublishedKeys):
    """Its claims are answered again; a token that differs in anything is looked at anew."""
    token = published.signer("ES256").sign(CLAIMS, keys.REMEMBERED)
    first = published.verify(token, typ=keys.REMEMBERED)
    assert published.verify(token, typ=keys.REMEMBERED) is first
    header, payload, signature = token.split(".")
    other = published.signer("ES256").sign({**CLAIMS, "sub": "abd"}, keys.REMEMBERED).split(".")
    for changed in (f"{header}.{other[1]}.{signature}", f"{header}.{payload}.{other[2]}"):
        with pytest.raises(BadTokenError):
            published.verify(changed, typ=keys.REMEMBERED)
    for typ in (ID_TOKEN, "logout+jwt"):
        with pytest.raises(BadTokenError):
            published.verify(token, typ=typ)


def test_few_signatures_are_remembered(published: PublishedKeys, monkeypatch: pytest.MonkeyPatch):
    """Whoever brings many tokens fills no memory."""
    monkeypatch.setattr(keys, "MOST_REMEMBERED", 2)
    signer = published.signer("ES256")
    for number in range(5):
        token = signer.sign({**CLAIMS, "jti": str(number)}, keys.REMEMBERED)
        assert published.verify(token, typ=keys.REMEMBERED)["jti"] == str(number)
        assert len(published._verified) <= 2


def test_a_new_view_of_the_keys_remembers_nothing(
    database: Database, ring: KeyRing, generate: KeysOfTheRun, published: PublishedKeys
):
    """So that a token ends with its key."""
    token = published.signer("ES256").sign(CLAIMS, keys.REMEMBERED)
    published.verify(token, typ=keys.REMEMBERED)
    with database.reading() as unit:
        assert keys.read(unit, ring)._verified == {}


def test_json_serializations_are_not_read(published: PublishedKeys):
    """Compact form only (CVE-2026-96760)."""
    header, payload, signature = published.signer("ES256").sign(CLAIMS, ID_TOKEN).split(".")
    flattened = {"protected": header, "payload": payload, "signature": signature}
    with pytest.raises(BadTokenError):
        published.verify(json.dumps(flattened), typ=ID_TOKEN)


def test_a_long_token_is_not_read(published: PublishedKeys):
    """Above 8 KiB nothing is parsed, even if we had signed it."""
    token = published.signer("ES256").sign({"long": "x" * keys.LONGEST_TOKEN}, ID_TOKEN)
    with pytest.raises(BadTokenError, match="cannot be used"):
        published.verify(token, typ=ID_TOKEN)


def test_a_payload_that_is_no_object_is_refused(published: PublishedKeys):
    """Claims are a JSON object (RFC 7519 section 7.2), whoever signed them."""
    signer = published.signer("ES256")
    for payload in ([1], "text", 7):
        with pytest.raises(BadTokenError):
            published.verify(signer.sign(payload, ID_TOKEN), typ=ID_TOKEN)  # type: ignore[arg-type]


PARTS = st.one_of(
    st.text(max_size=40),
    st.recursive(st.none() | st.booleans() | st.text(max_size=5), st.lists, max_leaves=5).map(
        json.dumps
    ),
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), st.text(max_size=9)).map(
        json.dumps
    ),
).map(lambda text: base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode().rstrip("="))


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(PARTS | st.text(max_size=30), min_size=1, max_size=4))
def test_garbage_is_refused_as_such(parts: list[str]):
    """Whatever arrives, the answer is BadTokenError and nothing else."""
    empty = PublishedKeys((), b"", "", {}, {})
    with pytest.raises(BadTokenError):
        empty.verify(".".join(parts), typ=ID_TOKEN)
