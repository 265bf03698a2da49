"""The watch over problems sees one that no description has, and lets the others pass."""

import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from signon.web.answers import problem
from signon.web.problems import problem_type
from tests.infra.declared_problems import check

FILER = "/api/v1/courts/casb/filers/1000001"


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("POST", f"{FILER}/suspend", 409, problem_type("already_suspended")),
        ("POST", f"{FILER}/suspend", 401, problem_type("invalid_token")),
        ("POST", f"{FILER}/suspend", 413, "about:blank"),
        ("POST", "/api/v1/firms/1000007/members/removals", 422, problem_type("bulk_refused")),
        ("POST", f"{FILER}/no-such-thing", 404, "about:blank"),
        ("PROPFIND", FILER, 405, "about:blank"),
        ("POST", "/oauth2/token", 400, "about:blank"),
    ],
)
def test_what_is_declared_passes(method: str, path: str, status: int, kind: str):
    check(method, path, status, json.dumps({"type": kind}).encode())


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("POST", f"{FILER}/suspend", 409, problem_type("not_suspended")),
        ("POST", f"{FILER}/suspend", 403, problem_type("already_suspended")),
        ("POST", f"{FILER}/suspend", 418, problem_type("already_suspended")),
        ("POST", f"{FILER}/suspend", 409, "about:blank"),
        ("GET", FILER, 409, problem_type("frozen")),
        ("POST", "/api/v1/firms/1000007/members/1000001/remove", 422,
         problem_type("bulk_refused")),
    ],
)  # fmt: skip
def test_what_is_not_declared_fails(method: str, path: str, status: int, kind: str):
    with pytest.raises(AssertionError, match="is not declared"):
        check(method, path, status, json.dumps({"type": kind}).encode())


def test_every_client_is_watched():
    """Whatever server it asks."""

    async def refuse(_request: Request) -> Response:
        return problem(409, "No.", kind=problem_type("made_up"))

    client = TestClient(Starlette(routes=[Route("/api/v1/me", refuse, methods=["PATCH"])]))
    with pytest.raises(AssertionError, match="made-up is not declared"):
        client.patch("/api/v1/me")
