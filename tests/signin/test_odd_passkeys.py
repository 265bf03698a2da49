"""Passkeys as no browser makes them: an answer is a passkey, or it is refused."""

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from webauthn.helpers import bytes_to_base64url

from signon.accounts.directory import Account
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import RefusedError
from signon.signin import factor_challenges
from signon.signin import session as sessions
from signon.signin.factor_challenges import ChallengePurpose
from signon.signin.models import authenticators
from signon.signin.passkeys import Passkeys
from signon.signin.session import Session
from signon.web.visitor import Source
from tests.infra.refusals import caught

CREDENTIAL = secrets.token_bytes(16)


class Enroling:
    """Somebody signed in, who enrols what a program of his makes."""

    def __init__(self, database: Database, ring: KeyRing, settings: Settings, who: Account) -> None:
        self.database, self.ring, self.settings, self.who = database, ring, settings, who
        self.passkeys = Passkeys(ring, settings)
        with database.writing() as unit:
            token = sessions.start(unit, who, settings=settings, previous=None, source=Source())
            found = sessions.current(unit, token, settings)
        assert found is not None
        self.session: Session = found

    @caught
    def add(self, answer: Any = None, **response: Any) -> str:
        """Enrol; `response` changes what the browser says beside the signed parts."""
        challenge = secrets.token_bytes(32)
        with self.database.writing() as unit:
            number = factor_challenges.issue(
                unit, self.ring, ChallengePurpose.ADD_PASSKEY, challenge,
                session_id=self.session.id,
            )  # fmt: skip
        made = answer if answer is not None else json.dumps(self._answer(challenge, response))
        with self.database.writing() as unit:
            return self.passkeys.add(
                unit, self.session, number, nickname="Key", credential=made, source=Source()
            )

    def transports(self) -> list[Any]:
        """What was kept."""
        with self.database.reading() as unit:
            return list(unit.execute(select(authenticators.c.transports)).scalars())

    def _answer(self, challenge: bytes, response: dict[str, Any]) -> dict[str, Any]:
        point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        host = self.settings.issuer.split("//")[1].split(":")[0].encode()
        data = hashlib.sha256(host).digest() + bytes([0x45]) + struct.pack(">I", 1) + bytes(16)
        data += struct.pack(">H", len(CREDENTIAL)) + CREDENTIAL + cbor2.dumps(key)
        said = {"type": "webauthn.create", "challenge": bytes_to_base64url(challenge),
                "origin": self.settings.issuer}  # fmt: skip
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        named = bytes_to_base64url(CREDENTIAL)
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "response": {
                "clientDataJSON": bytes_to_base64url(json.dumps(said).encode()),
                "attestationObject": bytes_to_base64url(attested),
                **response,
            },
        }


def reason(made: object) -> str:
    """Of what must be a refusal."""
    assert isinstance(made, RefusedError)
    return made.reason


@pytest.fixture
def enroling(wired: Database, ring: KeyRing, settings: Settings, account: Account) -> Enroling:
    return Enroling(wired, ring, settings, account)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["usb", "nfc"], ["usb", "nfc"]),
        (["internal", "telepathy", "internal"], ["internal"]),
        (5, []),
        (None, []),
        ([{}], []),
        ([["usb"], None, 5], []),
        ("usb", []),
        ({"usb": 1}, []),
    ],
)
def test_odd_transports_are_left_out(enroling: Enroling, said: Any, kept: list[str]):
    """Browsers name how to reach a passkey; anybody can name anything."""
    assert isinstance(enroling.add(transports=said), str)
    assert enroling.transports() == [kept]


@pytest.mark.parametrize(
    "answer",
    ["", "5", "null", "[]", "{", "[" * 60_000, '{"id":5}', '{"id":"\\ud800","rawId":"x"}',
     json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": {
         "clientDataJSON": "eA", "attestationObject": bytes_to_base64url(b"\x81" * 2000)}})],
)  # fmt: skip
def test_what_is_no_passkey_is_refused(enroling: Enroling, answer: str):
    """Whatever the library stumbles over."""
    assert reason(enroling.add(answer)) == "passkey_refused"
    with enroling.database.writing() as unit, pytest.raises(RefusedError, match="not be used here"):
        enroling.passkeys.prove(unit, "none", answer)


def test_a_passkey_is_enrolled_once(enroling: Enroling):
    """A program that answers with the same one again is refused."""
    assert isinstance(enroling.add(), str)
    assert reason(enroling.add()) == "passkey_refused"
    assert len(enroling.transports()) == 1
