"""What is checked before a client is registered or changed: one check, one rule."""

import unicodedata
from collections.abc import Callable, Collection, Sequence

from signon.clients import key_sets, redirect_uris
from signon.clients.application import GRANTS, KEY_METHODS, Application, Server
from signon.clients.authentication import METHODS
from signon.clients.profiles import LATER, RULES
from signon.clients.scopes import SCOPES
from signon.errors import InputError, RefusedError

LONGEST_NAME = 200
INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode's categories of what cannot be seen, or breaks a line."""
LONGEST_GRACE_SECONDS = 10

Check = Callable[[Application, Server], None]
"""Raises InputError or RefusedError when the rule is broken."""


def check_name(application: Application, _: Server) -> None:
    """A name that people can read on a page."""
    name = application.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InputError(f"The name must have 1 to {LONGEST_NAME} characters.", field="name")
    if any(unicodedata.category(character) in INVISIBLE for character in name):
        raise InputError("The name has characters that cannot be seen.", field="name")


def check_binding(application: Application, _: Server) -> None:
    """A court's or a firm's, not both."""
    if application.court and application.firm:
        raise InputError("A client belongs to a court or to a firm: name one of them.")


def check_profile(application: Application, _: Server) -> None:
    """A profile whose rules are kept here."""
    _choose("profile", application.profile, tuple(RULES), LATER)


def check_authentication(application: Application, _: Server) -> None:
    """A way of authentication that the token endpoint knows."""
    _choose("auth", application.auth_method, METHODS, ())


def check_keys(application: Application, server: Server) -> None:
    """Public keys for a client that signs, in one place, and for no other."""
    if application.jwks is not None:
        key_sets.checked(application.jwks)
    if application.jwks_uri is not None:
        _check_address(application.jwks_uri, "jwks_uri", application, server)
    has_keys = (application.jwks is not None) + (application.jwks_uri is not None)
    if application.auth_method in KEY_METHODS and has_keys != 1:
        raise InputError(
            f"--auth {application.auth_method} needs the client's public keys: a JWK Set or "
            "its address, and not both.",
            field="jwks",
        )
    if application.auth_method not in KEY_METHODS and has_keys:
        raise InputError(
            f"Keys are for clients that sign with them: --auth {KEY_METHODS[0]}.", field="jwks"
        )


def check_grants(application: Application, _: Server) -> None:
    """Grants that go together, and with the client's authentication."""
    if not application.grants:
        raise InputError("A client needs a grant.", field="grants")
    for grant in application.grants:
        _choose("grant", grant, GRANTS, ())
    if "refresh_token" in application.grants and not application.signs_people_in:
        raise InputError(
            "The grant refresh_token needs authorization_code: refresh tokens come with a sign-in.",
            field="grants",
        )
    # RFC 6749 section 4.4: "MUST only be used by confidential clients"
    if "client_credentials" in application.grants and application.is_public:
        raise InputError(
            "The grant client_credentials needs a client with a secret: --auth none has none.",
            field="grants",
        )


def check_addresses(application: Application, server: Server) -> None:
    """Somewhere to send people back to, and only to addresses that are safe."""
    if application.signs_people_in and not application.redirect_uris:
        raise InputError(
            "The grant authorization_code needs at least one --redirect-uri.", field="redirect_uris"
        )
    addresses = {
        "redirect_uris": application.redirect_uris,
        "post_logout_redirect_uris": application.post_logout_redirect_uris,
        "return_uris": application.return_uris,
    }
    for field, uris in addresses.items():
        for uri in uris:
            _check_address(uri, field, application, server)


def check_logout(application: Application, server: Server) -> None:
    """A server's address for logout tokens, and people who may be signed out there."""
    if application.backchannel_logout_uri is None:
        return
    field = "backchannel_logout_uri"
    if not application.signs_people_in:
        raise InputError("Only a client that signs people in is told of logouts.", field=field)
    _check_address(application.backchannel_logout_uri, field, application, server)


def check_scopes(application: Application, _: Server) -> None:
    """Scopes that exist, and that this client may hold."""
    for name in application.scopes or ():
        if name not in SCOPES:
            raise InputError(
                f"There is no scope {name[:64]!r}: use {', '.join(SCOPES)}.", field="scopes"
            )
        if not SCOPES[name].may_hold(application.holder):
            raise RefusedError(
                "scope", f"The scope {name} is only for {SCOPES[name].holders}: leave it out."
            )


def check_grace(application: Application, _: Server) -> None:
    """A few seconds at most, in which a refresh may be repeated."""
    if not 0 <= application.refresh_grace_seconds <= LONGEST_GRACE_SECONDS:
        raise InputError(
            f"The refresh grace must be 0 to {LONGEST_GRACE_SECONDS} seconds.",
            field="refresh_grace_seconds",
        )


def check_cso_tokens(application: Application, _: Server) -> None:
    """For a court, or for the gateway to all searches, which keeps what it is handed to itself."""
    if application.cso_tokens and (application.firm or application.is_public):
        raise RefusedError(
            "cso_tokens",
            "New tokens of the PACER Authentication API are handed to a court's client, or to the "
            "PCL gateway's, which belongs to nobody, with a secret or a key: leave --cso-tokens out.",
        )


def check_id_token_alg(application: Application, server: Server) -> None:
    """An algorithm that a key of ours signs with now."""
    alg = application.id_token_alg
    if alg is not None and alg not in server.algorithms:
        active = ", ".join(server.algorithms) or "none"
        raise InputError(
            f"No active key signs {alg[:16]!r}: `signon keys rotate --alg` makes one. "
            f"Active now: {active}.",
            field="id_token_alg",
        )


CHECKS: dict[Check, str] = {
    check_name: "name",
    check_binding: "court",
    check_profile: "profile",
    check_authentication: "auth",
    check_keys: "jwks",
    check_grants: "grants",
    check_addresses: "redirect_uris",
    check_logout: "backchannel_logout_uri",
    check_scopes: "scopes",
    check_grace: "refresh_grace_seconds",
    check_cso_tokens: "cso_tokens",
    check_id_token_alg: "id_token_alg",
}
"""In the order in which they are made, each with the field that it is about."""


def _check_address(uri: str, field: str, application: Application, server: Server) -> None:
    """People are sent to the first three kinds of address; we call the others ourselves."""
    is_ours_to_call = field in {"jwks_uri", "backchannel_logout_uri"}
    try:
        redirect_uris.check(
            uri,
            is_public=application.is_public and not is_ours_to_call,
            issuer_is_https=server.is_https,
            is_redirect=field == "redirect_uris",
        )
    except InputError as error:
        raise InputError(error.sentence, field=field) from error


def _choose(option: str, value: str, choices: Sequence[str], later: Collection[str]) -> None:
    if value in later:
        raise RefusedError("not_available", f"--{option} {value} is not available in this version.")
    if value not in choices:
        raise InputError(f"--{option} {value[:32]!r} is unknown: use {', '.join(choices)}.")
