"""`/api/v1/reference`: the REST interface as a page, made of `openapi/signon.json` and nothing else."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.web.problems import BASE
from signon.web.site import Site

PATH = f"{BASE}/reference"
OTHERS = "Everything else"
"""Where operations stand that are not of the REST interface."""
Json = dict[str, Any]


class ReferencePages:
    """The page `/api/v1/reference`, made from the document."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Where it is."""
        return [Route(PATH, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """GET: all of it on one page, which the browser searches."""
        return self._site.page(
            self._site.visit(request),
            "api_reference.html",
            sections=sections(),
            problems=problems(),
            models=models(),
        )


@cache
def document() -> Json:
    """The description, as it is shipped."""
    inside = Path(__file__).parents[1] / "openapi" / "signon.json"
    found = inside if inside.is_file() else Path(__file__).parents[3] / "openapi" / "signon.json"
    read: Json = json.loads(found.read_text())
    return read


@cache
def sections() -> list[Json]:
    """The operations by their tags; those without one come last."""
    labels = [tag["name"] for tag in document()["tags"]]
    found: dict[str, list[Json]] = {label: [] for label in (*labels, OTHERS)}
    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            [label] = said.get("tags", [OTHERS])
            found[label].append(_operation(method, path, said))
    return [{"label": label, "operations": each} for label, each in found.items() if each]


@cache
def problems() -> list[Json]:
    """The answers that operations share, by name."""
    shared = document()["components"]["responses"]
    return [{"name": name, "text": in_words(said["description"])} for name, said in shared.items()]


@cache
def models() -> list[Json]:
    """What is sent and answered, by name."""
    schemas = document()["components"]["schemas"]
    return [
        {
            "name": name,
            "text": in_words(schema.get("description", "")),
            "values": [str(value) for value in schema.get("enum", ())],
            "fields": [
                {
                    "name": field,
                    "kind": kind_of(said),
                    "model": _model_of(said),
                    "needed": field in schema.get("required", ()),
                    "text": in_words(said.get("description", "")),
                }
                for field, said in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(schemas.items())
    ]


def in_words(text: str) -> Markup:
    """A description as HTML: names stand between backticks there."""
    parts = enumerate(text.split("`"))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in parts
    )


def kind_of(said: Json) -> str:
    """A schema in a few words."""
    if "$ref" in said:
        return _name(said["$ref"])
    if "anyOf" in said:
        return " or ".join(kind_of(one) for one in said["anyOf"])
    if "enum" in said:
        return " | ".join(str(one) for one in said["enum"])
    kind = said.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {kind_of(said.get('items', {}))}"
    return f"{kind} ({said['format']})" if "format" in said else str(kind)


def _operation(method: str, path: str, said: Json) -> Json:
    body = said.get("requestBody", {}).get("content", {})
    scopes = [scope for one in said.get("security", ()) for each in one.values() for scope in each]
    return {
        "id": said["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": in_words(said.get("summary", "")),
        "text": in_words(said.get("description", "")),
        "scopes": scopes,
        "parameters": [
            {
                "name": one["name"],
                "place": one["in"],
                "needed": one.get("required", False),
                "kind": kind_of(one["schema"]),
                "text": in_words(one.get("description", "")),
            }
            for one in said.get("parameters", ())
        ],
        "body": _contents(body),
        "answers": [
            {
                "status": status,
                "text": in_words(one.get("description", "")),
                "models": _contents(one.get("content", {})),
            }
            for status, one in said["responses"].items()
            if "$ref" not in one
        ],
        "problems": [
            {"status": status, "name": _name(one["$ref"])}
            for status, one in said["responses"].items()
            if "$ref" in one
        ],
    }


def _contents(content: Json) -> list[Json]:
    """Each content type with its model, where it has one."""
    return [{"type": kind, "model": _model_of(one["schema"])} for kind, one in content.items()]


def _model_of(said: Json) -> str | None:
    """The model that a schema names, if it names one."""
    for one in (said, said.get("items", {}), *said.get("anyOf", ())):
        if "$ref" in one:
            return _name(one["$ref"])
    return None


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]
