"""Client profiles: which rules of the protocol a client is held to."""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """The profiles that are built (conformance facts, first paragraphs)."""

    STANDARD = "standard"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a profile asks of its clients."""

    requires_pkce: bool
    id_token_alg: str
    """The algorithm of ID tokens unless the client's registration names another."""


RULES: dict[Profile, Rules] = {
    Profile.STANDARD: Rules(True, "ES256"),
    # OpenID Connect Core 1.0 section 2: RS256 unless registered otherwise
    Profile.BASIC: Rules(False, "RS256"),
}

LATER = ("igov", "fapi2")
"""Profiles with a name and no rules yet."""


def requires_pkce(profile: Profile, *, is_public: bool) -> bool:
    """Whether every authorization request needs a code challenge."""
    # RFC 9700 section 2.1.1: "Public clients MUST use PKCE"
    return is_public or RULES[profile].requires_pkce
