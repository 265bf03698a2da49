"""`openapi/signon.json` says what the running application does."""

import json
from collections.abc import Iterator
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
from signon.rest.document import describe
from signon.rest.reasons import MEANINGS
from signon.web import reference
from signon.web.problems import problem_type
from tests.infra.declared_problems import TYPE
from tests.operation.conftest import Serve

FILE = Path(__file__).parents[2] / "openapi" / "signon.json"
PROMISED = Path(__file__).with_name("promised.json")


def test_the_file_is_what_the_application_says(capsys: pytest.CaptureFixture[str]):
    """`make openapi` writes it anew; neither settings nor a database are asked for."""
    from signon.cli.openapi import openapi

    openapi()
    assert FILE.read_text() == capsys.readouterr().out


def test_the_description_is_valid():
    """As OpenAPI 3.1."""
    validate(json.loads(FILE.read_text()))


def promises(document: Any) -> dict[str, Any]:
    """What a program may have been built upon: operations, parameters, bodies, statuses, fields."""
    return {
        "operations": {
            f"{method.upper()} {path}": {
                "id": said["operationId"],
                "scopes": sorted(
                    scope for one in said.get("security", ()) for (scope,) in one.values()
                ),
                "parameters": {
                    f"{one['in']} {one['name']}": one["required"]
                    for one in said.get("parameters", ())
                },
                "bodies": {
                    kind: one["schema"].get("$ref", "")
                    for kind, one in said.get("requestBody", {}).get("content", {}).items()
                },
                "answers": {
                    f"{status} {kind}": one["schema"].get("$ref", "")
                    for status, answer in said["responses"].items()
                    for kind, one in answer.get("content", {"": {"schema": {}}}).items()
                },
            }
            for path, methods in document["paths"].items()
            for method, said in methods.items()
        },
        "models": {
            name: {
                field: field in schema.get("required", ()) for field in schema.get("properties", ())
            }
            | dict.fromkeys(map(str, schema.get("enum", ())), True)
            for name, schema in document["components"]["schemas"].items()
        },
    }


def lost(before: Any, now: Any, at: str = "") -> list[str]:
    """What is not there any more, or is another thing."""
    if not isinstance(before, dict):
        return [] if before == now else [at]
    missing = [f"{at} / {name}" for name in before if name not in now]
    kept = [name for name in before if name in now]
    return missing + [
        one for name in kept for one in lost(before[name], now[name], f"{at} / {name}")
    ]


def test_nothing_that_was_promised_is_gone():
    """Every operation, parameter, body, answer and field is as it was; there may be more."""
    assert lost(json.loads(PROMISED.read_text()), promises(json.loads(FILE.read_text()))) == []


def test_nothing_new_is_needed():
    """A program that sends what it always sent still sends enough."""
    before, now = json.loads(PROMISED.read_text()), promises(json.loads(FILE.read_text()))
    for name, said in before["operations"].items():
        needed = {
            each for each, is_needed in now["operations"][name]["parameters"].items() if is_needed
        }
        assert needed <= said["parameters"].keys(), name
        for kind, model in said["bodies"].items():
            fields = model.rpartition("/")[2]
            if fields and kind == "application/json":
                there = {field for field, needed in now["models"][fields].items() if needed}
                assert there <= before["models"][fields].keys(), fields


def described_parameters() -> Iterator[tuple[str, Any]]:
    """Every parameter of the REST interface."""
    for path, methods in json.loads(FILE.read_text())["paths"].items():
        if path.startswith("/api/v1/"):
            for method, said in methods.items():
                for one in said.get("parameters", ()):
                    yield f"{method.upper()} {path} {one['name']}", one


def test_every_parameter_says_what_it_is():
    """In a sentence, and with an example of one that can be, where its values are not listed."""
    for where, one in described_parameters():
        assert one.get("description", "").endswith("."), where
        assert len(one["description"].split()) >= 4, where
        schema = one["schema"]
        listed = "enum" in str(schema) or "$ref" in str(schema)
        assert listed or "example" in one or schema.get("examples") or "default" in schema, where


def test_every_field_says_what_it_is():
    """In a sentence: its name alone says nothing to whoever has to use it."""
    bare = [
        where
        for where, one in fields()
        if len(one.get("description", "").split()) < 3 or not one["description"].endswith(".")
    ]
    assert bare == []


def fields() -> Iterator[tuple[str, Any]]:
    """Every property of every schema, and every parameter of every operation."""
    document = json.loads(FILE.read_text())
    for where, one in nodes(document["components"]["schemas"], "#"):
        if isinstance(one.get("properties"), dict):
            yield from ((f"{where}/{name}", said) for name, said in one["properties"].items())
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            for one in said.get("parameters", ()):
                yield f"{method.upper()} {path} {one['name']}", one


def test_every_operation_says_what_it_does():
    """A summary, a description, a tag and the problems that it may answer."""
    for path, methods in json.loads(FILE.read_text())["paths"].items():
        if path.startswith("/api/v1/"):
            for method, said in methods.items():
                where = f"{method.upper()} {path}"
                assert said["summary"], where
                assert said["description"].endswith("."), where
                assert len(said["tags"]) == 1, where
                assert {"401", "403", "429", "503", "default"} <= said["responses"].keys(), where


def test_problems_are_told_by_their_types():
    """What an operation alone may refuse, it names; and no reason has a meaning for nothing."""
    document = json.loads(FILE.read_text())
    told: set[str] = set()
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            for status, one in said["responses"].items():
                if "application/problem+json" in one.get("content", {}) and path.startswith("/api"):
                    types = TYPE.findall(one["description"])
                    assert types, (method, path, status)
                    told.update(types)
    for one in document["components"]["responses"].values():
        told.update(TYPE.findall(one["description"]))
    assert told == {problem_type(reason) for reason in MEANINGS}


def test_every_example_is_one():
    """Each is what its own schema takes."""
    document = json.loads(FILE.read_text())
    found = 0
    for where, schema in nodes(document, "#"):
        examples = schema.get("examples")
        if not isinstance(examples, list):
            continue
        validator = Draft202012Validator(schema | {"components": document["components"]})
        for one in examples:
            found += 1
            assert validator.is_valid(one), (where, one)
    assert found > 200


def nodes(said: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document."""
    if isinstance(said, dict):
        yield where, said
        for name, one in said.items():
            yield from nodes(one, f"{where}/{name}")
    elif isinstance(said, list):
        for number, one in enumerate(said):
            yield from nodes(one, f"{where}/{number}")


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


def test_the_page_sets_names_in_type():
    """Between backticks in the document; the rest is text."""
    assert reference.in_words("Newest <first>; `about` one") == (
        "Newest &lt;first&gt;; <code>about</code> one"
    )
    assert not any(
        "`" in one["summary"] for each in reference.sections() for one in each["operations"]
    )
