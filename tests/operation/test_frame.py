"""What every answer has, also the one that nobody wanted to give."""

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from signon.app import create_app
from signon.config import Settings
from signon.web.direct import MAX_URL_BYTES

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}


async def broken(_request: Request) -> Response:
    raise LookupError("a secret of ours")


@pytest.fixture
def client(settings: Settings) -> TestClient:
    """The application with a route that is broken; its background work is not started."""
    app = create_app(settings)
    app.router.routes.append(Route("/broken", broken))
    return TestClient(app, base_url=settings.issuer, raise_server_exceptions=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/livez", 200), ("/nowhere", 404), ("/broken", 500), ("/x" * MAX_URL_BYTES, 414)],
)
def test_every_answer_has_the_headers(client: TestClient, path: str, status: int):
    """Whoever made it."""
    answer = client.get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert len(answer.headers["x-request-id"]) == 26


def test_an_address_that_is_too_long_leads_on(client: TestClient):
    """A person is told what to do; it used to be an empty page."""
    address = "/oauth2/authorize?state=" + "x" * (9 * 1024)
    answer = client.get(address, headers={"accept": "text/html"})
    assert answer.status_code == 414
    assert 'href="/"' in answer.text
    assert "too long" in answer.text


@pytest.mark.parametrize("path", ["/a%00b", "/court/%00/filers", "/courts/casb%00/ready"])
def test_a_path_that_no_column_holds_is_nowhere(client: TestClient, path: str):
    """Before anything looks for it."""
    assert client.get(path).status_code == 404


def test_what_went_wrong_is_not_told(client: TestClient):
    """As a problem for programs, as a page for people; the log has it whole."""
    for accept in ("application/json", "text/html"):
        answer = client.get("/broken", headers={"accept": accept})
        assert "secret" not in answer.text
        assert "LookupError" not in answer.text
        assert "Try again" in answer.text


def test_an_https_issuer_asks_for_https_only(settings: Settings):
    """For a year, with all names below it; a loopback issuer does not."""
    values = settings.model_dump() | {
        "issuer": "https://signon.example",
        "smtp_url": "smtps://mail.example",
    }
    secure = TestClient(create_app(Settings(_env_file=None, **values)))
    assert secure.get("/livez").headers["strict-transport-security"] == (
        "max-age=31536000; includeSubDomains"
    )
    plain = TestClient(create_app(settings))
    assert "strict-transport-security" not in plain.get("/livez").headers


def test_a_closing_slash_is_no_redirect(client: TestClient):
    """A 307 would repeat a posted password at an address made of the Host header."""
    answer = client.post("/livez/", headers={"host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers
