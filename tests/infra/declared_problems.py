"""Whatever the REST interface refuses is declared: each problem's type stands in the document.

Every client of the tests asks here, so whichever test makes an operation say no shows that the
operation's description knows of it.
"""

import json
import re
from functools import cache
from pathlib import Path

import httpx2
import pytest

FILE = Path(__file__).parents[2] / "openapi" / "signon.json"
PROBLEM = "application/problem+json"
TYPE = re.compile("`(urn:signon:problem:[a-z0-9-]+)`")
NO_MORE_THAN_THE_STATUS = {400, 404, 413, 415, 500, 503}
"""What is answered `about:blank`, as for an address that nothing can be kept under."""
Types = dict[str, set[str]]


def checking(patched: pytest.MonkeyPatch) -> None:
    """Let every client fail that is answered a problem which its operation does not declare."""
    send = httpx2.Client.send

    def sent(client: httpx2.Client, request: httpx2.Request, **options: object) -> httpx2.Response:
        answer: httpx2.Response = send(client, request, **options)  # type: ignore[arg-type]
        asked = answer.request
        if asked.method != "HEAD" and answer.headers.get("content-type") == PROBLEM:
            check(asked.method, asked.url.path, answer.status_code, answer.read())
        return answer

    patched.setattr(httpx2.Client, "send", sent)


def check(method: str, path: str, status: int, body: bytes) -> None:
    """Raises AssertionError: a program that reads the description would not know this problem."""
    kind = json.loads(body)["type"]
    if kind == "about:blank" and status in NO_MORE_THAN_THE_STATUS:
        return
    declared = next(
        (types for at, types in operations().get(method, ()) if at.fullmatch(path)), None
    )
    # an address or a method that there is none of has no description
    if declared is not None:
        said = declared.get(str(status), ())
        assert kind in said, f"{method} {path}: {status} {kind} is not declared"


@cache
def operations() -> dict[str, list[tuple[re.Pattern[str], Types]]]:
    """By method: addresses, named ones before those with a parameter, with types by status."""
    document = json.loads(FILE.read_text())
    shared = {
        f"#/components/responses/{name}": said["description"]
        for name, said in document["components"]["responses"].items()
    }
    found: dict[str, list[tuple[re.Pattern[str], Types]]] = {}
    for path in sorted(document["paths"], key=lambda one: (one.count("{"), one)):
        if not path.startswith("/api/v1/"):
            continue
        at = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        for method, said in document["paths"][path].items():
            types = {
                status: set(TYPE.findall(shared.get(one.get("$ref"), one["description"])))
                for status, one in said["responses"].items()
            }
            found.setdefault(method.upper(), []).append((at, types))
    return found
