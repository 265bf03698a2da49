"""What somebody asks to be registered as a client, and what the answer depends on beside it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from signon.clients import key_sets
from signon.clients.profiles import RULES, Profile
from signon.clients.scopes import Holder, default_scopes

GRANTS = ("authorization_code", "refresh_token", "client_credentials")
DEFAULT_GRANTS = ("authorization_code", "refresh_token")
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
"""Ways of authentication that show a secret."""
KEY_METHODS = ("private_key_jwt",)
"""Ways of authentication that sign with a key of the client's own."""

FIELDS = {
    "name": "name",
    "court": "court",
    "firm": "firm",
    "profile": "profile",
    "auth": "auth_method",
    "jwks": "jwks",
    "jwks_uri": "jwks_uri",
    "grants": "grants",
    "scopes": "scopes",
    "redirect_uris": "redirect_uris",
    "post_logout_redirect_uris": "post_logout_redirect_uris",
    "return_uris": "return_uris",
    "backchannel_logout_uri": "backchannel_logout_uri",
    "id_token_alg": "id_token_alg",
    "refresh_grace_seconds": "refresh_grace_seconds",
    "trusted": "trusted",
    "claims_in_id_token": "claims_in_id_token",
    "cso_tokens": "cso_tokens",
}
"""What operators call the parts of an application, and what they are called here."""


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody asks to be registered; `id_token_alg` and `scopes` of None take the defaults.

    `court` is a CM/ECF id, `firm` a firm account's 7-digit number, `jwks` a JWK Set.
    """

    name: str
    court: str | None = None
    firm: str | None = None
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    return_uris: Sequence[str] = ()
    auth_method: str = "client_secret_basic"
    profile: str = Profile.STANDARD.value
    id_token_alg: str | None = None
    grants: Sequence[str] = DEFAULT_GRANTS
    scopes: Sequence[str] | None = None
    trusted: bool = False
    claims_in_id_token: bool = False
    cso_tokens: bool = False
    refresh_grace_seconds: int = 0
    backchannel_logout_uri: str | None = None
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether it could not show who it is."""
        return self.auth_method == "none"

    @property
    def has_secret(self) -> bool:
        """Whether it would show a secret."""
        return self.auth_method in SECRET_METHODS

    @property
    def signs_people_in(self) -> bool:
        """Whether people would come from it to sign in."""
        return "authorization_code" in self.grants

    @property
    def holder(self) -> Holder:
        """What the table of scopes asks about."""
        return Holder(self.court, self.firm, self.signs_people_in)

    def settled(self) -> "Application":
        """The same with every default taken, and nothing said twice; for what passed the checks."""
        scopes = default_scopes(self.holder) if self.scopes is None else self.scopes
        return replace(
            self,
            name=self.name.strip(),
            grants=_once(self.grants),
            scopes=_once(scopes),
            redirect_uris=_once(self.redirect_uris),
            post_logout_redirect_uris=_once(self.post_logout_redirect_uris),
            return_uris=_once(self.return_uris),
            id_token_alg=self.id_token_alg or RULES[Profile(self.profile)].id_token_alg,
            jwks=None if self.jwks is None else key_sets.checked(self.jwks),
        )


@dataclass(frozen=True, slots=True)
class Server:
    """What a registration depends on beside the application."""

    is_https: bool
    algorithms: Collection[str]
    """Those that have an active signing key."""


def differences(before: Application, after: Application) -> dict[str, tuple[Any, Any]]:
    """The old and new value of every field that is not the same in two settled applications."""
    pairs = {field: (getattr(before, name), getattr(after, name)) for field, name in FIELDS.items()}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


def _once(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
