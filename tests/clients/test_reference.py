"""The reference page is what the rules say."""

import json

import pytest

from tests.infra.command_line import CommandLine


def test_the_page_is_made_from_the_rules(signon: CommandLine, pytestconfig: pytest.Config):
    """docs/profiles.md is what `signon clients profiles` prints; make it again after a change."""
    page = pytestconfig.rootpath / "docs" / "profiles.md"
    assert signon("clients", "profiles").out == page.read_text()


def test_the_rules_as_json(signon: CommandLine):
    """The facts that a court looks for first."""
    told = json.loads(signon("clients", "profiles", "--json").out)
    profiles = {row["profile"]: row for row in told["profiles"]}
    assert profiles["standard"]["pkce_confidential"] == "required"
    assert profiles["standard"]["id_token_alg"] == "ES256"
    assert profiles["basic"]["pkce_confidential"] == "optional"
    assert profiles["basic"]["pkce_public"] == "required"
    grants = {row["auth"]: row["grants"] for row in told["auth"]}
    assert grants["client_secret_basic"] == grants["private_key_jwt"]
    assert set(grants["client_secret_basic"]) - set(grants["none"]) == {"client_credentials"}
    scopes = {row["scope"]: row for row in told["scopes"]}
    assert scopes["ecf"]["default_for"] == ["a court's client"]
    assert scopes["court"]["default_for"] == []
    addresses = {row["uri"]: (row["confidential"], row["public"]) for row in told["redirect_uris"]}
    assert addresses["https://court.example/callback"] == (True, True)
    assert addresses["http://127.0.0.1:8123/callback"] == (False, True)
    assert addresses["http://localhost:8123/callback"] == (False, False)
    assert addresses["com.example.app:/callback"] == (False, True)
    assert addresses["javascript:alert(1)"] == (False, False)
