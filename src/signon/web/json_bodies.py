"""JSON bodies of the REST interface: read once, strictly, and never repeated in an answer."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from signon.web.parameters import read_body
from signon.web.problems import ApiError, invalid

LIMIT = 1024 * 1024
"""Bytes (security rules, section 3)."""
JSON_TYPES = ("application/json", "application/merge-patch+json")


class Body(BaseModel):
    """What a caller sends: no other fields, no other types.

    What stands below a field is its description in the OpenAPI document.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class Shown(BaseModel):
    """What a caller is answered, its fields described as those of a `Body`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


Read = TypeVar("Read", bound=BaseModel)


async def read_json(request: Request, *others: str) -> bytes:
    """The body's bytes; `others` are content types that will do too.

    Raises ApiError (415), BadRequestError (413).
    """
    body = await read_body(request, limit=LIMIT)
    if content_type(request) not in {*JSON_TYPES, *others}:
        named = " or ".join(("application/json", *others))
        raise ApiError(415, "not_json", f"Send the body as {named}.")
    return body


def read_text(body: bytes) -> str:
    """What was sent, when it is not JSON. Raises ApiError: 400 or 422."""
    try:
        found = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ApiError(400, "not_utf_8", "The body is not valid UTF-8.") from None
    if "\0" in found:
        raise invalid((None, "The body holds a NUL character."))
    return found


def content_type(request: Request) -> str:
    """What a request says that its body is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parsed(body: bytes, model: type[Read]) -> Read:
    """The body as its model. Raises ApiError: 400 when it is no JSON, else 422 by field."""
    try:
        found = model.model_validate_json(body)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
            raise ApiError(400, "not_json", "The body is not valid JSON.") from None
        raise invalid(
            *(
                (".".join(map(str, one["loc"])) or None, one["msg"])
                for one in error.errors(include_input=False, include_url=False)
            )
        ) from None
    # PostgreSQL keeps no NUL, and no text that people type holds one
    if b"\\u0000" in body:
        raise invalid((None, "The body holds a NUL character."))
    return found
