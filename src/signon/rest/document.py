"""The OpenAPI description: FastAPI's of the REST operations, and ours of the few plain routes.

A plain route that machines use is described here by hand; it is announced only as long as the
application routes it.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route

from signon.clients.scopes import API_SCOPES, SCOPES
from signon.courts.registry import CourtStatus, CourtType
from signon.rest import declared
from signon.rest.declared import SCHEME
from signon.rest.routing import Operations
from signon.rest.values import COURT
from signon.web.problems import problem_type

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
    "The service, for operators": "Courts, clients, keys and the audit trail.",
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


_TEXT: dict[str, Any] = {"type": "string"}


def _text(description: str, *examples: str, **more: Any) -> dict[str, Any]:
    """A text, with what it means."""
    said = {**_TEXT, "description": description, **more}
    return {**said, "examples": list(examples)} if examples else said


_COURT_TEXTS = {
    "id": _text(COURT["description"], *COURT["examples"]),
    "psc_id": _text("The court’s id at the PACER Service Center.", "CASBK"),
    "pcl_id": _text("The court’s id in the PACER Case Locator.", "casbk"),
    "name": _text("The court’s name for people."),
    "type": _text("What kind of court it is; filing roles depend on it.", enum=list(CourtType)),
    "circuit": _text("Its circuit; empty for the one court that has none.", "9"),
    "state": _text("Its state or territory, as the post writes it.", "CA"),
    "cmecf_url": _text("Where the court’s own filing system is.", format="uri"),
}

SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": _text(
                "What is wrong: stable, to be compared by programs; `about:blank` says no more than "
                "the status.",
                problem_type("not_found"),
                format="uri-reference",
            ),
            "title": _text("The status in a few words for people."),
            "status": {"type": "integer", "description": "The HTTP status, once more."},
            "detail": _text("What is wrong and how to mend it, for people; it may be worded anew."),
            "errors": {
                "type": "array",
                "description": "With `invalid`: what is wrong with each field or parameter.",
                "items": {
                    "type": "object",
                    "required": ["field", "detail"],
                    "properties": {
                        "field": {
                            "type": ["string", "null"],
                            "description": "Its name, parts joined by dots (`a.0.b`); null when it "
                            "is the whole that is wrong.",
                        },
                        "detail": _text("What is wrong with it, for people."),
                    },
                },
            },
        },
    },
    "Court": {
        "type": "object",
        "required": [*_COURT_TEXTS, "status", "go_live"],
        "properties": {
            **_COURT_TEXTS,
            "status": {
                "enum": ["live", "scheduled", "not_scheduled"],
                "description": "Whether the court trusts central sign-on for filing.",
            },
            "go_live": {
                "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
                "description": "When it does or did begin to: RFC 3339 with the court's own "
                "offset; null when no date is set.",
            },
        },
    },
    "Courts": {
        "type": "object",
        "required": ["courts"],
        "properties": {
            "courts": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Court"},
                "description": "The courts that were found, by their ids.",
            },
        },
    },
    "Readiness": {
        "type": "object",
        "required": ["status", "reasons"],
        "properties": {
            "status": {
                "enum": ["ready", "not_ready"],
                "description": "Whether people may be sent here.",
            },
            "reasons": {
                "type": "array",
                "items": _TEXT,
                "description": "What is missing, in words; empty when nothing is.",
            },
        },
    },
}

_COURTS_ASKED = {
    "q": "Words, or beginnings of words, of an id, a name, a state or a circuit; all must fit.",
    "type": f"Only courts of this kind: {', '.join(CourtType)}.",
    "status": f"Only courts in this state: {', '.join(CourtStatus)}.",
}
_ALIVE = {"description": "Alive", "content": {"text/plain": {"schema": _TEXT}}}
_COUNTS = {"description": "Prometheus' text format", "content": {"text/plain": {"schema": _TEXT}}}

PLAIN: dict[str, dict[str, Any]] = {
    "/courts": _get(
        "list_courts",
        "Every court, with the state of its central sign-on",
        {"200": _json("The courts, ordered by id", "Courts"), "406": PROBLEM},
        parameters=[
            {"name": name, "in": "query", "required": False, "schema": _TEXT, "description": text}
            for name, text in _COURTS_ASKED.items()
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
