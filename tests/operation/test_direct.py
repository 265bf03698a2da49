"""Plain routes are found in a dictionary before FastAPI's layers; nobody can tell the difference."""

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from signon.app import create_app
from signon.config import Settings
from signon.errors import BusyError


async def busy(_request: Request) -> Response:
    raise BusyError("Come back later.", retry_after=7)


async def gone(_request: Request) -> Response:
    raise HTTPException(410, headers={"x-why": "moved"})


async def named(request: Request) -> Response:
    return PlainTextResponse(f"pattern:{request.path_params['name']}")


async def exact(_request: Request) -> Response:
    return PlainTextResponse("exact")


@pytest.fixture
def client(settings: Settings) -> TestClient:
    """The application with a few routes more; its background work is not started."""
    app = create_app(settings)
    app.router.routes += [
        Route("/busy", busy),
        Route("/gone", gone),
        Route("/things/{name}", named),
        Route("/things/one", exact),
    ]
    return TestClient(app, base_url=settings.issuer)


@pytest.mark.parametrize("path", ["/livez", "/.well-known/openid-configuration/", "/oauth2/token"])
def test_another_method_is_refused_with_the_ones_there_are(client: TestClient, path: str):
    """405 with `Allow` for an address that is known, 404 for one that is not, as ever."""
    answer = client.request("DELETE", path)
    if path.endswith("/"):
        assert answer.status_code == 404
    else:
        assert answer.status_code == 405
        assert answer.headers["allow"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_head_is_answered_like_get(client: TestClient):
    """With the same headers."""
    got, asked = client.get("/livez"), client.head("/livez")
    assert asked.status_code == 200
    varying = {"x-request-id"}
    assert {k: v for k, v in asked.headers.items() if k not in varying} == {
        k: v for k, v in got.headers.items() if k not in varying
    }


def test_what_an_endpoint_raises_is_answered_in_the_one_place(client: TestClient):
    """Our own errors and Starlette's, with their headers and the frame's."""
    answer = client.get("/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["detail"] == "Come back later."
    assert len(answer.headers["x-request-id"]) == 26
    answer = client.get("/gone")
    assert (answer.status_code, answer.headers["x-why"]) == (410, "moved")


def test_an_exact_address_goes_before_a_pattern(client: TestClient):
    """Wherever it stands among the routes; everything else is matched as before."""
    assert client.get("/things/one").text == "exact"
    assert client.get("/things/two").text == "pattern:two"
    assert client.get("/things/two/").status_code == 404
