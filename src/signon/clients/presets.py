"""Programs that people bring as clients: what each needs of us, and what we need of each.

One table. `signon clients create --for`, docs/clients.md and the gallery of relying parties,
which runs the programs as they are, read it; each program's side of the configuration is a file of
`configurations/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from string import Template
from typing import Any
from urllib.parse import urlsplit

from signon.clients.application import Application
from signon.errors import InputError


@dataclass(frozen=True, slots=True)
class Preset:
    """What a program is registered with; `callback` is where it waits, below its own address,
    `note` what its people must know.
    """

    program: str
    language: str
    callback: str
    note: str
    auth_method: str = "client_secret_basic"
    profile: str = "standard"
    id_token_alg: str = "ES256"
    claims_in_id_token: bool = False
    refreshes: bool = True


PRESETS: Mapping[str, Preset] = {
    "spring": Preset(
        "Spring Boot, spring-boot-starter-oauth2-client",
        "yaml",
        "/login/oauth2/code/signon",
        "By its properties alone it neither sends PKCE nor takes another algorithm than RS256.",
        profile="basic",
        id_token_alg="RS256",  # noqa: S106 - an algorithm's name
    ),
    "django-allauth": Preset(
        "django-allauth, provider `openid_connect`",
        "python",
        "/accounts/oidc/signon/login/callback/",
        "It keeps no refresh token and signs out of itself alone.",
        refreshes=False,
    ),
    "mozilla-django-oidc": Preset(
        "mozilla-django-oidc",
        "python",
        "/oidc/callback/",
        "Its `SessionRefresh` asks again with `prompt=none` instead of refreshing.",
        refreshes=False,
    ),
    "flask-oidc": Preset(
        "flask-oidc",
        "python",
        "/authorize",
        "It cannot send PKCE. It keeps tokens in the session, which does not fit a cookie: use "
        "Flask-Session.",
        auth_method="client_secret_post",
        profile="basic",
    ),
    "passport": Preset(
        "Passport, passport-openidconnect",
        "js",
        "/callback",
        "It cannot send PKCE and reads the ID token alone.",
        auth_method="client_secret_post",
        profile="basic",
        claims_in_id_token=True,
        refreshes=False,
    ),
    "express-openid-connect": Preset(
        "express-openid-connect",
        "js",
        "/callback",
        "`req.oidc.user` is the ID token.",
        claims_in_id_token=True,
    ),
    "authjs": Preset(
        "Auth.js (NextAuth)",
        "js",
        "/auth/callback/signon",
        "It reads the ID token alone; NextAuth waits at `/api/auth/callback/signon`.",
        claims_in_id_token=True,
        refreshes=False,
    ),
    "oauth2-proxy": Preset(
        "oauth2-proxy",
        "toml",
        "/oauth2/callback",
        "It lets in whose address is proved (`email_verified`).",
        claims_in_id_token=True,
    ),
    "oidc-agent": Preset(
        "oidc-agent",
        "sh",
        "/",
        "On people’s own machines: the address is a loopback one, as `http://localhost:4242`.",
    ),
    "mod_auth_openidc": Preset(
        "Apache, mod_auth_openidc",
        "apache",
        "/signon/callback",
        "As a resource server it needs `OIDCCacheEncrypt On`.",
    ),
    "openid-client": Preset(
        "openid-client (Node)",
        "js",
        "/callback",
        "PKCE is sent by you: `randomPKCECodeVerifier`, `calculatePKCECodeChallenge`.",
    ),
    "go-oidc": Preset(
        "go-oidc with golang.org/x/oauth2",
        "go",
        "/callback",
        "PKCE is sent by you: `oauth2.S256ChallengeOption`.",
    ),
    "idpyoidc": Preset(
        "idpyoidc",
        "python",
        "/callback",
        "PKCE is one of its add-ons.",
    ),
    "requests-oauthlib": Preset(
        "requests-oauthlib",
        "python",
        "/callback",
        "It is OAuth 2.0 alone: claims come from UserInfo.",
    ),
}


def preset(name: str) -> Preset:
    """The preset of a program. Raises InputError for one that has none."""
    if name not in PRESETS:
        raise InputError(f"There is nothing for {name[:32]!r}: use {', '.join(PRESETS)}.")
    return PRESETS[name]


def fitted(application: Application, chosen: Preset, said: Sequence[str]) -> Application:
    """The application as the program needs it, but for the fields that somebody has `said`.

    Raises InputError when nobody has said where the program waits for people.
    """
    if not application.redirect_uris:
        raise InputError(
            f"{chosen.program} waits for people at its own address and {chosen.callback}: name the "
            "whole of it with --redirect-uri.",
            field="redirect_uris",
        )
    fields = ("auth_method", "profile", "id_token_alg", "claims_in_id_token")
    return replace(application, **{f: getattr(chosen, f) for f in fields if f not in said})


def configuration(
    name: str, application: Application, *, issuer: str, client_id: str, client_secret: str | None
) -> str:
    """The other side's configuration of a registered client, ready to copy."""
    uri = application.redirect_uris[0]
    at, scopes = urlsplit(uri), tuple(application.scopes or ())
    values = {
        "issuer": issuer,
        "client_id": client_id,
        "client_secret": client_secret or "",
        "redirect_uri": uri,
        "base_url": f"{at.scheme}://{at.netloc}",
        "callback_path": at.path,
        "scope": " ".join(scopes),
        "scope_list": ", ".join(scopes),
        "quoted_scopes": ", ".join(f'"{scope}"' for scope in scopes),
    }
    return Template(_template(name)).substitute(values)


def rows() -> list[dict[str, Any]]:
    """The table, as docs/clients.md has it."""
    return [
        {
            "name": name,
            "program": one.program,
            "auth": one.auth_method,
            "profile": one.profile,
            "id_token_alg": one.id_token_alg,
            "claims_in_id_token": one.claims_in_id_token,
            "callback": one.callback,
            "note": one.note,
        }
        for name, one in PRESETS.items()
    ]


def to_markdown() -> str:
    """The same as people read it."""
    lines = [
        "| `--for` | program | authentication | profile | ID tokens | waits at | to know |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in rows():
        tokens = one["id_token_alg"] + (", all claims" if one["claims_in_id_token"] else "")
        lines.append(
            f"| `{one['name']}` | {one['program']} | `{one['auth']}` | `{one['profile']}` | {tokens} | "
            f"`{one['callback']}` | {one['note']} |"
        )
    return "\n".join(lines) + "\n"


def _template(name: str) -> str:
    return (resources.files("signon.clients") / "configurations" / f"{name}.txt").read_text()
