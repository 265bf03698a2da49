"""OAuth 2.0 Form Post Response Mode: the answer travels in a form, not in the address."""

import re

from tests.infra.world import PASSWORD
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


def test_the_code_is_posted(rp: RelyingParty):
    """Section 2: a form to the redirect URI with code, state and issuer; nothing in the query."""
    rp.begin(response_mode="form_post")
    rp.browser.sign_in("a.attorney", PASSWORD)
    form = rp.browser.page.forms[0]
    assert (form.action, form.method) == (rp.redirect_uri, "post")
    assert set(form.fields) == {"code", "state", "iss"}
    assert form.fields["state"] == rp.started.state
    rp.checked(rp.redeem(form.fields["code"]), nonce=rp.started.nonce)


def test_errors_are_posted_too(rp: RelyingParty):
    """An error takes the same way, also before anybody has signed in."""
    rp.begin(response_mode="form_post", prompt="none")
    fields = rp.browser.page.forms[0].fields
    assert (fields["error"], fields["state"]) == ("login_required", rp.started.state)


def test_only_its_own_script_runs_and_only_there_it_posts(rp: RelyingParty):
    """The policy names one nonce and the exact origin; the page is not kept."""
    rp.begin(response_mode="form_post", prompt="none")
    response = rp.browser.response
    assert response is not None
    policy = response.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<script nonce="{nonce[1]}">' in response.text
    assert "form-action 'self' https://ecf.casb.test" in policy
    assert response.headers["cache-control"] == "no-store"


def test_an_apps_own_scheme_cannot_be_posted_to(party: MakeParty):
    """A form goes to http addresses only."""
    app = party(
        "app",
        auth_method="none",
        redirect_uris=["com.example.app:/callback"],
        court_id=None,
        trusted=True,
        scopes=["openid"],
        scope="openid",
    )
    app.begin(response_mode="form_post")
    assert app.error() == "invalid_request"
