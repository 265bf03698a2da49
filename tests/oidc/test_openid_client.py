"""The provider as others use it: npm's openid-client and Authlib's against a served instance."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from signon.clock import utc_now
from tests.infra.served import Databases, Served
from tests.infra.world import APP, PASSWORD
from tests.oidc.proving import Signatory

pytestmark = pytest.mark.timeout(180)
"""Starting processes takes its time on a busy machine."""

CALLBACK = "https://ecf.casb.test/callback"
GOODBYE = "https://ecf.casb.test/goodbye"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest,
    served_databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """A provider as it is served; each test has people and clients of its own."""
    folder = tmp_path_factory.mktemp("served")
    with served_databases.serving(request.param, folder, workers=1) as made:
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
    account = served.account("f.attorney")
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
            "person": {"username": "f.attorney", "password": PASSWORD},
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


class Authlib:
    """Authlib's client, unmodified, with its own key; DPoP and `fapi2` it does not speak."""

    def __init__(self, served: Served, profile: str, audience: str | None) -> None:
        signatory = Signatory(utc_now, f"casb-authlib-{profile}", served.settings.issuer)
        given = {"profile": profile, "redirect_uris": [CALLBACK], "id_token_alg": "ES256"}
        served.client(
            signatory.client_id, **given, auth_method="private_key_jwt", jwks=signatory.jwks
        )
        self.served = served
        self.session = OAuth2Session(
            signatory.client_id,
            signatory.key,
            token_endpoint_auth_method="private_key_jwt",
            revocation_endpoint_auth_method="private_key_jwt",
            scope="openid profile ecf",
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
        )
        self.session.register_client_auth_method(PrivateKeyJWT(audience, alg="ES256"))
        address = f"{served.settings.issuer}/.well-known/openid-configuration"
        self.metadata = self.session.get(address, withhold_token=True).json()

    def at(self, name: str) -> str:
        """An endpoint's address."""
        return str(self.metadata[f"{name}_endpoint"])

    def claims(self, nonce: str) -> CodeIDToken:
        """Of the ID token, as Authlib checks them."""
        keys = self.session.get(self.metadata["jwks_uri"], withhold_token=True).json()
        token = self.session.token
        found = jwt.decode(token["id_token"], KeySet.import_key_set(keys))
        params = {"nonce": nonce, "access_token": token["access_token"]}
        claims = CodeIDToken(
            found.claims,
            found.header,
            {"iss": {"value": self.metadata["issuer"]}, "aud": {"value": self.session.client_id}},
            {**params, "client_id": self.session.client_id},
        )
        claims.validate(leeway=10)
        return claims


def test_authlib_s_client_by_form_post(served: Served):
    """`private_key_jwt` for the token endpoint, PKCE, `form_post`, refresh, revocation."""
    account = served.account("l.attorney")
    rp = Authlib(served, "standard", audience=None)
    nonce, verifier = generate_token(), generate_token(48)
    url, state = rp.session.create_authorization_url(
        rp.at("authorization"), code_verifier=verifier, nonce=nonce, response_mode="form_post"
    )
    browser = served.browser()
    browser.get(url)
    browser.sign_in("l.attorney", PASSWORD)
    form = browser.page.forms[0]
    assert form.action == CALLBACK
    answered = f"{CALLBACK}?{urlencode(form.fields)}"
    rp.session.fetch_token(
        rp.at("token"), authorization_response=answered, state=state, code_verifier=verifier
    )
    assert rp.claims(nonce)["sub"] == account.id
    assert rp.session.get(rp.at("userinfo")).json()["name"] == "Ada Attorney"
    before = dict(rp.session.token)
    rp.session.refresh_token(rp.at("token"))
    assert rp.session.token["refresh_token"] != before["refresh_token"]
    assert rp.session.introspect_token(
        rp.at("introspection"), rp.session.token["access_token"]
    ).json()["active"]
    rp.session.revoke_token(rp.at("revocation"), rp.session.token["refresh_token"])
    assert rp.session.get(rp.at("userinfo")).status_code == 401


def test_authlib_s_client_by_a_pushed_request(served: Served):
    """`igov`: assertions for the issuer alone; PAR by hand, with Authlib's own authentication."""
    served.account("m.attorney")
    rp = Authlib(served, "igov", audience=served.settings.issuer)
    nonce, verifier = generate_token(), generate_token(48)
    url, state = rp.session.create_authorization_url(
        rp.at("authorization"), code_verifier=verifier, nonce=nonce
    )
    pushed = rp.session.post(
        rp.at("pushed_authorization_request"),
        data=url.partition("?")[2],
        headers={"content-type": "application/x-www-form-urlencoded"},
        auth=rp.session.client_auth("private_key_jwt"),
    )
    assert pushed.status_code == 201, pushed.text
    asked = {"client_id": rp.session.client_id, "request_uri": pushed.json()["request_uri"]}
    browser = served.browser()
    browser.get(f"{rp.at('authorization')}?{urlencode(asked)}")
    browser.sign_in("m.attorney", PASSWORD)
    rp.session.fetch_token(
        rp.at("token"),
        authorization_response=browser.location,
        state=state,
        code_verifier=verifier,
    )
    assert rp.claims(nonce)["iss"] == served.settings.issuer


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
