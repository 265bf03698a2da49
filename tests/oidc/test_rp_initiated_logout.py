"""OpenID Connect RP-Initiated Logout 1.0, with the modules of the conformance suite by name."""

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from tests.infra.world import PASSWORD, World
from tests.oidc import forging
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty, Tokens

GOODBYE = "https://ecf.casb.test/goodbye"


@pytest.fixture
def tokens(signed_in: RelyingParty) -> Tokens:
    """What a sign-in gave."""
    signed_in.begin()
    return signed_in.tokens()


def end_session(rp: RelyingParty, **parameters: str) -> httpx2.Response:
    """Send the browser to the end session endpoint."""
    return rp.browser.get(f"{rp.metadata['end_session_endpoint']}?{urlencode(parameters)}")


def is_signed_in(rp: RelyingParty) -> bool:
    """Whether the browser's session still lives."""
    rp.begin(prompt="none")
    return "code" in rp.answer()


def is_asked(rp: RelyingParty) -> bool:
    """Whether the browser shows the question."""
    assert rp.browser.response is not None
    ids = rp.browser.page.ids
    return rp.browser.response.status_code == 200 and {"logout", "cancel"} <= ids


def policy_of(response: httpx2.Response) -> str:
    """Where the page's forms may end."""
    policy = response.headers["content-security-policy"]
    return policy.partition("form-action ")[2].partition(";")[0]


# ── With a hint ──────────────────────────────────────────────────────────────


def test_a_hint_for_this_session_ends_it_at_once(signed_in: RelyingParty, tokens: Tokens):
    """Section 2, `oidcc-rp-initiated-logout`: back to the client with state; then nobody is in."""
    hint = tokens.body["id_token"]
    state = "a b&c=ü"
    answer = end_session(
        signed_in, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state=state
    )
    assert answer.status_code == 303
    location = urlsplit(signed_in.browser.location)
    assert f"{location.scheme}://{location.netloc}{location.path}" == GOODBYE
    assert parse_qs(location.query) == {"state": [state]}
    assert not is_signed_in(signed_in)
    assert signed_in.refresh(tokens.refresh_token).status_code == 400
    assert signed_in.userinfo(tokens.access_token).status_code == 401


def test_without_state_none_comes_back(signed_in: RelyingParty, tokens: Tokens):
    """Section 3, `…-no-state`: exactly the registered address."""
    hint = tokens.body["id_token"]
    end_session(signed_in, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert signed_in.browser.location == GOODBYE
    assert not is_signed_in(signed_in)


def test_without_an_address_a_page_says_goodbye(signed_in: RelyingParty, tokens: Tokens):
    """`…-no-post-logout-redirect-uri`: the signed-out page; the session has ended."""
    answer = end_session(signed_in, id_token_hint=tokens.body["id_token"], state="x")
    assert answer.status_code == 200
    assert "signed out" in signed_in.browser.page.text
    assert not is_signed_in(signed_in)


def test_an_expired_hint_is_as_good(signed_in: RelyingParty, tokens: Tokens, world: World):
    """Section 2: the OP should accept ID tokens whose time has passed."""
    world.clock.advance(seconds=1000)
    end_session(signed_in, id_token_hint=tokens.body["id_token"], post_logout_redirect_uri=GOODBYE)
    assert signed_in.browser.location == GOODBYE
    assert not is_signed_in(signed_in)


def test_a_post_is_answered_by_our_own_get(signed_in: RelyingParty, tokens: Tokens):
    """Section 2: GET and POST; a post from another site brings no Lax cookie, our GET does."""
    values = {
        "id_token_hint": tokens.body["id_token"],
        "post_logout_redirect_uri": GOODBYE,
        "state": "s",
    }
    posted = signed_in.browser.http.post(
        "/oauth2/end_session",
        data=values,
        headers={"sec-fetch-site": "cross-site", "origin": "https://ecf.casb.test", "cookie": ""},
        follow_redirects=False,
    )
    assert posted.status_code == 303
    assert posted.headers["location"].startswith("/oauth2/end_session?")
    signed_in.browser.get(posted.headers["location"])
    assert signed_in.browser.location == f"{GOODBYE}?state=s"
    assert not is_signed_in(signed_in)


@pytest.mark.parametrize(
    "name", ["id_token_hint", "post_logout_redirect_uri", "state", "client_id", "other"]
)
def test_a_repeated_parameter_is_refused(signed_in: RelyingParty, tokens: Tokens, name: str):
    """Like everywhere; posted ones too."""
    values = {
        "id_token_hint": tokens.body["id_token"],
        "post_logout_redirect_uri": GOODBYE,
        "state": "s",
        "client_id": signed_in.client_id,
        "other": "x",
    }
    pairs = urlencode([*values.items(), (name, values[name])])
    assert signed_in.browser.get(f"/oauth2/end_session?{pairs}").status_code == 400
    posted = signed_in.browser.http.post(
        "/oauth2/end_session",
        content=pairs,
        headers={"content-type": "application/x-www-form-urlencoded"},
        follow_redirects=False,
    )
    assert signed_in.browser.get(posted.headers["location"]).status_code == 400
    assert is_signed_in(signed_in)


def test_a_bad_hint_leads_nowhere(signed_in: RelyingParty, tokens: Tokens):
    """`…-modified-id-token-hint`, `…-bad-id-token-hint`: a page, no redirect, nobody signed out."""
    hint = tokens.body["id_token"]
    for bad in (
        forging.unsigned(hint),
        forging.by_a_foreign_key(hint),
        forging.altered(hint, sid="x"),
        tokens.access_token,
        "junk",
    ):
        answer = end_session(signed_in, id_token_hint=bad, post_logout_redirect_uri=GOODBYE)
        assert answer.status_code == 400
        assert "location" not in answer.headers
    assert is_signed_in(signed_in)


def test_an_address_that_is_not_registered_leads_nowhere(signed_in: RelyingParty, tokens: Tokens):
    """`…-bad-post-logout-redirect-uri`, `…-query-added-…`: compared exactly (section 3)."""
    for bad in (
        "https://evil.example/",
        f"{GOODBYE}?foo=bar",
        f"{GOODBYE}/",
        f"{GOODBYE}#x",
        signed_in.redirect_uri,
        GOODBYE.upper(),
    ):
        answer = end_session(
            signed_in, id_token_hint=tokens.body["id_token"], post_logout_redirect_uri=bad
        )
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "evil.example" not in answer.text
    assert is_signed_in(signed_in)


def test_another_clients_address_leads_nowhere(
    signed_in: RelyingParty, tokens: Tokens, party: MakeParty
):
    """Section 3: registered for the client that the hint names; a wrong `client_id` is refused."""
    other = "https://ecf.cacd.test/goodbye"
    party("cacd-cmecf", court_id="cacd", post_logout_redirect_uris=[other])
    hint = tokens.body["id_token"]
    for wrong in (
        {"post_logout_redirect_uri": other},
        {"post_logout_redirect_uri": other, "client_id": "cacd-cmecf"},
        {"post_logout_redirect_uri": GOODBYE, "client_id": "cacd-cmecf"},
        {"client_id": "nobody"},
    ):
        answer = end_session(signed_in, id_token_hint=hint, **wrong)
        assert answer.status_code == 400
        assert "location" not in answer.headers
    assert is_signed_in(signed_in)


def test_a_hint_of_another_session_asks(
    signed_in: RelyingParty, tokens: Tokens, world: World, party: MakeParty
):
    """Only the very session that the token speaks of ends unasked: no forged link signs out."""
    world.account("b.attorney")
    signed_in.browser = world.browser()
    signed_in.begin()
    signed_in.browser.sign_in("b.attorney", PASSWORD)
    signed_in.tokens()
    end_session(signed_in, id_token_hint=tokens.body["id_token"], post_logout_redirect_uri=GOODBYE)
    assert is_asked(signed_in)
    assert is_signed_in(signed_in)


def test_a_hint_when_nobody_is_signed_in_leads_back(
    signed_in: RelyingParty, tokens: Tokens, world: World
):
    """The session may have ended by itself: there is nothing to ask, the client waits."""
    signed_in.browser = world.browser()
    end_session(
        signed_in,
        id_token_hint=tokens.body["id_token"],
        post_logout_redirect_uri=GOODBYE,
        state="s",
    )
    assert signed_in.browser.location == f"{GOODBYE}?state=s"


# ── Without a hint ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", [{}, {"state": "s"}])
def test_without_a_hint_the_person_is_asked(signed_in: RelyingParty, given: dict[str, str]):
    """`…-no-params`, `…-only-state`: asked first, then the signed-out page."""
    end_session(signed_in, **given)
    assert is_asked(signed_in)
    page = signed_in.browser.submit(signed_in.browser.page.forms[0])
    assert page.status_code == 200
    assert "signed out" in signed_in.browser.page.text
    assert not is_signed_in(signed_in)


def test_without_a_hint_the_person_decides_about_the_way_back(signed_in: RelyingParty):
    """`…-no-id-token-hint`: no redirect unless confirmed; the page names who asked."""
    page = end_session(
        signed_in,
        client_id=signed_in.client_id,
        post_logout_redirect_uri=GOODBYE,
        state="s t",
    )
    assert is_asked(signed_in)
    assert "CM/ECF" in signed_in.browser.page.text
    assert policy_of(page) == "'self' https://ecf.casb.test"
    signed_in.browser.submit(signed_in.browser.page.forms[0])
    assert signed_in.browser.location == f"{GOODBYE}?state=s+t"
    assert not is_signed_in(signed_in)


def test_an_address_without_any_client_leads_nowhere(signed_in: RelyingParty):
    """Section 3: without a client nobody can say that it is registered."""
    answer = end_session(signed_in, post_logout_redirect_uri=GOODBYE)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert is_signed_in(signed_in)


def test_an_error_page_names_the_reason_and_a_way_on(signed_in: RelyingParty, tokens: Tokens):
    """Whoever wanted to sign out can do it here, whatever was wrong with the site's request."""
    hint = tokens.body["id_token"]
    reasons = {
        "does not say whose it is": {"post_logout_redirect_uri": GOODBYE},
        "is not registered with us, or not any more": {
            "post_logout_redirect_uri": GOODBYE,
            "client_id": "nobody-here",
        },
        "not one that this site has registered": {
            "post_logout_redirect_uri": "https://evil.example/",
            "id_token_hint": hint,
        },
        "that we did not issue": {"id_token_hint": forging.unsigned(hint)},
        "names another site": {"id_token_hint": hint, "client_id": "casb-other"},
    }
    for reason, given in reasons.items():
        assert end_session(signed_in, **given).status_code == 400
        assert reason in " ".join(signed_in.browser.page.text.split()), reason
        assert 'href="/logout"' in signed_in.browser.response.text  # type: ignore[union-attr]


def test_cancel_keeps_the_session(signed_in: RelyingParty, tokens: Tokens):
    """Whoever does not want to sign out stays, and so do the grants."""
    end_session(signed_in, client_id=signed_in.client_id, post_logout_redirect_uri=GOODBYE)
    page = signed_in.browser.submit(signed_in.browser.page.forms[1])
    assert page.status_code == 200
    assert is_signed_in(signed_in)
    assert signed_in.refresh(tokens.refresh_token).status_code == 200


def test_a_stranger_without_a_hint_sees_the_signed_out_page(rp: RelyingParty):
    """Nobody is signed in: no redirect on the word of a link."""
    answer = end_session(rp, client_id=rp.client_id, post_logout_redirect_uri=GOODBYE)
    assert answer.status_code == 200
    assert "signed out" in rp.browser.page.text


def test_the_question_cannot_be_answered_by_another_site(signed_in: RelyingParty):
    """A form of another site signs nobody out."""
    end_session(signed_in, client_id=signed_in.client_id, post_logout_redirect_uri=GOODBYE)
    form = signed_in.browser.page.forms[0]
    for headers, fields in (
        ({"sec-fetch-site": "cross-site"}, form.fields),
        ({"sec-fetch-site": "same-origin"}, {**form.fields, "csrf_token": "x"}),
        ({"origin": "https://evil.example"}, form.fields),
    ):
        refused = signed_in.browser.http.post(
            form.action, data=fields, headers=headers, follow_redirects=False
        )
        assert refused.status_code in {400, 403}
    assert is_signed_in(signed_in)


def test_a_journey_to_sign_out_that_is_over_only_signs_out(signed_in: RelyingParty, world: World):
    """An expired handle leads to no other site; the person may still sign out."""
    end_session(signed_in, client_id=signed_in.client_id, post_logout_redirect_uri=GOODBYE)
    form = signed_in.browser.page.forms[0]
    form.fields["journey"] = "unknown"
    page = signed_in.browser.submit(form)
    assert page.status_code == 200
    assert not is_signed_in(signed_in)


def test_the_metadata_names_the_endpoint(rp: RelyingParty):
    """Section 2.1, `oidcc-rp-initiated-logout-discovery-endpoint-verification`."""
    assert rp.metadata["end_session_endpoint"] == f"{rp.issuer}/oauth2/end_session"
