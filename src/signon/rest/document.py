"""The OpenAPI description: FastAPI's of the REST operations, and ours of the few plain routes.

A plain route that machines use is described here by hand; it is announced only as long as the
application routes it.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route

from signon.clients.scopes import API_SCOPES, SCOPES
from signon.rest import declared
from signon.rest.declared import SCHEME
from signon.rest.routing import Operations

PROBLEM = declared.responses()["Problem"]
INTRODUCTION = (
    "JSON in and out, with a bearer access token of one of the scopes that an operation names. "
    "Errors are problems by RFC 9457: programs compare their `type`. Lists page by `cursor`: "
    "follow the `Link` header. Unknown fields and parameters are refused."
)

TAGS = {
    "Your own account": "For programs in which a person has signed in: their own data only.",
    "Firms": "For a firm’s administrators and its own programs, and for operators.",
    "Courts": "For a court’s own program and its staff, and for operators.",
    "Accounts, for operators": "For the operators of the service.",
}
"""What operations are about, in the order in which they are shown."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of what this application routes."""
    routed = {route.path for route in app.routes if isinstance(route, Route)}
    rest = [each for one in app.routes if isinstance(one, Operations) for each in one.routes]
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=INTRODUCTION,
        routes=rest,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    document["paths"] |= {path: said for path, said in PLAIN.items() if path in routed}
    document["paths"] = dict(sorted(document["paths"].items()))
    schemas = document.get("components", {}).get("schemas", {})
    assert not SCHEMAS.keys() & schemas.keys(), "a model has the name of another schema"
    document["components"] = {
        "schemas": SCHEMAS | dict(sorted(schemas.items())),
        "responses": declared.responses(),
        "securitySchemes": {SCHEME: _scheme()},
    }
    return document


def _scheme() -> dict[str, Any]:
    """Access tokens of the provider itself: a person's by a code, a program's own without."""
    scopes = {name: f"Given to {SCOPES[name].holders}." for name in sorted(API_SCOPES)}
    token = {"tokenUrl": "/oauth2/token", "scopes": scopes}
    person = {**token, "authorizationUrl": "/oauth2/authorize", "refreshUrl": "/oauth2/token"}
    own = {**token, "scopes": {name: text for name, text in scopes.items() if name != "account"}}
    return {
        "type": "oauth2",
        "description": "A bearer token for `{issuer}/api/v1` (RFC 6750, RFC 9068).",
        "flows": {"authorizationCode": person, "clientCredentials": own},
    }


def _get(identifier: str, summary: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "get": {"operationId": identifier, "summary": summary, "responses": responses, **more},
    }


def _json(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


_MOMENT = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
    "description": "RFC 3339 with the court's own offset",
}
_TEXT = {"type": "string"}
_COURT_TEXTS = ("id", "psc_id", "pcl_id", "name", "type", "circuit", "state", "cmecf_url")

SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "detail"],
                    "properties": {"field": {"type": ["string", "null"]}, "detail": _TEXT},
                },
            },
        },
    },
    "Court": {
        "type": "object",
        "required": [*_COURT_TEXTS, "status", "go_live"],
        "properties": {
            **dict.fromkeys(_COURT_TEXTS, _TEXT),
            "status": {"enum": ["live", "scheduled", "not_scheduled"]},
            "go_live": _MOMENT,
        },
    },
    "Courts": {
        "type": "object",
        "required": ["courts"],
        "properties": {
            "courts": {"type": "array", "items": {"$ref": "#/components/schemas/Court"}},
        },
    },
    "Readiness": {
        "type": "object",
        "required": ["status", "reasons"],
        "properties": {
            "status": {"enum": ["ready", "not_ready"]},
            "reasons": {"type": "array", "items": _TEXT},
        },
    },
}

_ALIVE = {"description": "Alive", "content": {"text/plain": {"schema": _TEXT}}}
_COUNTS = {"description": "Prometheus' text format", "content": {"text/plain": {"schema": _TEXT}}}

PLAIN: dict[str, dict[str, Any]] = {
    "/courts": _get(
        "list_courts",
        "Every court, with the state of its central sign-on",
        {"200": _json("The courts, ordered by id", "Courts"), "406": PROBLEM},
        parameters=[
            {"name": name, "in": "query", "required": False, "schema": _TEXT}
            for name in ("q", "type", "status")
        ],
    ),
    "/livez": _get("livez", "Whether the process is alive", {"200": _ALIVE}),
    "/readyz": _get(
        "readyz",
        "Whether people may be sent here",
        {"200": _json("Ready", "Readiness"), "503": _json("Not ready, and why", "Readiness")},
    ),
    "/metrics": _get(
        "metrics",
        "What was counted; for the holder of the token, or for this machine only",
        {"200": _COUNTS, "401": PROBLEM, "404": PROBLEM},
    ),
}
