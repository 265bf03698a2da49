"""What a REST operation says of itself: the routes and the OpenAPI document are made of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signon.web.problems import BASE

SCHEME = "signon"
"""The name of the security scheme in the OpenAPI document."""
CSV = "text/csv"
REFS = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one path below `/api/v1`.

    `scopes`: any one of them opens it. `query`: the parameters that it knows beside those of
    paging. `changes_versions`: it takes `If-Match`. `takes_csv`, `gives_csv`: as well as JSON.
    The handler is given the guard's call.
    """

    method: str
    path: str
    handler: Callable[[Any], Awaitable[Any]]
    scopes: tuple[str, ...]
    summary: str
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    query: tuple[str, ...] = ()
    is_paged: bool = False
    changes_versions: bool = False
    takes_csv: bool = False
    gives_csv: bool = False

    @property
    def known_query(self) -> frozenset[str]:
        """Every query parameter that it takes."""
        return frozenset(self.query) | ({"limit", "cursor"} if self.is_paged else set())

    @property
    def identifier(self) -> str:
        """The `operationId`: the handler's own name."""
        return str(self.handler.__name__)


class RestRoute(Route):
    """The operations at one path."""

    def __init__(
        self,
        path: str,
        operations: Sequence[Operation],
        answer: Callable[[Request, Operation], Awaitable[Response]],
    ) -> None:
        self.operations = tuple(operations)
        by_method = {operation.method: operation for operation in operations}

        async def endpoint(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await answer(request, by_method[method])

        super().__init__(BASE + path, endpoint, methods=list(by_method))


def routes(
    operations: Sequence[Operation], answer: Callable[[Request, Operation], Awaitable[Response]]
) -> list[Route]:
    """A route for each path, in the order of the paths' first operations."""
    paths = {operation.path: [] for operation in operations}  # type: dict[str, list[Operation]]
    for operation in operations:
        paths[operation.path].append(operation)
    return [RestRoute(path, of_path, answer) for path, of_path in paths.items()]


# ── As OpenAPI says it ───────────────────────────────────────────────────────


def described(routed: Sequence[BaseRoute]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The paths and the schemas of all REST routes among these."""
    rest = [route for route in routed if isinstance(route, RestRoute)]
    operations = [operation for route in rest for operation in route.operations]
    bodies = {operation.body for operation in operations if operation.body}
    answers = {operation.answer for operation in operations if operation.answer}
    wanted = [(model, "validation") for model in bodies]
    wanted += [(model, "serialization") for model in answers]
    ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1]))
    _, schemas = models_json_schema(ordered, ref_template=REFS)  # type: ignore[arg-type]
    names = {model.__name__ for model in bodies | answers}
    assert len(names) == len(bodies | answers), "two models of one name"
    paths = {
        route.path: {each.method.lower(): _operation(each) for each in route.operations}
        for route in rest
    }
    return paths, schemas.get("$defs", {})


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.identifier,
        "summary": operation.summary,
        "security": [{SCHEME: [scope]} for scope in operation.scopes],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.body:
        content: dict[str, Any] = {"application/json": {"schema": _ref(operation.body)}}
        if operation.takes_csv:
            content[CSV] = {"schema": {"type": "string"}}
        said["requestBody"] = {"required": True, "content": content}
    return said


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    unsafe = operation.method != "GET"
    return [
        *(_parameter(name, "path", is_required=True) for name in in_path),
        *(_parameter(name, "query") for name in sorted(operation.known_query)),
        *([_parameter("Idempotency-Key", "header")] if unsafe else []),
        *([_parameter("If-Match", "header")] if operation.changes_versions else []),
    ]


def _parameter(name: str, place: str, *, is_required: bool = False) -> dict[str, Any]:
    kind = {"type": "integer"} if name == "limit" else {"type": "string"}
    return {"name": name, "in": place, "required": is_required, "schema": kind}


def _responses(operation: Operation) -> dict[str, Any]:
    right: dict[str, Any] = {"description": "Done" if operation.answer is None else "The answer"}
    if operation.answer:
        content: dict[str, Any] = {"application/json": {"schema": _ref(operation.answer)}}
        if operation.gives_csv:
            content[CSV] = {"schema": {"type": "string"}}
        right["content"] = content
    problem = {"$ref": "#/components/responses/Problem"}
    return {str(operation.status): right, "default": problem}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFS.format(model=model.__name__)}
