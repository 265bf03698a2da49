"""What each kind of client may register, told by the rules themselves.

Nothing here is written by hand that the program could know better: cells are asked of the same
checks that a registration goes through, so the page `docs/profiles.md` cannot lie.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from signon.clients import key_sets, secrets
from signon.clients.application import GRANTS, KEY_METHODS, SECRET_METHODS, Application, Server
from signon.clients.authentication import METHODS
from signon.clients.checks import (
    LONGEST_GRACE_SECONDS,
    LONGEST_NAME,
    Check,
    check_addresses,
    check_cso_tokens,
    check_grants,
)
from signon.clients.profiles import LATER, RULES, Profile, requires_pkce
from signon.clients.scopes import SCOPES, Holder, default_scopes
from signon.errors import SignonError

COURT_S = Holder("casb", None, signs_people_in=True)
ANOTHER_S = Holder(None, None, signs_people_in=True)
PROOFS = dict.fromkeys(SECRET_METHODS, "a secret") | dict.fromkeys(
    KEY_METHODS, "a signature by a key of its own"
)
ADDRESSES = (
    "https://court.example/callback",
    "https://court.example/callback?from=pacer",
    "https://court.example/*",
    "https://court.example/#top",
    "http://court.example/callback",
    "http://127.0.0.1:8123/callback",
    "http://[::1]:8123/callback",
    "http://localhost:8123/callback",
    "com.example.app:/callback",
    "app:/callback",
    "javascript:alert(1)",
)
"""One of each kind that people try."""
CSO_KINDS = {
    "a court's, with secret or key": Application("x", court="casb"),
    "a court's, public": Application("x", court="casb", auth_method="none"),
    "a firm's": Application("x", firm="1234567"),
    "with neither court nor firm, with secret or key": Application("x"),
}


def describe(algorithms: Collection[str]) -> dict[str, Any]:
    """Everything, as JSON has it; `algorithms` are those that a signing key may have."""
    return {
        "profiles": [
            {
                "profile": profile.value,
                "pkce_confidential": _pkce(profile, is_public=False),
                "pkce_public": _pkce(profile, is_public=True),
                "id_token_alg": rules.id_token_alg,
                "auth": list(METHODS),
            }
            for profile, rules in RULES.items()
        ],
        "later": list(LATER),
        "id_token_algs": list(algorithms),
        "auth": [
            {"auth": method, "shows": PROOFS.get(method, "nothing"), "grants": _grants(method)}
            for method in METHODS
        ],
        "scopes": [
            {
                "scope": name,
                "opens": "the REST API" if scope.is_api else "claims about a person",
                "may_be_held_by": scope.holders,
                "default_for": _default_for(name),
            }
            for name, scope in SCOPES.items()
        ],
        "redirect_uris": [_address(uri) for uri in ADDRESSES],
        "cso_tokens": [
            {"client": kind, "allowed": _passes(check_cso_tokens, client)}
            for kind, client in CSO_KINDS.items()
        ],
        "limits": {
            "name_characters": LONGEST_NAME,
            "refresh_grace_seconds": LONGEST_GRACE_SECONDS,
            "live_secrets": secrets.MOST_LIVING,
            "secret_overlap_hours": round(secrets.LONGEST_OVERLAP.total_seconds() / 3600),
            "keys": key_sets.MAX_KEYS,
            "rsa_bits": [key_sets.MIN_RSA_BITS, key_sets.MAX_RSA_BITS],
            "curves": list(key_sets.CURVES.values()),
        },
    }


def to_markdown(described: Mapping[str, Any]) -> str:
    """The same as the page that people read."""
    limits = described["limits"]
    return PAGE.format(
        profiles=_table(
            ("profile", "PKCE (S256), with secret or key", "PKCE, public", "ID tokens"),
            [
                [_code(row["profile"]), row["pkce_confidential"], row["pkce_public"],
                 row["id_token_alg"]]
                for row in described["profiles"]
            ],
        ),
        algorithms=_codes(described["id_token_algs"]),
        later=_codes(described["later"]),
        auth=_table(
            ("`--auth`", "the client shows", "grants it may have"),
            [[_code(row["auth"]), row["shows"], _codes(row["grants"])] for row in described["auth"]],
        ),
        scopes=_table(
            ("scope", "opens", "may be held by", "held unless others are named by"),
            [
                [_code(row["scope"]), row["opens"], row["may_be_held_by"],
                 " and ".join(row["default_for"]) or "nobody"]
                for row in described["scopes"]
            ],
        ),
        addresses=_table(
            ("address", "client with secret or key", "public client"),
            [
                [_code(row["uri"]), _yes(row["confidential"]), _yes(row["public"])]
                for row in described["redirect_uris"]
            ],
        ),
        cso_tokens=_table(
            ("client", "`--cso-tokens`"),
            [[row["client"], _yes(row["allowed"])] for row in described["cso_tokens"]],
        ),
        rsa="{} to {}".format(*limits["rsa_bits"]),
        curve_names=" and ".join(limits["curves"]),
        **limits,
    )  # fmt: skip


PAGE = """\
# What a client may register

<!-- Made by `signon clients profiles > docs/profiles.md`; a test compares. -->

A client names its profile with `signon clients create --profile`. The profile says what the
protocol asks of it; everything else is the same for all of them.

{profiles}

`--id-token-alg` chooses another of {algorithms}, if a key for it is active.
Not built yet: {later}.

## Authentication and grants

{auth}

- A client has at most {live_secrets} secrets at once. After `signon clients rotate-secret` the old
  one goes on for as long as `--overlap-hours` says, at most {secret_overlap_hours}.
- A key set has at most {keys} public keys: RSA of {rsa} bits, {curve_names}.
- `--refresh-grace-seconds` is at most {refresh_grace_seconds}; a name has at most {name_characters}
  characters.

## Scopes

{scopes}

A client without `authorization_code` holds nothing that is not named.

## Tokens of the PACER Authentication API

Any court's client may introspect them ([pacer-api.md](pacer-api.md)). One with `--cso-tokens` is
handed new ones for the program, too; with neither court nor firm it is the PCL gateway's.

{cso_tokens}

## Redirect addresses

For a provider that is https itself. Addresses are compared character by character, but for the
port of a loopback address.

{addresses}
"""


def _grants(method: str) -> list[str]:
    """Each grant beside `authorization_code`, which refresh tokens come from."""
    return [
        grant
        for grant in GRANTS
        if _passes(
            check_grants,
            Application("x", auth_method=method, grants=("authorization_code", grant)),
        )
    ]


def _address(uri: str) -> dict[str, Any]:
    asked = {"confidential": METHODS[0], "public": "none"}
    answers = {
        kind: _passes(check_addresses, Application("x", redirect_uris=[uri], auth_method=method))
        for kind, method in asked.items()
    }
    return {"uri": uri, **answers}


def _default_for(name: str) -> list[str]:
    kinds = {"a court's client": COURT_S, "any other client": ANOTHER_S}
    return [kind for kind, holder in kinds.items() if name in default_scopes(holder)]


def _passes(check: Check, application: Application) -> bool:
    try:
        check(application, Server(is_https=True, algorithms=()))
    except SignonError:
        return False
    return True


def _pkce(profile: Profile, *, is_public: bool) -> str:
    return "required" if requires_pkce(profile, is_public=is_public) else "optional"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(name: str) -> str:
    return f"`{name}`"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(map(_code, names))


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
