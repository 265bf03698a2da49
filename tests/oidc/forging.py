"""Tokens as an attacker would make them."""

import base64
import json
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unverified."""
    header, claims, _ = token.split(".")
    return json.loads(_decoded(header)), json.loads(_decoded(claims))


def unsigned(token: str) -> str:
    """The same claims under `alg` none."""
    header, claims = parts(token)
    return ".".join([_encoded({**header, "alg": "none"}), _encoded(claims), ""])


def by_a_foreign_key(token: str) -> str:
    """The same header, with its `kid`, and claims, signed by a key that is not the provider's."""
    header, claims = parts(token)
    key = ECKey.generate_key("P-256")
    payload = json.dumps(claims).encode()
    registry = jws.JWSRegistry(algorithms=["ES256"])
    return jws.serialize_compact({**header, "alg": "ES256"}, payload, key, registry=registry)


def altered(token: str, **changes: Any) -> str:
    """Other claims under the old signature."""
    header, claims, signature = token.split(".")
    changed = {**json.loads(_decoded(claims)), **changes}
    return ".".join([header, _encoded(changed), signature])


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
