"""OpenID Connect Core 1.0 section 3.1.2: authorization requests, one rule a test."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from signon.accounts import status
from signon.accounts.models import AccountKind
from signon.journeys import store
from signon.journeys.store import JourneyKind
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc import forging
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

pytestmark = ON_ONE


def asks_to_sign_in(rp: RelyingParty) -> bool:
    """Whether the browser shows the sign-in page."""
    response = rp.browser.response
    return (
        response is not None and response.status_code == 200 and "password" in rp.browser.page.ids
    )


def is_refused_here(rp: RelyingParty, *, statuses: tuple[int, ...] = (400,)) -> bool:
    """Whether the browser shows a page of ours that leads nowhere."""
    response = rp.browser.response
    assert response is not None
    assert "location" not in response.headers
    assert rp.redirect_uri not in response.text
    return response.status_code in statuses


# ── The request's form ───────────────────────────────────────────────────────


def test_a_repeated_parameter_is_refused(rp: RelyingParty):
    """RFC 6749 3.1: parameters must not be included more than once, known or unknown."""
    for name in ("scope", "state", "nonce", "prompt", "code_challenge", "unknown", 'a"b'):
        rp.begin(prompt="login", also=[("unknown", "1"), ('a"b', "1"), (name, "2")])
        values = rp.answer()
        assert values["error"] == "invalid_request", name
        assert '"' not in values["error_description"]


def test_a_parameter_without_a_value_is_treated_as_omitted(rp: RelyingParty):
    """RFC 6749 3.1: so an empty `request` or `max_age` is no error, an empty response_type is."""
    rp.begin(request="", max_age="", prompt="", id_token_hint="", display="")
    assert asks_to_sign_in(rp)
    rp.begin(response_type="")
    assert rp.error() == "invalid_request"


def test_only_the_code_response_type_is_served(rp: RelyingParty):
    """RFC 6749 4.1.2.1: missing is `invalid_request`, any other `unsupported_response_type`."""
    rp.begin(drop=["response_type"])
    assert rp.error() == "invalid_request"
    for other in ("token", "id_token", "code id_token", "code token", "none", "CODE", "junk"):
        rp.begin(response_type=other)
        assert rp.error() == "unsupported_response_type", other


def test_only_announced_response_modes_are_served(rp: RelyingParty):
    """Any other is refused, never silently replaced."""
    for mode in rp.metadata["response_modes_supported"]:
        rp.begin(response_mode=mode)
        assert asks_to_sign_in(rp), mode
    for other in ("fragment", "fragment.jwt", "query fragment", "QUERY", "junk"):
        rp.begin(response_mode=other)
        assert rp.error() == "invalid_request", other


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("request", "eyJhbGciOiJub25lIn0.e30."),
        ("request_uri", "https://ecf.casb.test/request.jwt"),
        ("registration", "{}"),
    ],
)
def test_request_objects_are_refused_with_their_own_error(rp: RelyingParty, name: str, value: str):
    """Core 3.1.2.6 and 6: what is not supported is told, never ignored."""
    rp.begin(also=[(name, value)])
    assert rp.error() == f"{name}_not_supported"


def test_unknown_parameters_are_ignored(signed_in: RelyingParty):
    """Core 3.1.2.1: a parameter that is not understood must be ignored."""
    signed_in.begin(extra="foobar", claims='{"userinfo":{"name":{"essential":true}}}')
    assert signed_in.tokens().claims["sub"]


def test_parameters_that_only_advise_do_no_harm(rp: RelyingParty):
    """Core 3.1.2.1: display, ui_locales, claims_locales and login_hint must not be errors."""
    for display in ("page", "popup", "touch", "wap", "junk"):
        rp.begin(display=display, ui_locales="se fr-CA", claims_locales="de", login_hint="me")
        assert asks_to_sign_in(rp), display
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.tokens().claims["sub"]


def test_a_login_hint_is_shown_as_text_and_nothing_else(rp: RelyingParty):
    """A hint is what a stranger wrote: it fills the field, escaped."""
    page = rp.begin(login_hint='a.attorney"><script>alert(1)</script>')
    assert "<script>" not in page.text.lower()
    assert rp.browser.page.forms[0].fields["username"].startswith('a.attorney"><script>')


def test_unknown_acr_values_are_ignored(rp: RelyingParty):
    """Contract 5: unknown values are ignored; `acr` says what was reached."""
    rp.begin(acr_values="urn:mace:incommon:iap:silver 1 2")
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.tokens().claims["acr"] == "http://idmanagement.gov/ns/assurance/aal/1"


def test_the_endpoint_takes_posts_too(rp: RelyingParty):
    """Core 3.1.2.1: "MUST support the use of the HTTP GET and POST methods", from any site."""
    rp.begin()
    posted = rp.browser.http.post(
        "/oauth2/authorize",
        data=rp.started.parameters,
        headers={"sec-fetch-site": "cross-site", "origin": "https://ecf.casb.test"},
        follow_redirects=False,
    )
    assert posted.status_code == 303
    rp.browser.get(posted.headers["location"])
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.tokens().claims["sub"]


def test_a_post_is_held_to_the_same_rules(rp: RelyingParty):
    """What is repeated in a posted form is refused like in a query."""
    rp.begin()
    body = urlencode([*rp.started.parameters.items(), ("prompt", "none"), ("prompt", "login")])
    posted = rp.browser.http.post(
        "/oauth2/authorize",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
        follow_redirects=False,
    )
    rp.browser.get(posted.headers["location"])
    assert rp.error() == "invalid_request"


# ── Client and redirect URI come first ───────────────────────────────────────


def test_nothing_is_sent_to_an_address_that_is_not_verified(rp: RelyingParty):
    """RFC 6749 4.1.2.1: a bad client or redirect URI is told to the person, never by redirect."""
    registered = rp.redirect_uri
    for uri in (
        f"{registered}/",
        f"{registered}?x=1",
        f"{registered}#x",
        f"{registered}%20",
        registered.upper(),
        registered.replace("https", "http"),
        registered.replace("://", "://user@"),
        registered.replace(".test", ".test:443"),
        "https://ecf.casb.test.evil.example/callback",
        "//evil.example",
        "javascript:alert(1)",
        "",
    ):
        rp.begin(redirect_uri=uri, state="s", prompt="none")
        assert is_refused_here(rp), uri
    rp.begin(drop=["redirect_uri"])
    assert is_refused_here(rp)
    for client_id in ("nobody", "CASB-CMECF", "casb-cmecf ", "' OR 1=1", "x" * 3000, ""):
        rp.begin(client_id=client_id)
        assert is_refused_here(rp), client_id
    for name, value in (("client_id", rp.client_id), ("redirect_uri", registered)):
        rp.begin(also=[(name, value)])
        assert is_refused_here(rp), name


def test_what_cannot_be_read_is_a_page(rp: RelyingParty):
    """NUL, invalid UTF-8, too many parameters and too long an address end at a page of ours."""
    rp.begin()
    sound = f"/oauth2/authorize?{urlencode(rp.started.parameters)}"
    for bad in (
        f"{sound}&x=%00",
        f"{sound}&%00=1",
        f"{sound}&x=%ff%fe",
        f"{sound}&x=%ed%a0%80",
        sound + "&x=1" * 1000,
        sound + "".join(f"&x{number}=1" for number in range(1000)),
        f"{sound}&x={'y' * 9000}",
    ):
        rp.browser.get(bad)
        assert is_refused_here(rp, statuses=(400, 414)), bad[-40:]


def test_a_disabled_client_is_unknown_within_a_second(rp: RelyingParty, world: World):
    """A client that was disabled gets neither codes nor errors by redirect."""
    from signon.clients import life

    rp.begin()
    with world.database.writing() as unit:
        life.disable(unit, rp.client_id)
    assert world.eventually(lambda: rp.begin().status_code == 400, seconds=1.5)
    assert is_refused_here(rp)


# ── state and nonce ──────────────────────────────────────────────────────────


def test_state_is_echoed_exactly(signed_in: RelyingParty):
    """RFC 6749 4.1.2: the exact value received, whatever characters it has."""
    for state in ("a b+c&d=e#f%20", "ü€😀", "\"'<>\\^`{|}", "\r\nSet-Cookie: a=b", "x" * 1500, "0"):
        signed_in.begin(state=state)
        assert signed_in.answer()["state"] == state
        signed_in.begin(state=state, prompt="none", max_age="junk")
        assert signed_in.answer()["state"] == state


def test_without_state_none_is_answered(signed_in: RelyingParty):
    """`state` is recommended, not required; an answer has it only if the request had."""
    signed_in.begin(drop=["state"])
    assert set(signed_in.answer()) == {"code", "iss"}


def test_the_redirect_uris_own_query_stays(world: World, party: MakeParty):
    """RFC 6749 3.1.2: a query component of the redirect URI must be retained."""
    world.account()
    rp = party(redirect_uris=["https://ecf.casb.test/cb?court=casb&x=%2F"])
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.browser.location.startswith("https://ecf.casb.test/cb?court=casb&x=%2F&code=")
    assert rp.tokens().claims["sub"]


def test_nonce_is_optional_and_echoed_exactly(signed_in: RelyingParty):
    """Core 2: if present in the request it must be in the ID token, unmodified."""
    signed_in.begin(drop=["nonce"])
    assert "nonce" not in signed_in.tokens().claims
    for nonce in ("x" * 64, "x" * 512, 'ü "&+%00'):
        signed_in.begin(nonce=nonce)
        assert signed_in.tokens().claims["nonce"] == nonce


def test_what_is_kept_or_echoed_has_a_bound(rp: RelyingParty):
    """A nonce of more than 512 or a state of more than 4096 characters is a clean error."""
    rp.begin(nonce="x" * 513)
    assert rp.error() == "invalid_request"
    rp.begin(state="x" * 4097)
    assert rp.error() == "invalid_request"


# ── prompt ───────────────────────────────────────────────────────────────────


def test_prompt_none_never_shows_a_page(signed_in: RelyingParty, world: World):
    """Core 3.1.2.1: silent for whoever is signed in, `login_required` for a stranger."""
    signed_in.begin(prompt="none")
    at = signed_in.tokens().claims["auth_time"]
    assert at == int(world.clock().timestamp())
    signed_in.browser = world.browser()
    signed_in.begin(prompt="none")
    assert signed_in.error() == "login_required"


def test_prompt_none_goes_with_no_other_value(signed_in: RelyingParty):
    """Core 3.1.2.1: "none with any other value, an error is returned"."""
    for prompt in ("none login", "login none", "none consent", "none none2"):
        signed_in.begin(prompt=prompt)
        assert signed_in.error() == "invalid_request", prompt


def test_an_unknown_prompt_is_refused(signed_in: RelyingParty):
    """A wish that we do not understand is not silently passed over."""
    for prompt in ("create", "LOGIN", "login,consent"):
        signed_in.begin(prompt=prompt)
        assert signed_in.error() == "invalid_request", prompt


@pytest.mark.parametrize("prompt", ["login", "select_account", "login select_account"])
def test_prompt_login_always_asks_again(signed_in: RelyingParty, world: World, prompt: str):
    """Core 3.1.2.1: authenticated again though signed in, and `auth_time` says so."""
    world.clock.advance(seconds=5)
    signed_in.begin(prompt=prompt)
    assert asks_to_sign_in(signed_in)
    world.clock.advance(seconds=5)
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    assert signed_in.tokens().claims["auth_time"] == int(world.clock().timestamp())


@pytest.mark.parametrize("wish", [("prompt", "login"), ("max_age", "1")])
def test_cancel_does_not_fall_back_to_the_old_session(
    signed_in: RelyingParty, world: World, wish: tuple[str, str]
):
    """Core 3.1.2.1: whoever was asked to sign in again and did not gets no code."""
    world.clock.advance(seconds=5)
    page = signed_in.begin(also=[wish])
    handle = parse_qs(urlsplit(str(page.url)).query)["journey"][0]
    signed_in.browser.get(f"/oauth2/authorize?journey={handle}")
    assert asks_to_sign_in(signed_in)
    signed_in.browser.submit(signed_in.browser.page.forms[1])
    assert signed_in.error() == "access_denied"
    signed_in.browser.get(f"/oauth2/authorize?journey={handle}")
    assert asks_to_sign_in(signed_in)


def test_max_age_asks_again_only_when_it_is_exceeded(signed_in: RelyingParty, world: World):
    """Core 3.1.2.1: `max_age` bounds the time since the sign-in; `auth_time` is in the token."""
    first = int(world.clock().timestamp())
    world.clock.advance(seconds=2)
    signed_in.begin(max_age="10000")
    assert signed_in.tokens().claims["auth_time"] == first
    signed_in.begin(max_age="1")
    assert asks_to_sign_in(signed_in)
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    assert signed_in.tokens().claims["auth_time"] == first + 2


def test_max_age_that_is_exceeded_under_prompt_none(signed_in: RelyingParty, world: World):
    """Core 3.1.2.1: nothing may be shown, so the answer is `login_required`."""
    world.clock.advance(seconds=2)
    signed_in.begin(max_age="1", prompt="none")
    assert signed_in.error() == "login_required"
    signed_in.begin(max_age="2", prompt="none")
    assert signed_in.tokens().claims["sub"]


def test_max_age_zero_is_prompt_login(signed_in: RelyingParty, world: World):
    """Core 3.1.2.1: 0 asks for a sign-in now, and one is enough."""
    signed_in.begin(max_age="0", prompt="none")
    assert signed_in.error() == "login_required"
    world.clock.advance(seconds=1)
    signed_in.begin(max_age="0")
    assert asks_to_sign_in(signed_in)
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    assert signed_in.tokens().claims["auth_time"] == int(world.clock().timestamp())


def test_max_age_is_a_number_of_seconds(rp: RelyingParty):
    """Anything else is `invalid_request`, so that no client believes it was honoured."""
    for junk in ("junk", "-1", "1.5", "1e3", "٣", "1 ", "9" * 40):
        rp.begin(max_age=junk)
        assert rp.error() == "invalid_request", junk


# ── id_token_hint ────────────────────────────────────────────────────────────


def test_a_hint_at_the_person_who_is_signed_in_is_silent(signed_in: RelyingParty, world: World):
    """Core 3.1.2.1: with `prompt=none`; an expired hint is as good."""
    signed_in.begin()
    hint = signed_in.tokens().body["id_token"]
    signed_in.begin(prompt="none", id_token_hint=hint)
    assert signed_in.tokens().claims["sub"]
    world.clock.advance(seconds=1000)
    signed_in.begin(prompt="none", id_token_hint=hint)
    assert signed_in.tokens().claims["sub"]


def test_a_hint_at_somebody_else_never_answers_for_who_is_there(
    signed_in: RelyingParty, world: World
):
    """Core 3.1.2.1: "MUST NOT reply for a different End-User", even after another sign-in."""
    signed_in.begin()
    hint = signed_in.tokens().body["id_token"]
    world.account("b.attorney")
    signed_in.browser = world.browser()
    signed_in.begin()
    signed_in.browser.sign_in("b.attorney", PASSWORD)
    signed_in.tokens()
    signed_in.begin(prompt="none", id_token_hint=hint)
    assert signed_in.error() == "login_required"
    world.clock.advance(seconds=1)
    signed_in.begin(id_token_hint=hint)
    assert asks_to_sign_in(signed_in)
    signed_in.browser.sign_in("b.attorney", PASSWORD)
    assert signed_in.error() == "login_required"
    world.clock.advance(seconds=1)
    signed_in.begin(id_token_hint=hint)
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    assert signed_in.tokens().claims["sub"] == forging.parts(hint)[1]["sub"]


def test_a_hint_must_be_an_id_token_of_this_client(
    signed_in: RelyingParty, world: World, party: MakeParty
):
    """Junk, `alg` none, a foreign key, an access token and another client's token are refused."""
    signed_in.begin()
    tokens = signed_in.tokens()
    hint = tokens.body["id_token"]
    other = party(
        "cacd-cmecf",
        browser=signed_in.browser,
        court_id="cacd",
        redirect_uris=["https://ecf.cacd.test/callback"],
    )
    other.begin()
    for bad in (
        "junk",
        "a.b.c",
        "ü",
        forging.unsigned(hint),
        forging.by_a_foreign_key(hint),
        forging.altered(hint, sub="somebody"),
        tokens.access_token,
        other.tokens().body["id_token"],
    ):
        signed_in.begin(prompt="none", id_token_hint=bad)
        assert signed_in.error() == "invalid_request", bad


# ── scope ────────────────────────────────────────────────────────────────────


def test_unknown_scopes_are_ignored(signed_in: RelyingParty):
    """Core 3.1.2.1: scope values that are not understood should be ignored; the answer says so."""
    signed_in.begin(scope="openid offline_access foo email openid bar")
    tokens = signed_in.tokens()
    assert tokens.body["scope"] == "openid email"
    assert tokens.access_claims["scope"] == "openid email"


def test_a_known_scope_must_be_allowed(rp: RelyingParty):
    """RFC 6749 4.1.2.1: one that the client may not hold is `invalid_scope`."""
    for scope in ("openid account", "openid admin", "openid court", "firm:read openid"):
        rp.begin(scope=scope)
        assert rp.error() == "invalid_scope", scope


def test_a_request_without_openid_needs_a_scope_of_the_api(rp: RelyingParty):
    """Contract 5: without `openid` it is plain OAuth, which is for the API."""
    for scope in ("profile email", "pacer ecf", "foo"):
        rp.begin(scope=scope)
        assert rp.error() == "invalid_scope", scope
    rp.begin(drop=["scope"])
    assert rp.error() == "invalid_scope"


def test_a_scope_of_the_api_alone_is_plain_oauth(world: World, party: MakeParty):
    """Contract 5: tokens for the API and no ID token; UserInfo is closed to them."""
    world.account()
    rp = party(scopes=["openid", "profile", "account"])
    rp.begin(scope="account profile")
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    assert "id_token" not in tokens.body
    assert tokens.access_claims["aud"] == f"{rp.issuer}/api/v1"
    assert rp.userinfo(tokens.access_token).status_code == 403
    assert "id_token" not in rp.refresh(tokens.refresh_token).json()


def test_a_resource_must_be_one_of_ours(signed_in: RelyingParty):
    """RFC 8707 2: any other is `invalid_target`; the parameter may be repeated."""
    ours = f"{signed_in.issuer}/api/v1"
    signed_in.begin(resource=ours, also=[("resource", f"{signed_in.issuer}/oauth2/userinfo")])
    assert signed_in.code()
    for other in ("https://api.example", f"{ours}/", signed_in.issuer):
        signed_in.begin(resource=ours, also=[("resource", other)])
        assert signed_in.error() == "invalid_target", other


def test_a_client_without_the_code_grant_gets_no_code(party: MakeParty):
    """RFC 6749 4.1.2.1: `unauthorized_client`."""
    rp = party(grants=["client_credentials"])
    rp.begin()
    assert rp.error() == "unauthorized_client"


# ── Journeys ─────────────────────────────────────────────────────────────────


def test_a_journey_that_is_over_is_a_page(rp: RelyingParty, world: World):
    """An unknown handle, or one of another kind, leads nowhere; an expired one back to its court."""
    page = rp.begin()
    handle = parse_qs(urlsplit(str(page.url)).query)["journey"][0]
    lasts = timedelta(seconds=60)
    with world.database.writing() as unit:
        foreign = store.start(unit, JourneyKind.LOGOUT, lasts=lasts, return_to=rp.redirect_uri)
    for bad in ("unknown", foreign.id, "x" * 500, "ü"):
        for path in ("/oauth2/authorize", "/oauth2/cancel"):
            rp.browser.get(f"{path}?journey={quote(bad)}")
            assert is_refused_here(rp), bad
    rp.browser.get("/oauth2/cancel")
    assert is_refused_here(rp)
    world.clock.advance(seconds=world.settings.journey_seconds + 1)
    for path in ("/oauth2/authorize", "/oauth2/cancel"):
        rp.browser.get(f"{path}?journey={handle}")
        assert rp.browser.response is not None
        assert rp.browser.response.headers["location"] == "https://ecf.casb.uscourts.gov"


def test_a_journey_is_the_request_as_it_was_checked(rp: RelyingParty):
    """The request is never rebuilt from the browser: what comes beside the handle is nothing."""
    page = rp.begin()
    handle = parse_qs(urlsplit(str(page.url)).query)["journey"][0]
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.code()
    rp.browser.get(
        f"/oauth2/authorize?journey={handle}&redirect_uri=https://evil.example&scope=openid&state=x"
    )
    assert rp.tokens().body["scope"] == rp.scope


# ── Who gets through ─────────────────────────────────────────────────────────


def test_a_firm_account_is_told_why_and_the_court_is_denied(world: World, party: MakeParty):
    """Contract 4: a firm account at a court gets a page, then `access_denied`."""
    world.account("a.firm.account", AccountKind.FIRM)
    rp = party()
    rp.begin()
    page = rp.browser.sign_in("a.firm.account", PASSWORD)
    assert page.status_code == 403
    assert "firm" in rp.browser.page.text
    back = re.search(r'href="(/oauth2/cancel[^"]+)"', page.text)
    assert back is not None
    rp.browser.get(back[1])
    assert rp.error() == "access_denied"
    rp.begin(prompt="none")
    assert rp.error() == "access_denied"


def test_a_firm_account_may_use_a_client_that_is_no_courts(world: World, party: MakeParty):
    """Only courts are closed to it."""
    world.account("a.firm.account", AccountKind.FIRM)
    rp = party("portal", court_id=None, trusted=True, scope="openid pacer")
    rp.begin()
    world.enrol("a.firm.account")
    rp.browser.sign_in("a.firm.account", PASSWORD)
    rp.browser.submit(rp.browser.page.forms[0], otp=world.code())
    assert rp.tokens().claims["pacer_account_type"] == "firm"


def test_shared_and_legacy_accounts_sign_in_for_reading(world: World, party: MakeParty):
    """Contract 4: upgrading is required by linking only."""
    world.account("shared.account", AccountKind.SHARED)
    world.account("legacy.account", created_on=date(2014, 8, 10))
    shared = party()
    shared.begin()
    shared.browser.sign_in("shared.account", PASSWORD)
    claims = shared.tokens().claims
    assert (claims["pacer_account_type"], claims["pacer_upgraded"]) == ("shared", False)
    legacy = party("casb-other")
    legacy.begin()
    legacy.browser.sign_in("legacy.account", PASSWORD)
    claims = legacy.tokens().claims
    assert (claims["pacer_account_type"], claims["pacer_upgraded"]) == ("individual", False)


def test_an_account_that_is_disabled_on_the_way_gets_nothing(signed_in: RelyingParty, world: World):
    """Neither the session nor a code from before is worth anything, nor after enabling."""
    signed_in.begin()
    code = signed_in.code()
    account = world.find("a.attorney")
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        status.disable(unit, account.number, reason="test", actor="system")
    assert signed_in.redeem(code).json()["error"] == "invalid_grant"
    signed_in.begin(prompt="none")
    assert signed_in.error() == "login_required"
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        status.enable(unit, world.ring, account.number, actor="system")
    assert signed_in.redeem(code).json()["error"] == "invalid_grant"
    signed_in.begin(prompt="none")
    assert signed_in.error() == "login_required"


# ── Redirect URIs of native apps (RFC 8252) ──────────────────────────────────


def test_a_loopback_redirect_of_a_native_app_may_have_any_port(world: World, party: MakeParty):
    """RFC 8252 7.3 and 8.3: for loopback IP literals of public clients, and nothing else."""
    world.account()
    uris = ["http://127.0.0.1/callback", "http://[::1]:7000/callback", "http://localhost:7000/cb"]
    rp = party(auth_method="none", redirect_uris=uris)
    for uri in ("http://127.0.0.1:51004/callback", "http://[::1]/callback", uris[2]):
        rp.begin(redirect_uri=uri, prompt="none")
        assert rp.browser.location.startswith(f"{uri}?error=login_required"), uri
    for uri in (
        "http://localhost:7001/cb",
        "http://127.0.0.2:51004/callback",
        "http://127.0.0.1:51004/other",
        "https://127.0.0.1:51004/callback",
        "http://x@127.0.0.1:51004/callback",
        "http://127.0.0.1:99999/callback",
    ):
        rp.begin(redirect_uri=uri, prompt="none")
        assert is_refused_here(rp), uri


def test_a_confidential_clients_loopback_redirect_is_exact(party: MakeParty):
    """RFC 9700 2.1: the port is free for native apps only."""
    rp = party(redirect_uris=["http://127.0.0.1:7000/callback"])
    rp.begin(redirect_uri="http://127.0.0.1:7001/callback", prompt="none")
    assert is_refused_here(rp)
