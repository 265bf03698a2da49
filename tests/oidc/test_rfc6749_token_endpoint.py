"""RFC 6749 sections 2.3, 3.2, 4.1.3 and 5: the token endpoint."""

import base64
from urllib.parse import quote, urlencode

import httpx2
import pytest

from signon.clients import life
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty, Tokens

pytestmark = ON_ONE

FORM = "application/x-www-form-urlencoded"
UNAUTHENTICATED = {
    "error": "invalid_client",
    "error_description": "the client could not be authenticated",
}


def basic(client_id: str, secret: str) -> str:
    """An `Authorization` header by RFC 6749 2.3.1."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def send(rp: RelyingParty, header: str | None = None, **parameters: str) -> httpx2.Response:
    """A request to the token endpoint as somebody else would make it."""
    headers = {} if header is None else {"authorization": header}
    return rp.browser.http.post("/oauth2/token", data=parameters, headers=headers)


def is_error(response: httpx2.Response, code: str, status: int = 400) -> bool:
    """Whether a response is an error by RFC 6749 5.2."""
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    description = response.json().get("error_description", "")
    assert all(0x20 <= ord(char) <= 0x7E and char not in '"\\' for char in description)
    assert set(response.json()) <= {"error", "error_description", "error_uri"}
    assert response.status_code == status, response.text
    return bool(response.json()["error"] == code)


# ── Client authentication ────────────────────────────────────────────────────


def test_a_client_authenticates_as_it_is_registered(world: World, party: MakeParty):
    """Core 9: basic, post or none; each works for its own clients."""
    world.account()
    for method in ("client_secret_basic", "client_secret_post", "none"):
        rp = party(f"client-of-{method}", auth_method=method)
        rp.begin()
        rp.browser.sign_in("a.attorney", PASSWORD)
        rp.code()
        by = {"client_id": rp.client_id, "client_secret": rp.secret or ""}
        header = basic(rp.client_id, rp.secret or "") if method.endswith("basic") else None
        answer = send(
            rp,
            header,
            grant_type="authorization_code",
            code=rp.code(),
            redirect_uri=rp.redirect_uri,
            code_verifier=rp.started.verifier,
            **({} if header else {k: v for k, v in by.items() if v}),
        )
        assert answer.status_code == 200, method


def test_who_is_not_authenticated_learns_nothing(rp: RelyingParty, party: MakeParty):
    """RFC 6749 5.2: 401 `invalid_client` with a challenge, in the same words for every reason."""
    poster = party("poster", auth_method="client_secret_post")
    public = party("native", auth_method="none")
    client_id, secret = rp.client_id, rp.secret or ""
    in_form = {"client_id": client_id, "client_secret": secret}
    encoded = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answers = {
        "wrong secret": send(rp, basic(client_id, "wrong"), grant_type="refresh_token"),
        "empty secret": send(rp, basic(client_id, ""), grant_type="refresh_token"),
        "unknown": send(rp, basic("nobody", secret), grant_type="refresh_token"),
        "another's": send(rp, basic(client_id, poster.secret or ""), grant_type="refresh_token"),
        "post for basic": send(rp, grant_type="refresh_token", **in_form),
        "none for basic": send(rp, grant_type="refresh_token", client_id=client_id),
        "basic for post": send(
            rp, basic("poster", poster.secret or ""), grant_type="refresh_token"
        ),
        "secret of a public one": send(
            rp, basic(public.client_id, "x"), grant_type="refresh_token"
        ),
        "nobody": send(rp, grant_type="refresh_token"),
        "secret alone": send(rp, grant_type="refresh_token", client_secret=secret),
        "other client_id": send(
            rp, basic(client_id, secret), grant_type="refresh_token", client_id="poster"
        ),
        "bearer": send(rp, f"Bearer {encoded}", grant_type="refresh_token"),
        "no base64": send(rp, "Basic !!!", grant_type="refresh_token"),
        "no UTF-8": send(rp, "Basic /////w==", grant_type="refresh_token"),
        "no colon": send(rp, "Basic YWJj", grant_type="refresh_token"),
        "empty": send(rp, "Basic", grant_type="refresh_token"),
        "NUL": send(rp, basic("a\0b", "c"), grant_type="refresh_token"),
        "raw NUL": send(rp, "Basic YQBiOmM=", grant_type="refresh_token"),
        "long": send(rp, basic("x" * 4000, "c"), grant_type="refresh_token"),
    }
    for reason, answer in answers.items():
        assert is_error(answer, "invalid_client", 401), reason
        assert answer.json() == UNAUTHENTICATED, reason
        assert answer.headers["www-authenticate"].startswith("Basic "), reason


def test_two_ways_at_once_are_no_way(rp: RelyingParty):
    """RFC 6749 2.3: "MUST NOT use more than one authentication method", told as 5.2 says."""
    header = basic(rp.client_id, rp.secret or "")
    in_form = {"client_id": rp.client_id, "client_secret": rp.secret or ""}
    assert is_error(send(rp, header, grant_type="refresh_token", **in_form), "invalid_request")
    right = send(rp, header, grant_type="refresh_token", client_id=rp.client_id)
    assert right.json()["error"] == "invalid_request"
    assert "refresh_token" in right.json()["error_description"]


def test_the_basic_scheme_is_form_encoded_and_in_any_case(party: MakeParty):
    """RFC 6749 2.3.1 and RFC 9110 11.1."""
    rp = party("client%+ü:x", grants=["client_credentials"], scopes=["court"])
    header = basic(rp.client_id, rp.secret or "").replace("Basic", "bASIC")
    assert send(rp, header, grant_type="client_credentials").status_code == 200


def test_a_disabled_client_is_refused_within_a_second(party: MakeParty, world: World):
    """Decision 3a: clients are cached for at most a second."""
    rp = party(grants=["client_credentials"])
    assert rp.post(grant_type="client_credentials").status_code == 200
    with world.database.writing() as unit:
        life.disable(unit, rp.client_id)
    ended = lambda: rp.post(grant_type="client_credentials").status_code == 401  # noqa: E731
    assert world.eventually(ended, seconds=1.5)


# ── The request's form ───────────────────────────────────────────────────────


def test_only_posts_are_served(rp: RelyingParty):
    """RFC 6749 3.2: the client must use POST; credentials never stand in an address."""
    for method in ("GET", "PUT", "DELETE"):
        answer = rp.browser.http.request(method, "/oauth2/token?grant_type=refresh_token")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"
    by_address = urlencode({"client_id": rp.client_id, "client_secret": rp.secret})
    ignored = rp.browser.http.post(f"/oauth2/token?{by_address}", data={"grant_type": "x"})
    assert is_error(ignored, "invalid_client", 401)


def test_a_repeated_parameter_is_refused(rp: RelyingParty):
    """RFC 6749 3.2: parameters must not be included more than once."""
    auth = {"authorization": basic(rp.client_id, rp.secret or ""), "content-type": FORM}
    for name in ("grant_type", "code", "client_id", "unknown"):
        body = f"grant_type=authorization_code&code=x&client_id={rp.client_id}&unknown=1&{name}=2"
        answer = rp.browser.http.post("/oauth2/token", content=body, headers=auth)
        assert is_error(answer, "invalid_request"), name


def test_the_grant_type_is_needed_and_known(rp: RelyingParty):
    """RFC 6749 5.2: missing is `invalid_request`, unknown `unsupported_grant_type`."""
    assert is_error(rp.post(code="x"), "invalid_request")
    assert is_error(rp.post(grant_type=""), "invalid_request")
    for grant in ("password", "implicit", "CLIENT_CREDENTIALS", 'a"\\ü\n'):
        assert is_error(rp.post(grant_type=grant), "unsupported_grant_type"), grant


def test_a_grant_that_the_client_does_not_hold(party: MakeParty):
    """RFC 6749 5.2: `unauthorized_client`."""
    rp = party(grants=["authorization_code"])
    for grant in ({"grant_type": "client_credentials"}, {"grant_type": "refresh_token"}):
        assert is_error(rp.post(refresh_token="x", **grant), "unauthorized_client")
    service = party("service", grants=["client_credentials"])
    answer = service.post(grant_type="authorization_code", code="x")
    assert is_error(answer, "unauthorized_client")


def test_a_body_that_cannot_be_read_is_an_error_of_its_own(rp: RelyingParty):
    """Wrong content type 415, too large 413, invalid UTF-8 or NUL 400; JSON all the same."""
    auth = basic(rp.client_id, rp.secret or "")
    for content_type, body, status in (
        ("application/json", b'{"grant_type":"refresh_token"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        (FORM, b"grant_type=" + b"x" * 70_000, 413),
        (FORM, b"grant_type=%ff", 400),
        (FORM, b"grant_type=\xff", 400),
        (FORM, b"grant_type=a%00b", 400),
        (FORM, b"&".join(b"x%d=1" % number for number in range(200)), 400),
        (FORM, b"", 400),
    ):
        headers = {"authorization": auth, "content-type": content_type}
        answer = rp.browser.http.post("/oauth2/token", content=body, headers=headers)
        assert is_error(answer, "invalid_request", status), body[:20]


def test_a_charset_beside_the_content_type_is_welcome(rp: RelyingParty):
    """Many clients send one."""
    headers = {
        "authorization": basic(rp.client_id, rp.secret or ""),
        "content-type": f"{FORM}; charset=UTF-8",
    }
    body = b"grant_type=refresh_token&refresh_token=x"
    answer = rp.browser.http.post("/oauth2/token", content=body, headers=headers)
    assert is_error(answer, "invalid_grant")


# ── Redeeming a code ─────────────────────────────────────────────────────────


def test_a_code_is_needed_and_known(rp: RelyingParty):
    """RFC 6749 5.2: missing is `invalid_request`, unknown `invalid_grant`."""
    assert is_error(rp.post(grant_type="authorization_code"), "invalid_request")
    for code in ("x", "ü", "x" * 5000, "../../etc"):
        assert is_error(rp.post(grant_type="authorization_code", code=code), "invalid_grant")


def test_a_code_belongs_to_its_client(signed_in: RelyingParty, party: MakeParty):
    """RFC 6749 4.1.3: another client gets nothing, and does not spoil it either."""
    other = party("casb-other", browser=signed_in.browser)
    signed_in.begin()
    code, started = signed_in.code(), signed_in.started
    other.started = started
    assert is_error(other.redeem(code), "invalid_grant")
    assert signed_in.redeem(code).status_code == 200
    assert is_error(other.redeem(code), "invalid_grant")


def test_another_clients_replay_of_a_used_code_ends_nothing(
    signed_in: RelyingParty, party: MakeParty
):
    """Only the client that a code belongs to can have its tokens revoked by a replay."""
    other = party("casb-other", browser=signed_in.browser)
    signed_in.begin()
    code = signed_in.code()
    tokens = signed_in.tokens(code=code)
    other.started = signed_in.started
    assert is_error(other.redeem(code), "invalid_grant")
    assert signed_in.userinfo(tokens.access_token).status_code == 200


def test_the_redirect_uri_must_be_identical(signed_in: RelyingParty):
    """RFC 6749 4.1.3: required if the request had one, and identical."""
    signed_in.begin()
    code = signed_in.code()
    for uri in (f"{signed_in.redirect_uri}/", "https://ecf.casb.test/goodbye", ""):
        assert is_error(signed_in.redeem(code, redirect_uri=uri), "invalid_grant"), uri
    assert signed_in.redeem(code).status_code == 200


def test_a_code_lives_for_sixty_seconds(signed_in: RelyingParty, world: World):
    """Security rules 2: 60 s."""
    signed_in.begin()
    world.clock.advance(seconds=59)
    assert signed_in.tokens().claims["sub"]
    signed_in.begin()
    world.clock.advance(seconds=60)
    assert is_error(signed_in.redeem(), "invalid_grant")


def test_a_code_of_an_ended_session_is_worth_nothing(signed_in: RelyingParty):
    """Signing out ends what the session has given out, codes too."""
    signed_in.begin()
    code = signed_in.code()
    signed_in.browser.get("/logout")
    signed_in.browser.submit(signed_in.browser.page.forms[0])
    assert is_error(signed_in.redeem(code), "invalid_grant")


@pytest.mark.parametrize("later", [0, 30, 3600])
def test_a_code_that_is_used_twice_ends_what_it_gave(
    signed_in: RelyingParty, world: World, later: int
):
    """RFC 6749 4.1.2: denied, and the tokens that it gave are revoked, however late."""
    signed_in.begin()
    code = signed_in.code()
    tokens = signed_in.tokens(code=code)
    refreshed = signed_in.refresh(tokens.refresh_token).json()
    world.clock.advance(seconds=later)
    assert is_error(signed_in.redeem(code), "invalid_grant")
    assert signed_in.userinfo(refreshed["access_token"]).status_code == 401
    assert is_error(signed_in.refresh(refreshed["refresh_token"]), "invalid_grant")
    assert "oidc:code:replayed" in world.audited()


def test_a_replay_ends_one_grant_only(signed_in: RelyingParty):
    """What another code gave goes on."""
    signed_in.begin()
    other: Tokens = signed_in.tokens()
    signed_in.begin()
    code = signed_in.code()
    signed_in.tokens(code=code)
    signed_in.redeem(code)
    assert signed_in.userinfo(other.access_token).status_code == 200


def test_a_resource_must_be_one_of_ours(signed_in: RelyingParty):
    """RFC 8707 2.2: `invalid_target`, at the token endpoint as well, and the code is not spent."""
    signed_in.begin()
    code = signed_in.code()
    refused = signed_in.redeem(code, resource="https://api.example")
    assert is_error(refused, "invalid_target")
    assert signed_in.redeem(code, resource=f"{signed_in.issuer}/api/v1").status_code == 200
