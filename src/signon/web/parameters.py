"""Request parameters, parsed once and strictly, duplicates kept."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.requests import Request

from signon.errors import SignonError
from signon.texts import is_keepable

MAX_PARAMETERS = 100
LONGEST_NUMBER = 19
"""Digits that a BIGINT may not hold any more."""
FORM_TYPE = "application/x-www-form-urlencoded"


class BadRequestError(SignonError):
    """The request itself is malformed; `status` is the HTTP status that says so.

    `ways` are links (label, href) to where a person can go on all the same.
    """

    ways: Sequence[Mapping[str, str]] = ()

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class Parameters:
    """Names and values of a query or a form.

    A parameter without a value is treated as omitted (RFC 6749 section 3.1), and `get` of a
    repeated one answers its first value; whether repetition is an error is the reader's rule.
    """

    __slots__ = ("_values",)

    def __init__(self, encoded: str) -> None:
        """Raises BadRequestError: too many parameters, invalid UTF-8 or a NUL character."""
        self._values: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(encoded, errors="strict", max_num_fields=MAX_PARAMETERS)
        except UnicodeDecodeError as error:
            raise BadRequestError("The request is not valid UTF-8.") from error
        except ValueError as error:
            raise BadRequestError(
                f"The request has more than {MAX_PARAMETERS} parameters."
            ) from error
        for name, value in pairs:
            require_keepable(name, value)
            self._values.setdefault(name, []).append(value)

    def get(self, name: str) -> str | None:
        """The first value, or None when the parameter is absent or empty."""
        values = self._values.get(name)
        return values[0] if values else None

    def text(self, name: str) -> str:
        """The first value with surrounding white space removed, or the empty string."""
        return (self.get(name) or "").strip()

    def every(self, name: str) -> list[str]:
        """All its values, in their order."""
        return list(self._values.get(name, ()))

    def repeated(self) -> list[str]:
        """The names that occur more than once."""
        return [name for name, values in self._values.items() if len(values) > 1]

    def first_values(self) -> dict[str, str]:
        """Every name with its first value."""
        return {name: values[0] for name, values in self._values.items()}

    def lists(self) -> dict[str, list[str]]:
        """Every name with all its values."""
        return self._values


def require_keepable(*texts: str) -> None:
    """Raises BadRequestError when no text column could hold one of them."""
    if not all(map(is_keepable, texts)):
        raise BadRequestError("The request holds a NUL character, or half of one.")


def number(text: str) -> int | None:
    """The whole number that a text is, if a column can hold it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else None


def query(request: Request) -> Parameters:
    """The query's parameters."""
    return Parameters(request.scope["query_string"].decode("latin-1"))


async def form(request: Request, *, limit: int) -> Parameters:
    """The form's parameters; never merged with the query's.

    Raises BadRequestError: 413 over `limit` bytes, 415 for another content type, 400 for a
    body that does not parse.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, limit=limit)
    if body and content_type != FORM_TYPE:
        raise BadRequestError(f"The request's content type must be {FORM_TYPE}.", status=415)
    try:
        return Parameters(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRequestError("The request is not valid UTF-8.") from error


async def read_body(request: Request, *, limit: int) -> bytes:
    """The whole body, or BadRequestError (413) as soon as it exceeds `limit` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BadRequestError(f"The request is larger than {limit} bytes.", status=413)
    return body
