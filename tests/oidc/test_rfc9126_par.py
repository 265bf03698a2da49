"""Pushed authorization requests (RFC 9126): checked twice, bound to a client, spent at completion."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, update

from signon import pruning
from signon.app import prunable
from signon.clients.models import clients
from signon.oidc import checks, pushed_request_endpoint, pushed_requests
from signon.oidc.client_requests import ClientRequest
from signon.oidc.models import pushed_requests as table
from signon.web.parameters import Parameters
from tests.infra.asked import asked
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.strict_party import StrictParty

Strict = Callable[..., StrictParty]


@pytest.fixture
def rp(world: World, strict: Strict) -> StrictParty:
    """A strict client; its person has an account."""
    world.account()
    return strict()


def sign_in(rp: StrictParty) -> None:
    rp.browser.sign_in("a.attorney", PASSWORD)


def is_refused_on_a_page(rp: StrictParty) -> bool:
    """A page of ours, and nothing goes to the client."""
    assert rp.browser.response is not None
    assert "took too long to begin" in rp.browser.page.text
    return rp.browser.response.status_code == 400


def test_a_pushed_request_is_a_request(rp: StrictParty):
    """RFC 9126 2.2 and 4: what was pushed is what is asked for, and the answer is an ordinary one."""
    rp.begin()
    sign_in(rp)
    assert rp.tokens().claims["nonce"] == rp.started.nonce


def test_it_is_spent_when_a_code_is_issued_and_not_before(rp: StrictParty):
    """7.3 and FAPI 2.0 5.3.2.2: pages may be opened again until then."""
    request_uri = rp.pushed()
    rp.visit(request_uri)
    rp.visit(request_uri)
    sign_in(rp)
    rp.code()
    rp.visit(request_uri)
    assert is_refused_on_a_page(rp)


def test_of_several_tabs_one_is_answered(rp: StrictParty):
    """Each has its own journey; the second that completes is told so at the client."""
    request_uri = rp.pushed()
    rp.visit(request_uri)
    first = rp.browser.page
    rp.visit(request_uri)
    second = rp.browser.page
    for page in (first, second):
        rp.browser.submit(page.forms[0], username="a.attorney", password=PASSWORD)
        if page is first:
            assert rp.code()
    assert rp.error() == "invalid_request_uri"


def test_it_holds_for_a_minute(rp: StrictParty, world: World):
    """2.2: `expires_in`."""
    late = rp.pushed()
    world.clock.advance(seconds=59)
    assert rp.visit(late).status_code == 200
    world.clock.advance(seconds=1)
    rp.visit(late)
    assert is_refused_on_a_page(rp)


def test_a_sign_in_that_outlasts_the_minute_ends_well(rp: StrictParty, world: World):
    """Who types a password slowly is not sent away: the journey holds the request."""
    rp.begin()
    world.clock.advance(seconds=200)
    sign_in(rp)
    rp.tokens()


@pytest.mark.parametrize("how", ["made up", "of another client", "named twice"])
def test_what_is_not_the_client_s_own_leads_nowhere(rp: StrictParty, strict: Strict, how: str):
    """4: bound to the client that posted it; and a refusal leaves a trace."""
    request_uri = rp.pushed()
    if how == "of another client":
        strict("casb-other", browser=rp.browser).visit(request_uri)
    elif how == "named twice":
        rp.browser.get(
            f"/oauth2/authorize?client_id={rp.client_id}&request_uri={request_uri}"
            f"&request_uri={request_uri}"
        )
    else:
        rp.visit(pushed_requests.new_request_uri())
    assert is_refused_on_a_page(rp)


def test_whatever_the_browser_brings_beside_it_is_ignored(rp: StrictParty):
    """RFC 9101 5: only what was pushed counts."""
    request_uri = rp.pushed()
    rp.visit(
        request_uri, state="other", redirect_uri="https://evil.test/", scope="x", prompt="none"
    )
    sign_in(rp)
    assert rp.tokens().claims["nonce"] == rp.started.nonce


REFUSED = {
    "redirect_uri is missing": ({"redirect_uri": ""}, "invalid_request"),
    "redirect_uri is not registered": ({"redirect_uri": "https://evil.test/"}, "invalid_request"),
    "response_type is another": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "no challenge": ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
    "a plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "a scope that is not its own": ({"scope": "openid admin"}, "invalid_scope"),
    "a junk hint": ({"id_token_hint": "a.b.c"}, "invalid_request"),
    "a request_uri inside": ({"request_uri": "urn:x"}, "invalid_request"),
    "a key that is none": ({"dpop_jkt": "x"}, "invalid_request"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_every_check_is_made_when_it_is_pushed(rp: StrictParty, world: World, why: str):
    """2.3: the client hears of it as JSON, and nothing is kept."""
    extra, error = REFUSED[why]
    answer = rp.push(**extra)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    with world.database.reading() as unit:
        assert unit.scalar(select(func.count()).select_from(table)) == 0


def test_what_can_change_is_checked_again_when_it_is_used(rp: StrictParty, world: World):
    """7.4: a redirect URI that was taken away meanwhile, a client that was disabled."""
    request_uri = rp.pushed()
    with world.database.writing() as unit:
        unit.execute(update(clients).values(redirect_uris=["https://ecf.casb.test/new"]))
    assert world.eventually(lambda: rp.visit(request_uri).status_code == 400, seconds=5)
    assert "registered" in rp.browser.page.text


def test_a_client_shows_who_it_is_as_at_the_token_endpoint(rp: StrictParty, party: MakeParty):
    """2.1: the same authentication; a client without a secret names itself."""
    rp.assertion_claims = {"aud": "https://elsewhere.test"}
    assert rp.push().status_code == 401
    public = party("casb-app", browser=rp.browser, auth_method="none")
    asked = {**rp.asked(), "client_id": "casb-app"}
    assert public.at("pushed_authorization_request_endpoint", **asked).status_code == 201
    secret = party("casb-secret", browser=rp.browser)
    asked = {**rp.asked(), "client_id": "casb-secret"}
    assert secret.at("pushed_authorization_request_endpoint", **asked).status_code == 201


@pytest.mark.parametrize("held", ["by its own registration", "by its profile", "not"])
def test_some_clients_come_with_pushed_requests_only(party: MakeParty, strict: Strict, held: str):
    """6: `require_pushed_authorization_requests`."""
    if held == "by its profile":
        client = party("casb-fapi", profile="fapi2", auth_method="private_key_jwt", dpop="required")
    else:
        client = party(require_par=held != "not")
    client.begin()
    if held == "not":
        assert "password" in client.browser.page.ids
    else:
        assert client.error() == "invalid_request"


def test_pushed_requests_are_forgotten(rp: StrictParty, world: World):
    """A day after their minute."""
    rp.pushed()
    world.clock.advance(hours=25)
    forget = prunable(world.settings)["pushed_requests"]
    with world.database.writing() as unit:
        assert forget(unit, pruning.BATCH) == 1


def test_a_pushed_request_and_a_proof_cost_an_insert_each_and_the_request_a_read(
    rp: StrictParty, world: World
):
    """The code's own statement spends the request; what else is asked is what any request asks."""
    rp.begin()
    sign_in(rp)
    rp.code()
    with asked() as names:
        rp.visit(rp.pushed())
        answer = rp.redeem()
    own = ("oidc.pushed_requests.", "tokens.dpop.", "oidc.issuing.")
    found = [name for name in names if name.startswith(own)]
    issue = ["oidc.issuing._issue_for"]
    if world.database.is_sqlite:
        issue = ["oidc.issuing._spend_pushed", "oidc.issuing._issue"]
    assert found == [
        *("tokens.dpop._spend", "oidc.pushed_requests._insert", "oidc.pushed_requests._find"),
        *(*issue, "tokens.dpop._spend"),
    ]
    assert answer.status_code == 200


ESSENTIAL = '{"id_token": {"acr": {"essential": true, "value": "urn:none"}}}'
CHECKED: dict[str, dict[str, str]] = {
    "refuse_request_objects": {"registration": "{}"},
    "require_response_type_code": {"response_type": "token"},
    "require_known_response_mode": {"response_mode": "fragment"},
    "check_lengths": {"nonce": "n" * 513},
    "check_scope": {"scope": "openid admin"},
    "check_prompt": {"prompt": "none login"},
    "check_max_age": {"max_age": "-1"},
    "require_state": {"state": ""},
    "check_pkce": {"code_challenge_method": "plain"},
    "check_dpop_jkt": {"dpop_jkt": "x"},
    "check_claims": {"claims": ESSENTIAL},
    "check_resource": {"resource": "https://elsewhere.test"},
}
"""The mutation table: which check refuses what. Without that check it would be kept."""
ELSEWHERE = {
    "refuse_repeated_parameters",  # the reading of every client's request refuses them first
    "require_pushed_request",  # a pushed request is one
    "require_code_grant",  # below: it takes another client
    "check_id_token_hint",  # whoever accepts reads the hint once more
}


def test_the_table_has_every_check():
    """A new check says here what it refuses."""
    assert {check.__name__ for check in checks.CHECKS} == CHECKED.keys() | ELSEWHERE


def refused_by(rp: StrictParty, monkeypatch: pytest.MonkeyPatch, name: str, **extra: str) -> None:
    """Refused with all checks, kept with this one taken away."""
    answer = rp.push(**extra)
    assert answer.status_code == 400, answer.text
    kept = tuple(check for check in checks.CHECKS if check.__name__ != name)
    assert len(kept) == len(checks.CHECKS) - 1
    monkeypatch.setattr(checks, "CHECKS", kept)
    assert rp.push(**extra).status_code == 201


@ON_ONE
@pytest.mark.parametrize("name", CHECKED)
def test_each_check_refuses_what_no_other_does(
    world: World, strict: Strict, monkeypatch: pytest.MonkeyPatch, name: str
):
    """At PAR; each of them is the same function as at the authorization endpoint."""
    profile = {"profile": "igov", "dpop": "optional"} if name == "require_state" else {}
    rp = strict(**profile)
    if name == "check_dpop_jkt":
        rp.prover = None  # or its key's name would count
    refused_by(rp, monkeypatch, name, **CHECKED[name])


@ON_ONE
def test_a_client_of_another_grant_pushes_nothing(
    world: World, strict: Strict, monkeypatch: pytest.MonkeyPatch
):
    """And it is the check of grants that says so."""
    refused_by(strict(grants=["client_credentials"]), monkeypatch, "require_code_grant")


RULES: dict[str, dict[str, str]] = {
    "a request_uri inside": {"request_uri": "urn:x"},
    "two keys": {"dpop_jkt": "x" * 43},
}


@ON_ONE
@pytest.mark.parametrize("why", RULES)
def test_what_par_asks_beyond_is_asked_by_nobody_else(
    world: World, strict: Strict, monkeypatch: pytest.MonkeyPatch, why: str
):
    """RFC 9126 2.1, RFC 9449 10.1: without the endpoint's own two rules both would be kept."""
    rp = strict()
    assert rp.push(**RULES[why]).status_code == 400

    def unruled(asked: ClientRequest, opened: Parameters) -> Parameters:
        uri = pushed_requests.new_request_uri()
        given = {**opened.first_values(), "client_id": asked.client.id, "request_uri": uri}
        return Parameters(urlencode(given))

    monkeypatch.setattr(pushed_request_endpoint, "_parameters", unruled)
    assert rp.push(**RULES[why]).status_code == 201
