"""Every REST operation is called with what its description allows, and much that it does not.

No answer is a fault of ours, every answer is as described, and where a scope is declared nobody
gets in without it.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi

from signon.accounts.models import AccountKind
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from signon.web.reference import document
from tests.firms.conftest import FIRM_SCOPES, service, signed_in
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.infra.drills import by_chance, often
from tests.infra.world import World

pytestmark = ON_ONE
CHECKED = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]
PARTS = ("me", "firms", "courts", "accounts")


@cache
def operations() -> tuple[Any, ...]:
    """What the description declares."""
    schema = schemathesis.openapi.from_dict(document())
    everything: Any = schema.get_all_operations()
    return tuple(found.ok() for found in everything)


def operations_of(part: str) -> list[Any]:
    """Those below a path."""
    return [one for one in operations() if one.path.startswith(f"/api/v1/{part}")]


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider that counts no calls."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    many = settings.model_copy(update={"api_requests_per_minute": 1_000_000})
    made = World.make(many, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def there(world: World) -> dict[str, str]:
    """What stands in the place of a path's parameters, so that the calls reach something."""
    firm, person = world.account("firm.one", AccountKind.FIRM), world.account()
    return {"firm": firm.number, "court": "casb", "number": firm.number,
            "account_number": person.number}  # fmt: skip


@pytest.fixture
def bearers(world: World, there: dict[str, str]) -> dict[str, str]:
    """A token for each scope that is declared."""
    firm = world.find("firm.one")
    own = signed_in(world, "watch", "a.attorney", "openid account", scopes=["openid", "account"])
    firms = service(world, "office", " ".join(FIRM_SCOPES), firm_id=firm.id, scopes=[*FIRM_SCOPES])
    court = service(world, "casb-service", "court", court_id="casb", scopes=["court"])
    operators = service(world, "operations", "admin", scopes=["admin"])
    return {
        "account": own.token,
        "court": court.token,
        "admin": operators.token,
        **dict.fromkeys(FIRM_SCOPES, firms.token),
    }


def send(world: World, case: Any, token: str | None) -> httpx2.Response:
    """The call that a case describes."""
    made = case.as_transport_kwargs(base_url=world.settings.issuer)
    headers = {name: value for name, value in dict(made.pop("headers", {})).items() if value}
    headers.pop("Authorization", None)
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    data, body = made.pop("data", None), made.pop("json", None)
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    method, url = made.pop("method"), made.pop("url")
    query = {"params": made["params"]} if made.get("params") else {}
    sent = {"json": body} if data is None and body is not None else {"content": data}
    return world.http.request(method, url, headers=headers, **query, **sent)


def fuzz(operation: Any, call: Callable[[Any], None]) -> None:
    """Call it with what hypothesis makes of its description."""

    @settings(
        max_examples=often(2),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        call(case)

    run()


@by_chance
@pytest.mark.timeout(180)
@pytest.mark.parametrize("part", PARTS)
def test_every_answer_is_as_described(
    world: World, there: dict[str, str], bearers: dict[str, str], part: str
):
    """None is a 5xx; each has a status, a content type and a body that the description names."""
    found = operations_of(part)
    assert found
    for operation in found:
        (scope, *_) = (next(iter(one.values()))[0] for one in operation.definition.raw["security"])

        def call(case: Any, token: str = bearers[scope]) -> None:
            known = {name: there[name] for name in case.path_parameters or () if name in there}
            if known:
                case.path_parameters = {**case.path_parameters, **known}
            case.validate_response(send(world, case, token), checks=CHECKED)

        fuzz(operation, call)


def test_nobody_gets_in_without_a_token(world: World):
    """Where a scope is declared; and it is declared everywhere below `/api/v1`."""
    for operation in operations():
        if operation.path.startswith("/api/v1/"):
            assert operation.definition.raw["security"]
            path = operation.path.replace("{", "").replace("}", "")
            for header in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}):
                answer = world.http.request(operation.method, path, headers=header)
                assert answer.status_code == 401, operation.label
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert answer.headers["content-type"] == "application/problem+json"
