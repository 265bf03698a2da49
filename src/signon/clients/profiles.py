"""Client profiles: which rules of the protocol a client is held to."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

SIGNATURES = ("ES256", "RS256", "PS256", "Ed25519", "EdDSA")
"""Every algorithm that a client may sign with; EdDSA is the old name of Ed25519 (RFC 9864)."""
STRONG = tuple(alg for alg in SIGNATURES if alg != "RS256")
"""FAPI 2.0 Security Profile section 5.4.1: no PKCS #1 v1.5."""


class Profile(StrEnum):
    """The profiles that are built (conformance facts, first paragraphs)."""

    STANDARD = "standard"
    BASIC = "basic"
    IGOV = "igov"
    FAPI2 = "fapi2"


class Dpop(StrEnum):
    """Whether a client shows a key of its own with its tokens (RFC 9449)."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a profile asks of its clients."""

    requires_pkce: bool
    id_token_alg: str
    """The algorithm of ID tokens unless the client's registration names another."""
    signatures: Collection[str] = SIGNATURES
    """What the client may sign with, and what we may sign for it."""
    is_keyed: bool = False
    """Authenticates by `private_key_jwt` alone, and its assertions name the issuer alone."""
    requires_state: bool = False
    """Every authorization request has `state` and `nonce`."""
    requires_par: bool = False
    dpop: Dpop = Dpop.OPTIONAL
    """What holds unless the client's registration says otherwise."""
    rotates: bool = True
    """Whether a refresh token is used once only."""


RULES: dict[Profile, Rules] = {
    Profile.STANDARD: Rules(True, "ES256"),
    # OpenID Connect Core 1.0 section 2: RS256 unless registered otherwise
    Profile.BASIC: Rules(False, "RS256"),
    # iGov OAuth 2.0 sections 2.1.1 and 2.3.2
    Profile.IGOV: Rules(True, "RS256", is_keyed=True, requires_state=True),
    # FAPI 2.0 Security Profile section 5.3.2
    Profile.FAPI2: Rules(
        True,
        "ES256",
        signatures=STRONG,
        is_keyed=True,
        requires_par=True,
        dpop=Dpop.REQUIRED,
        rotates=False,
    ),
}


def requires_pkce(profile: Profile, *, is_public: bool) -> bool:
    """Whether every authorization request needs a code challenge."""
    # RFC 9700 section 2.1.1: "Public clients MUST use PKCE"
    return is_public or RULES[profile].requires_pkce
