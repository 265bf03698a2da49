"""The provider as others use it: npm's openid-client against a served instance."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signon.clock import utc_now
from tests.infra.served import Databases, Served
from tests.infra.world import APP, PASSWORD
from tests.oidc.proving import Signatory

pytestmark = pytest.mark.timeout(180)
"""Starting processes takes its time on a busy machine."""

CALLBACK = "https://ecf.casb.test/callback"
GOODBYE = "https://ecf.casb.test/goodbye"


@pytest.fixture(params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, served_databases: Databases, tmp_path: Path
) -> Iterator[Served]:
    """A provider as it is served."""
    with served_databases.serving(request.param, tmp_path, workers=1) as made:
        yield made


@pytest.mark.node
def test_openid_client_finds_nothing_wrong(served: Served, node: str, openid_client: Path):
    """Discovery, code flow, refresh, UserInfo, step-up, client credentials and sign-out."""
    account = served.account()
    served.account("b.enrolled", first_name="Bea")
    served.enrol("b.enrolled")
    served.right(account)
    secret = served.client(redirect_uris=[CALLBACK], post_logout_redirect_uris=[GOODBYE])
    own = served.client(
        "casb-service",
        grants=["client_credentials"],
        scopes=["court"],
        redirect_uris=[],
        auth_method="client_secret_post",
    )
    scope = "openid profile email pacer ecf"
    found = _run(
        node,
        openid_client / "journey.mjs",
        {
            "issuer": served.settings.issuer,
            "client": {
                "id": "casb-cmecf",
                "secret": secret,
                "method": "basic",
                "scope": scope,
                "redirect_uri": CALLBACK,
                "post_logout_redirect_uri": GOODBYE,
            },
            "service": {"id": "casb-service", "secret": own, "method": "post"},
            "person": {"username": "a.attorney", "password": PASSWORD},
            "enrolled": {"username": "b.enrolled", "password": PASSWORD, "secret": APP},
        },
    )
    first, second, refreshed = (found[step]["claims"] for step in ("first", "second", "refreshed"))
    assert first["sub"] == second["sub"] == refreshed["sub"] == account.id
    assert first["auth_time"] == second["auth_time"] == refreshed["auth_time"]
    assert first["ecf_status"] == "active"
    assert "nonce" in first
    assert "nonce" not in refreshed
    assert found["refreshed"]["rotated"] is True
    assert found["userinfo"]["name"] == "Ada Attorney"
    assert found["replay"] == "invalid_grant"
    assert found["replayedUserinfo"] is not None
    assert found["loginRequired"] == "login_required"
    assert found["unmet"] == "unmet_authentication_requirements"
    assert found["stepped"]["acr"] == "http://idmanagement.gov/ns/assurance/aal/2"
    assert found["stepped"]["amr"] == ["pwd", "otp", "mfa"]
    assert found["service"] == {"scope": "court", "token_type": "bearer", "expires_in": 300}
    assert found["goodbye"] == f"{GOODBYE}?state=bye"
    assert found["afterGoodbye"] == "invalid_grant"


@pytest.mark.node
def test_the_example_of_the_fapi2_profile_works(
    served: Served, node: str, openid_client: Path, pytestconfig: pytest.Config, tmp_path: Path
):
    """PAR, DPoP, `private_key_jwt`, `form_post.jwt`, a refresh and introspection, unmodified."""
    account = served.account()
    signatory = Signatory(utc_now, "casb-fapi2", served.settings.issuer)
    served.client(
        "casb-fapi2",
        profile="fapi2",
        dpop="required",
        auth_method="private_key_jwt",
        jwks=signatory.jwks,
        redirect_uris=[CALLBACK],
    )
    # beside the package that it imports
    (tmp_path / "node_modules").symlink_to(openid_client / "node_modules")
    example = tmp_path / "relying-party.mjs"
    shown = pytestconfig.rootpath / "docs" / "examples" / "fapi2" / example.name
    example.write_text(shown.read_text())
    found = _run(
        node,
        openid_client / "fapi2.mjs",
        {
            "issuer": served.settings.issuer,
            "client": "casb-fapi2",
            "key": signatory.key.as_dict(private=True),
            "redirect_uri": CALLBACK,
            "example": example.as_uri(),
            "person": {"username": "a.attorney", "password": PASSWORD},
        },
    )
    assert found["claims"]["sub"] == account.id == found["person"]["sub"]
    assert found["person"]["name"] == "Ada Attorney"
    assert "code_challenge" not in found["url"]
    assert found["type"] == "dpop"
    assert found["kept"] is True
    assert found["introspected"]["token_type"] == "DPoP"
    assert (found["stolen"], found["reused"]) == (401, 400)


def test_the_example_is_what_the_guide_shows(pytestconfig: pytest.Config):
    """docs/clients.md shows the file that is run."""
    docs = pytestconfig.rootpath / "docs"
    example = (docs / "examples" / "fapi2" / "relying-party.mjs").read_text()
    assert f"```js\n{example}```" in (docs / "clients.md").read_text()
    assert len(example.splitlines()) <= 40


def _run(node: str, program: Path, given: dict[str, Any]) -> dict[str, Any]:
    """What a program of ours wrote."""
    done = subprocess.run(
        [node, str(program)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
