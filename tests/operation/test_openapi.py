"""`openapi/signon.json` says what the running application does."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from signon.app import create_app
from signon.config import Settings
from signon.db import Database
from signon.web.openapi import describe
from tests.operation.conftest import Serve

FILE = Path(__file__).parents[2] / "openapi" / "signon.json"


def test_the_file_is_what_the_application_says(capsys: pytest.CaptureFixture[str]):
    """`make openapi` writes it anew; neither settings nor a database are asked for."""
    from signon.cli.openapi import openapi

    openapi()
    assert FILE.read_text() == capsys.readouterr().out


def test_the_description_is_valid():
    """As OpenAPI 3.1."""
    validate(json.loads(FILE.read_text()))


def test_what_is_not_routed_is_not_announced():
    """A description cannot outlive its route."""
    assert describe(FastAPI())["paths"] == {}


def test_every_method_that_is_described_is_answered(settings: Settings):
    """And nothing else at that address."""
    client = TestClient(create_app(settings), base_url=settings.issuer)
    for path, methods in json.loads(FILE.read_text())["paths"].items():
        if "{" not in path:
            allowed = {method.upper() for method in methods}
            allowed |= {"HEAD"} if "GET" in allowed else set()
            refused = client.request("PROPFIND", path)
            assert refused.status_code == 405, path
            assert {name.strip() for name in refused.headers["allow"].split(",")} == allowed


@pytest.mark.parametrize(
    ("path", "status"),
    [("/courts", 200), ("/courts?status=live", 200), ("/readyz", 200), ("/metrics", 404)],
)
def test_answers_are_as_described(serve: Serve, with_keys: Database, path: str, status: int):
    """Each by the schema that its address and status name."""
    document: dict[str, Any] = json.loads(FILE.read_text())
    with serve(peer="192.0.2.1") as client:
        answer = client.get(path, headers={"accept": "application/json"})
    if path == "/readyz" and answer.status_code == 503:
        status = 503  # the keys are of another time than the clock
    assert answer.status_code == status
    operation = document["paths"][path.partition("?")[0]]["get"]
    content = operation["responses"][str(status)]["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    schema = content[kind]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema).validate(answer.json())
