"""Access tokens as requests to UserInfo and the REST interface present them.

By the scheme Bearer (RFC 6750), or bound to a key by the scheme DPoP with a proof (RFC 9449 section
7); never one for the other.
"""

from collections.abc import Mapping
from typing import Any

from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.tokens.bearer import BearerError, bound_to, verified
from signon.tokens.dpop import ProofError, Proofs
from signon.tokens.keys import SigningKeys
from signon.web.presented import Presented

BEARER, DPOP = "bearer", "dpop"


class PresentedTokens:
    """Reads the token of a request, with the proof that belongs to it."""

    def __init__(
        self, settings: Settings, database: Database, ring: KeyRing, keys: SigningKeys
    ) -> None:
        self._issuer = settings.issuer
        self._database = database
        self._keys = keys
        self.proofs = Proofs(settings, database, ring)

    async def claims(self, shown: Presented, audiences: tuple[str, ...]) -> Mapping[str, Any]:
        """What the token says. Raises BearerError: none, not ours, not for this, or not proved."""
        if shown.scheme not in {BEARER, DPOP}:
            raise BearerError(401, None, "an access token is needed")
        try:
            return await self._claims(shown, audiences)
        except BearerError as error:
            error.headers |= self.proofs.reminder(shown)
            raise error.under(shown.scheme) from error

    async def _claims(self, shown: Presented, audiences: tuple[str, ...]) -> Mapping[str, Any]:
        token = shown.credentials
        claims = verified(
            token,
            keys=await self._keys.get(),
            issuer=self._issuer,
            now=int(self._database.clock().timestamp()),
            audiences=audiences,
        )
        jkt = bound_to(claims)
        if shown.scheme == BEARER and jkt is None:
            return claims
        # RFC 9449 section 7.2: a bound token "MUST NOT" be accepted as a bearer token
        if shown.scheme == BEARER or jkt is None:
            wanted = "Bearer" if jkt is None else "DPoP"
            raise BearerError(401, "invalid_token", f"the token needs the scheme {wanted}")
        try:
            proved = await self.proofs.of(shown, access_token=token, jkt=jkt)
        except ProofError as error:
            raise BearerError(401, error.code, error.description) from error
        if proved is None:
            raise BearerError(401, "invalid_dpop_proof", "there is no DPoP proof")
        return claims
