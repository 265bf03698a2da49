"""What every operation's description says beside its own signature: scopes, repeats, problems."""

from dataclasses import dataclass
from typing import Any

from signon.rest.reasons import MEANINGS
from signon.web.problems import problem_type

SCHEME = "signon"
"""The name of the security scheme in the description."""
REASONS = "reasons"
"""Where `refusals` are in an operation's `responses`, until they are put into words."""
Json = dict[str, Any]
Responses = dict[int | str, Json]

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name that the caller gives to this call: sent again within a day, it does "
    "nothing again and gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "b5a2c1f0-1f5e-4b8e-9a51-6f0a2d3c4e77",
}
OTHER = "Any other problem (RFC 9457)."
PROBLEMS: dict[int, tuple[str, str, tuple[str, ...]]] = {
    400: (
        "Malformed",
        "The body is no JSON or no UTF-8, the query cannot be read, or no Idempotency-Key can be "
        "such.",
        ("not_json", "not_utf_8", "bad_idempotency_key"),
    ),
    401: (
        "Unproven",
        "No token came, it is not one of ours, it has ended, the proof of its key does not hold, or "
        "the sign-in behind it is too old or proved too little.",
        (
            *("token_needed", "invalid_token", "invalid_dpop_proof", "use_dpop_nonce"),
            "insufficient_user_authentication",
        ),
    ),
    403: (
        "NotAllowed",
        "The token was granted no scope that opens this, or whoever calls may not do it.",
        ("insufficient_scope",),
    ),
    404: ("Unknown", "There is no such thing, or it is not the caller’s.", ("not_found",)),
    409: ("AsThingsStand", "A rule is against it as things stand; the type says which.", ()),
    412: (
        "ChangedMeanwhile",
        "It was changed since the version that If-Match names: read it again.",
        ("changed_meanwhile",),
    ),
    413: ("TooLarge", "The body is larger than 1 MiB.", ()),
    415: ("WrongContent", "The body’s content type is none that is taken here.", ("not_json",)),
    422: (
        "Invalid",
        "A field or parameter is unknown, missing or has a value that it cannot have; `errors` "
        "names each. Or the Idempotency-Key was used for another call.",
        ("invalid", "idempotency_key_reused"),
    ),
    429: (
        "TooOften",
        "The program has made all the calls of this minute; Retry-After says when to go on.",
        ("too_many_requests",),
    ),
    503: ("Busy", "The service is busy; Retry-After says when to try again.", ()),
}
"""By status: the response's name, when it is answered, and the reasons that any call may give."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an operation takes, seen from its signature."""

    scopes: tuple[str, ...]
    changes: bool
    path: bool
    query: bool
    body: bool
    csv: bool
    version: bool


def beside(taken: Taken) -> Json:
    """What is added to FastAPI's description of an operation."""
    said: Json = {"security": [{SCHEME: [scope]} for scope in taken.scopes]}
    if taken.changes:
        said["parameters"] = [IDEMPOTENCY_KEY]
    if taken.csv:
        said["requestBody"] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
    return said


def answered(model: Any) -> str:
    """What the answer is: its model’s first sentence."""
    if model is None:
        return "It is done; there is nothing more to say."
    return str(model.__doc__).partition("\n\n")[0].replace("\n", " ")


def refusals(*reasons: str, status: int = 409) -> Responses:
    """The reasons of the rules that may be against an operation, for its `responses`."""
    return {status: {REASONS: reasons}}


def problems(taken: Taken, everywhere: Responses, own: Responses) -> Responses:
    """What an operation may answer beside what it is asked for.

    `everywhere` are refusals of each operation of its router, `own` the operation's own; a 409 of
    the former is for operations that change something.
    """
    said = [everywhere if taken.changes else {k: v for k, v in everywhere.items() if k != 409}, own]
    refused: dict[int, tuple[str, ...]] = {}
    for status, one in (each for responses in said for each in responses.items()):
        if isinstance(status, int) and REASONS in one:
            refused[status] = (*refused.get(status, ()), *one[REASONS])
    found: Responses = {
        status: _problem(status, refused.get(status, ()))
        for status in sorted(_statuses(taken) | refused.keys())
    }
    answers = {status: one for status, one in own.items() if status not in refused}
    return {**found, "default": _ref("Problem", OTHER), **answers}


def responses() -> Json:
    """Every problem that operations share, by its name."""
    shared = {name: _response(when, reasons) for name, when, reasons in PROBLEMS.values()}
    return {"Problem": _response(OTHER, ()), **shared}


def _statuses(taken: Taken) -> set[int]:
    return (
        {401, 403, 429, 503}
        | ({404} if taken.path else set())
        | ({400, 422} if taken.query else set())
        | ({400, 422} if taken.changes else set())
        | ({400, 413, 415, 422} if taken.body else set())
        | ({412} if taken.version else set())
    )


def _problem(status: int, reasons: tuple[str, ...]) -> Json:
    """What all operations share, or that with reasons of its own."""
    name, when, shared = PROBLEMS[status]
    return (
        _response(when, tuple(dict.fromkeys((*shared, *reasons)))) if reasons else _ref(name, when)
    )


def _response(when: str, reasons: tuple[str, ...]) -> Json:
    content: Json = {"schema": {"$ref": "#/components/schemas/Problem"}}
    types = "".join(f"\n- `{problem_type(one)}`: {MEANINGS[one]}." for one in reasons)
    return {
        "description": f"{when} Types:\n{types}" if types else when,
        "content": {"application/problem+json": content},
    }


def _ref(name: str, when: str) -> Json:
    return {"$ref": f"#/components/responses/{name}", "description": when}
