"""`signon clients` as an operator meets it."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from signon.db import Database
from tests.infra.command_line import CommandLine

COURT = ("--court", "casb", "--name", "CM/ECF", "--redirect-uri", "http://localhost:8001/cb")


@pytest.fixture(autouse=True)
def courts(database: Database) -> None:
    """All courts are loaded."""


def test_create_prints_id_and_secret_once(signon: CommandLine):
    """One JSON document; afterwards nobody can see the secret again."""
    done = signon("clients", "create", *COURT, "--json")
    assert (done.status, done.err) == (0, "")
    made = json.loads(done.out)
    assert set(made) == {"client_id", "client_secret"}
    shown = signon("clients", "show", made["client_id"], "--json")
    assert made["client_secret"] not in shown.out
    client = json.loads(shown.out)
    assert client["court"] == "casb"
    assert client["redirect_uris"] == ["http://localhost:8001/cb"]
    assert len(client["secrets"]) == 1


def test_options_repeat_or_hold_several_words(signon: CommandLine):
    """`--scope "openid ecf" --scope court` names three."""
    made = json.loads(
        signon(
            *("clients", "create", *COURT, "--json", "--scope", "openid ecf", "--scope", "court"),
            *("--grant", "authorization_code", "--grant", "client_credentials"),
            *("--auth", "client_secret_post", "--refresh-grace-seconds", "10"),
            *("--return-uri", "http://localhost:8001/", "--profile", "basic"),
        ).out
    )
    client = json.loads(signon("clients", "show", made["client_id"], "--json").out)
    assert client["scopes"] == ["openid", "ecf", "court"]
    assert client["grants"] == ["authorization_code", "client_credentials"]
    assert client["auth"] == "client_secret_post"
    assert client["id_token_alg"] == "RS256"
    assert client["refresh_grace_seconds"] == 10
    assert client["return_uris"] == ["http://localhost:8001/"]


def test_an_algorithm_needs_an_active_key(signon: CommandLine):
    """`--id-token-alg` takes what keys sign now."""
    command = ("clients", "create", *COURT, "--id-token-alg", "RS256")
    assert signon(*command).status == 1
    assert signon("keys", "rotate").status == 0
    assert signon(*command).status == 0


@pytest.mark.parametrize(
    ("options", "ends", "says"),
    [
        ((*COURT, "--redirect-uri", "https://a.test/cb#x"), 1, "has a fragment"),
        ((*COURT, "--backchannel-logout-uri", "http://a.test/out"), 1, "is http"),
        ((*COURT, "--jwks-uri", "https://a.test/jwks"), 1, "for clients that sign"),
        ((*COURT, "--jwks-file", "keys.json"), 1, "keys.json cannot be read"),
        ((*COURT, "--auth", "private_key_jwt"), 1, "needs the client's public keys"),
        ((*COURT, "--profile", "igov"), 1, "not available in this version"),
        ((*COURT, "--scope", "admin"), 1, "leave it out"),
        (("--court", "casb"), 2, "--name"),
        ((*COURT, "--fancy"), 2, "--fancy"),
    ],
)
def test_refusals(signon: CommandLine, options: tuple[str, ...], ends: int, says: str):
    """One line and status 1, or wrong usage and 2; nothing is made."""
    done = signon("clients", "create", *options)
    assert done.status == ends
    assert says in done.err
    assert ends == 2 or len(done.err.splitlines()) == 1
    assert json.loads(signon("clients", "list", "--json").out) == []


def test_the_keys_of_a_client_are_replaced(signon: CommandLine, tmp_path: Path):
    """Old and new together, then the new alone, then an address; show names them."""
    keys = [ECKey.generate_key("P-256", {"kid": name}).as_dict() for name in ("old", "new")]
    (tmp_path / "old.json").write_text(json.dumps({"keys": keys[:1]}))
    (tmp_path / "both.json").write_text(json.dumps({"keys": keys}))
    signing = ("--auth", "private_key_jwt", "--jwks-file", "old.json")
    made = json.loads(signon("clients", "create", *COURT, *signing, "--json").out)
    assert set(made) == {"client_id"}
    client_id = made["client_id"]
    both = json.loads(
        signon("clients", "set-jwks", client_id, "--jwks-file", "both.json", "--json").out
    )
    assert both == {"client_id": client_id, "kids": ["old", "new"], "jwks_uri": None}
    assert "old, new" in signon("clients", "show", client_id).out
    address = "http://localhost:8001/jwks"
    moved = signon("clients", "set-jwks", client_id, "--jwks-uri", address)
    assert (moved.status, address in moved.out) == (0, True)
    assert signon("clients", "set-jwks", client_id).status == 2
    (tmp_path / "bad.json").write_text("{")
    assert "not JSON" in signon("clients", "set-jwks", client_id, "--jwks-file", "bad.json").err
    assert "own" in signon("clients", "rotate-secret", client_id).err
    unknown = signon("clients", "set-jwks", "casb-nobody", "--jwks-uri", address)
    assert (unknown.status, "no client" in unknown.err) == (1, True)


def test_a_client_s_life(signon: CommandLine):
    """List, rotate the secret, disable; each has its JSON."""
    made = json.loads(signon("clients", "create", *COURT, "--json").out)
    client_id = made["client_id"]
    assert client_id in signon("clients", "list").out
    rotated = json.loads(signon("clients", "rotate-secret", client_id, "--json").out)
    assert rotated["client_secret"] != made["client_secret"]
    assert len(json.loads(signon("clients", "show", client_id, "--json").out)["secrets"]) == 2
    assert "until" in signon("clients", "show", client_id).out
    disabled = json.loads(signon("clients", "disable", client_id, "--json").out)
    assert disabled["disabled_at"]
    again = signon("clients", "disable", client_id)
    assert (again.status, "already" in again.err) == (1, True)
    enabled = json.loads(signon("clients", "enable", client_id, "--json").out)
    assert enabled == {"client_id": client_id, "disabled_at": None}
    assert signon("clients", "enable", client_id).status == 1
    assert signon("clients", "show", "casb-nobody").status == 1
    assert signon("clients", "rotate-secret", client_id, "--overlap-hours", "721").status == 2


def test_outstanding_logouts_are_listed(signon: CommandLine):
    """An empty list is one too."""
    assert json.loads(signon("clients", "logouts", "--json").out) == []
