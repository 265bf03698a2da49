"""Proofs of possession and signed statements as a client makes them, right or wrong on purpose."""

import base64
import hashlib
import json
from typing import Any
from uuid import uuid4

from joserfc.jwk import ECKey, OKPKey, RSAKey

from signon.clients.profiles import SIGNATURES
from signon.clients.signatures import ClientSignatures
from signon.clock import Clock

AnyKey = ECKey | OKPKey | RSAKey
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def new_key(alg: str = "ES256") -> AnyKey:
    """A fresh key pair for an algorithm."""
    if alg in {"Ed25519", "EdDSA"}:
        return OKPKey.generate_key("Ed25519")
    return ECKey.generate_key("P-256") if alg == "ES256" else RSAKey.generate_key(2048)


def signed(header: dict[str, Any], claims: dict[str, Any], key: AnyKey) -> str:
    """A compact JWS over what is not None; by hand, for a library writes no nonsense."""
    parts = ({name: one[name] for name in one if one[name] is not None} for one in (header, claims))
    text = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    alg = header.get("alg")
    name = alg if isinstance(alg, str) and alg in SIGNATURES else "ES256"
    signature = ClientSignatures([name]).get_alg(name).sign(text, key)
    return (text + b"." + _encoded(signature)).decode()


def hashed(text: str) -> str:
    """SHA-256 in base64url."""
    return _encoded(hashlib.sha256(text.encode()).digest()).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Prover:
    """Holds a key and proves it (RFC 9449 section 4)."""

    def __init__(self, clock: Clock, alg: str = "ES256") -> None:
        self.clock = clock
        self.alg = alg
        self.key = new_key(alg)
        self.nonce: str | None = None

    @property
    def jkt(self) -> str:
        """The key's thumbprint."""
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        address: str,
        *,
        token: str | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A proof for a request; what is given replaces, None leaves out."""
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key.as_dict(private=False)}
        body = {
            "jti": str(uuid4()),
            "htm": method,
            "htu": address,
            "iat": int(self.clock().timestamp()),
            "ath": hashed(token) if token else None,
            "nonce": self.nonce,
        }
        return signed({**head, **(header or {})}, {**body, **claims}, self.key)

    def headers(self, method: str, address: str, token: str) -> dict[str, str]:
        """What a request with a bound token carries."""
        proof = self.proof(method, address, token=token)
        return {"authorization": f"DPoP {token}", "dpop": proof}


class Signatory:
    """Holds a client's own key, for assertions and request objects."""

    def __init__(self, clock: Clock, client_id: str, issuer: str, alg: str = "ES256") -> None:
        self.clock = clock
        self.client_id = client_id
        self.issuer = issuer
        self.alg = alg
        self.key = new_key(alg)

    @property
    def jwks(self) -> dict[str, Any]:
        """What is registered."""
        return {"keys": [self.key.as_dict(private=False)]}

    def assertion(self, **claims: Any) -> dict[str, str]:
        """The form fields that show who the client is (RFC 7523 section 2.2)."""
        now = int(self.clock().timestamp())
        body = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + 60,
        }
        alg = claims.pop("alg", self.alg)
        token = signed({"alg": alg}, {**body, **claims}, self.key)
        return {"client_assertion_type": ASSERTION, "client_assertion": token}
