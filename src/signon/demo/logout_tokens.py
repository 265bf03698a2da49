"""Back-channel logout as a court receives it (OpenID Connect Back-Channel Logout 1.0, section 2.6).

Anybody may post to a court, so nothing is believed that the provider has not signed for this
court, just now, as a logout token, and once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from signon.clock import Clock
from signon.demo.relying_party import ALGORITHMS, LEEWAY_SECONDS, RelyingParty
from signon.errors import SignonError

TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST = 8 * 1024
FETCH_APART_SECONDS = 60
"""How often a key that nobody knows makes the court look for new ones."""
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, KeyError, RecursionError)
"""What reading garbage raises; joserfc does not ask whether a header is an object."""


class LogoutTokenRefusedError(SignonError):
    """This is no logout token for this court; `detail` says why, for the court's log."""

    def __init__(self, detail: str) -> None:
        super().__init__("The logout token is not accepted.", detail=detail)


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Whose sign-in is over: all of a person's, one session, or one session of that person."""

    subject: str | None
    session_id: str | None

    def concerns(self, claims: Mapping[str, Any]) -> bool:
        """Whether a sign-in with these ID token claims is meant."""
        return (self.subject is None or claims.get("sub") == self.subject) and (
            self.session_id is None or claims.get("sid") == self.session_id
        )


class LogoutTokens:
    """Reads the logout tokens that are posted to one client of the provider."""

    def __init__(self, party: RelyingParty, *, clock: Clock) -> None:
        self._party = party
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._looked_at = 0.0

    async def read(self, text: str) -> SignedOut:
        """What a token says, in the order of section 2.6.

        Raises LogoutTokenRefusedError, or UnreachableError when the provider's keys cannot be
        had: then it may be sent again.
        """
        now = self._clock().timestamp()
        claims = await self._verified(text, now)
        self._check_claims(claims, now)
        subject, session_id = claims.get("sub"), claims.get("sid")
        # "Verify that the Logout Token contains a sub Claim, a sid Claim, or both."
        if subject is None and session_id is None:
            raise LogoutTokenRefusedError("it names neither sub nor sid")
        if not all(value is None or isinstance(value, str) for value in (subject, session_id)):
            raise LogoutTokenRefusedError("sub or sid is no text")
        self._check_is_new(str(claims["jti"]), float(claims["exp"]), now)
        return SignedOut(subject, session_id)

    async def _verified(self, text: str, now: float) -> Mapping[str, Any]:
        """The claims of a token that the provider signed as a logout token."""
        if len(text) > LONGEST:
            raise LogoutTokenRefusedError("too long")
        keys = await self._party.keys()
        try:
            header = jws.extract_compact(text.encode()).headers()
            # RFC 8725 section 3.11: an ID token of ours must not pass for a logout token
            if header.get("typ") != TYPE:
                raise LogoutTokenRefusedError("typ is not logout+jwt")
            known = {key.kid for key in keys.keys}
            if header["kid"] not in known and now - self._looked_at >= FETCH_APART_SECONDS:
                self._looked_at = now
                keys = await self._party.keys(anew=True)
            return jwt.decode(text, keys, algorithms=list(ALGORITHMS)).claims
        except MALFORMED as error:
            raise LogoutTokenRefusedError(f"not signed: {type(error).__name__}") from error

    def _check_claims(self, claims: Mapping[str, Any], now: float) -> None:
        wanted = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._party.issuer},
            aud={"essential": True, "value": self._party.client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            wanted.validate(dict(claims))
        except MALFORMED as error:
            raise LogoutTokenRefusedError(f"claims: {error}") from error
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
            raise LogoutTokenRefusedError("it is not about a logout")
        # "Verify that the Logout Token does not contain a nonce Claim."
        if "nonce" in claims:
            raise LogoutTokenRefusedError("it has a nonce, as ID tokens have")

    def _check_is_new(self, jti: str, expires_at: float, now: float) -> None:
        self._seen = {
            seen: until for seen, until in self._seen.items() if until + LEEWAY_SECONDS > now
        }
        if jti in self._seen:
            raise LogoutTokenRefusedError("it was used before")
        self._seen[jti] = expires_at
