"""Programs that people bring: registered as each needs it, with its side of the configuration."""

import json
import re
from importlib import resources

import pytest

from signon.clients.presets import PRESETS
from signon.db import Database
from tests.infra.command_line import CommandLine

CALLBACK = "http://localhost:9999/callback"
HERE = ("--court", "casb", "--name", "Docket", "--redirect-uri", CALLBACK, "--json")


@pytest.fixture(autouse=True)
def keys(database: Database, signon: CommandLine) -> None:
    """All courts, and keys of both algorithms."""
    assert signon("keys", "rotate").status == 0


@pytest.mark.parametrize("name", PRESETS)
def test_a_client_is_what_its_program_needs(signon: CommandLine, name: str):
    """Everything that the other side asks for is there, filled in."""
    made = json.loads(signon("clients", "create", *HERE, "--for", name).out)
    client = json.loads(signon("clients", "show", made["client_id"], "--json").out)
    wanted = PRESETS[name]
    assert client["auth"] == wanted.auth_method
    assert client["profile"] == wanted.profile
    assert client["id_token_alg"] == wanted.id_token_alg
    assert client["claims_in_id_token"] == wanted.claims_in_id_token
    configuration = made["configuration"]
    assert made["client_id"] in configuration
    assert made["client_secret"] in configuration
    assert "$" not in configuration
    if wanted.profile == "standard":
        assert re.search("pkce|S256|flow=code", configuration, re.IGNORECASE)
    assert wanted.id_token_alg in configuration or name not in SAY_THE_ALGORITHM


SAY_THE_ALGORITHM = (
    *("mozilla-django-oidc", "express-openid-connect", "authjs", "mod_auth_openidc"),
    *("openid-client", "idpyoidc"),
)


def test_every_program_has_its_configuration_and_no_other_has():
    """A file for each."""
    files = (resources.files("signon.clients") / "configurations").iterdir()
    assert {file.name for file in files} == {f"{name}.txt" for name in PRESETS}


def test_what_is_said_counts_more(signon: CommandLine):
    """`--for` fills in what nobody says."""
    said = ("--for", "passport", "--auth", "client_secret_basic", "--profile", "standard")
    made = json.loads(signon("clients", "create", *HERE, *said).out)
    client = json.loads(signon("clients", "show", made["client_id"], "--json").out)
    assert (client["auth"], client["profile"]) == ("client_secret_basic", "standard")
    assert client["claims_in_id_token"] is True


def test_without_json_the_configuration_follows(signon: CommandLine):
    """Ready to copy."""
    done = signon("clients", "create", *HERE[:-1], "--for", "mod_auth_openidc")
    assert f"OIDCRedirectURI                 {CALLBACK}\n" in done.out
    assert done.out.endswith("OIDCPassIDTokenAs               payload\n")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((*HERE, "--for", "fortran"), "use spring, django-allauth,"),
        (
            ("--name", "Docket", "--court", "casb", "--for", "spring"),
            "waits for people at its own address and /login/oauth2/code/signon",
        ),
    ],
)
def test_what_is_wrong_is_said(signon: CommandLine, options: tuple[str, ...], says: str):
    """Nothing is registered."""
    done = signon("clients", "create", *options)
    assert done.status == 1
    assert says in done.err
    assert json.loads(signon("clients", "list", "--json").out) == []


def test_the_table_is_in_the_documents(signon: CommandLine, pytestconfig: pytest.Config):
    """docs/clients.md has what `signon clients presets` prints; copy it again after a change."""
    page = (pytestconfig.rootpath / "docs" / "clients.md").read_text()
    assert f"-->\n\n{signon('clients', 'presets').out}\n" in page
    assert [row["name"] for row in json.loads(signon("clients", "presets", "--json").out)] == [
        *PRESETS
    ]
