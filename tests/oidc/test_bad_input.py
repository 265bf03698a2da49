"""Every endpoint against hostile input: 4xx within limits, never 5xx, never a redirect astray.

Hypothesis makes the requests; those that once found something stay as cases.
"""

from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from tests.infra.raw import RawAnswer, RawRequest, send
from tests.infra.world import World

pytestmark = pytest.mark.timeout(240)

FORM = b"application/x-www-form-urlencoded"
NAMES = [
    *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce"),
    *("prompt", "max_age", "acr_values", "id_token_hint", "login_hint", "claims", "request"),
    *("request_uri", "resource", "code_challenge", "code_challenge_method", "journey"),
    *("dpop_jkt", "response_mode"),
    *("grant_type", "code", "refresh_token", "code_verifier", "client_secret", "token"),
    *("client_assertion", "client_assertion_type", "post_logout_redirect_uri", "csrf_token"),
    *("username", "password", "client_code", "ecf_login", "ecf_password", "q", "type", "status"),
]
VALUES = st.one_of(
    st.sampled_from(
        [
            *("", "casb-cmecf", "https://ecf.casb.test/callback", "https://evil.test/", "code"),
            *("openid", "none", "authorization_code", "refresh_token", "client_credentials"),
            *("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "a.b.c", "..", "S256"),
            *("//evil.test", "/\\evil.test", "javascript:alert(1)", "casb", "-1", "9" * 30),
            *('{"id_token":{"sub":{"value":[]}}}', "[" * 900, "\x00", "\r\nSet-Cookie: a=b"),
            "eyJhbGciOiJub25lIn0.e30.",
            *("urn:ietf:params:oauth:request_uri:x", "form_post.jwt", "x" * 43),
        ]
    ),
    st.text(max_size=60),
)
PAIRS = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), VALUES))
JUNK = st.one_of(
    PAIRS.map(lambda pairs: urlencode(pairs, errors="surrogatepass").encode()),
    st.binary(max_size=300),
    st.just(b"a=%ff%fe"),
    st.just(b"a=%00"),
    st.just(b"&".join(b"p%d=1" % number for number in range(1000))),
    st.just(b"scope=openid&scope=email"),
)
HEADERS = st.lists(
    st.sampled_from(
        [
            (b"host", b"evil.test"),
            (b"x-forwarded-host", b"evil.test"),
            (b"x-forwarded-proto", b"https"),
            (b"x-forwarded-for", b"not an address, 10.0.0.1"),
            (b"x-forwarded-for", b"::1%eth0"),
            (b"forwarded", b"for=evil;host=evil.test"),
            (b"content-type", b"application/json"),
            (b"content-type", b"multipart/form-data; boundary=x"),
            (b"content-type", b"text/plain; charset=utf-7"),
            (b"content-type", FORM),
            (b"authorization", b"Basic \xff\xfe"),
            (b"authorization", b"Basic OjpAOg=="),
            (b"authorization", b"Basic %%%"),
            (b"authorization", b"Bearer " + b"a" * 9000),
            (b"authorization", b"Bearer \x00.\x00.\x00"),
            (b"authorization", b"Digest x"),
            (b"authorization", b"DPoP a.b.c"),
            (b"dpop", b"a.b.c"),
            (b"dpop", b"eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6Im5vbmUifQ.e30."),
            (b"accept", b"text/html"),
            (b"accept", b";;;,,q=9"),
            (b"cookie", b"signon_session=" + b"x" * 43 + b"; signon_device=\xff"),
            (b"cookie", b";=;=;\x00"),
            (b"origin", b"https://evil.test"),
            (b"sec-fetch-site", b"cross-site"),
            (b"if-none-match", b"\xff"),
            (b"user-agent", b"\x00\xff\n"),
        ]
    ),
    max_size=5,
    unique_by=lambda header: header[0],
).map(tuple)
REQUEST_METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "BREW"]


@pytest.fixture
def paths(world: World) -> list[str]:
    """Every address of the application, with something in the place of what varies."""
    world.account()
    world.client()
    routes = [route for route in world.http.app.routes if isinstance(route, Route)]  # type: ignore[attr-defined]
    filled = {route.path.replace("{court}", "casb").replace("{version}", "x") for route in routes}
    return sorted(path.replace("{name}", "..") for path in filled)


def check(world: World, request: RawRequest) -> RawAnswer:
    """The answer to a request, if it is one that hostile input may get."""
    answer = send(world.http, request)
    assert answer.status < 500, (request, answer)
    location = answer.headers.get("location")
    if location is not None:
        # to ourselves, or to an address that the client of this request has registered
        ours = not urlsplit(location).netloc and not location.startswith(("//", "/\\"))
        verified = location.startswith(
            ("https://ecf.casb.test/callback", "https://ecf.casb.uscourts.gov")
        )
        assert ours or verified, (request, location)
    assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
    assert b"Traceback" not in answer.body
    return answer


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_request_is_too_bad(world: World, paths: list[str], data: st.DataObject):
    """Any method, query, headers and body at any address."""
    query = data.draw(JUNK)
    request = RawRequest(
        method=data.draw(st.sampled_from(REQUEST_METHODS)),
        path=data.draw(st.sampled_from(paths)),
        query=query,
        headers=data.draw(HEADERS),
        body=data.draw(JUNK),
    )
    check(world, request)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pairs=PAIRS)
@example(pairs=[("redirect_uri", "https://ecf.casb.test/callback"), ("state", "\ud800")])
@example(pairs=[("redirect_uri", "https://ecf.casb.test/callback"), ("claims", "[" * 900)])
@example(pairs=[("redirect_uri", "https://ecf.casb.test/callback/../x")])
@example(pairs=[("redirect_uri", "https://ecf.casb.test\\@evil.test")])
def test_no_authorization_request_leads_astray(
    world: World, paths: list[str], pairs: list[tuple[str, str]]
):
    """A known client and whatever else: a page, or a redirect to its registered address."""
    query = urlencode([("client_id", "casb-cmecf"), *pairs], errors="surrogatepass").encode()
    check(world, RawRequest("GET", "/oauth2/authorize", query))


@pytest.mark.parametrize(
    ("path", "name"),
    [("/oauth2/token", "grant_type"), ("/oauth2/introspect", "token"), ("/login", "username")],
)
def test_a_body_over_the_limit_is_413(world: World, paths: list[str], path: str, name: str):
    """64 KiB are enough for every form of ours."""
    body = f"{name}=".encode() + b"x" * (64 * 1024)
    answer = check(world, RawRequest("POST", path, headers=((b"content-type", FORM),), body=body))
    assert answer.status == 413


@pytest.mark.parametrize("kind", [b"application/json", b"multipart/form-data; boundary=x", b""])
def test_another_content_type_is_refused(world: World, paths: list[str], kind: bytes):
    """Token requests are forms (RFC 6749 appendix B)."""
    request = RawRequest(
        "POST", "/oauth2/token", headers=((b"content-type", kind),), body=b'{"grant_type":"x"}'
    )
    assert check(world, request).status == 415


@pytest.mark.parametrize("query", [b"\x83", b"a=%ff", b"\xff=1"])
def test_a_query_that_is_no_text_is_answered(world: World, paths: list[str], query: bytes):
    """An error page repeats the address it was asked for; bytes that are no UTF-8 do no harm."""
    page = ((b"accept", b"text/html"), (b"content-type", FORM))
    for path in ("/", "/login", "/oauth2/authorize", "//evil.test"):
        for method in ("GET", "POST"):
            answer = check(world, RawRequest(method, path, query, headers=page))
            assert b'href="//' not in answer.body


@pytest.mark.parametrize("path", ["/account", "/court/casb", "/firm", "/operators"])
def test_a_stranger_s_head_is_a_get(world: World, paths: list[str], path: str):
    """Whoever looks for what is there is sent to the sign-in, and back here."""
    page = ((b"accept", b"text/html"),)
    head, get = (check(world, RawRequest(method, path, b"", page)) for method in ("HEAD", "GET"))
    assert (head.status, get.status) == (303, 303)
    assert head.headers["location"].startswith("/login?journey=")


def test_a_hostile_host_changes_no_address(world: World, paths: list[str]):
    """Addresses come from the configured issuer, never from a header."""
    hostile = (
        (b"host", b"evil.test"),
        (b"x-forwarded-host", b"evil.test"),
        (b"accept", b"text/html"),
    )
    for path in ("/.well-known/openid-configuration", "/login", "/courts", "/oauth2/authorize"):
        answer = check(world, RawRequest("GET", path, headers=hostile))
        assert b"evil.test" not in answer.body
        assert "evil.test" not in str(answer.headers)
