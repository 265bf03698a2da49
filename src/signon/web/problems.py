"""Problems: what the REST interface answers when it says no (RFC 9457).

A problem's `type` is stable: programs compare it, its sentence is for people and may change.
"""

from collections.abc import Mapping
from typing import Any

from signon.errors import InputError, RefusedError, SignonError

BASE = "/api/v1"
"""Where the interface is."""
TYPES = "urn:signon:problem:"
"""Every `type` begins with this; what follows is a reason with hyphens."""


class ApiError(SignonError):
    """A refusal with its HTTP status; `reason` makes the problem's type, `members` go beside it."""

    def __init__(
        self,
        status: int,
        reason: str,
        sentence: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})
        self.members = members


def problem_type(reason: str) -> str:
    """The `type` of a stable reason."""
    return TYPES + reason.replace("_", "-")


def invalid(*errors: tuple[str | None, str]) -> ApiError:
    """What was sent cannot be used: pairs of a field (`a.b`, or None for the whole) and why."""
    listed = [{"field": field, "detail": why} for field, why in errors]
    return ApiError(422, "invalid", "What was sent cannot be used.", errors=listed)


def as_api_error(error: SignonError) -> ApiError | None:
    """The same error as the REST interface says it; None for those that have no word of their own.

    The unit of work has ended already, so this is about words only.
    """
    match error:
        case ApiError():
            return error
        case InputError():
            return invalid((error.field, error.sentence))
        case RefusedError():
            return ApiError(_STATUS.get(error.reason, 409), error.reason, error.told)
        case _:
            return None


_STATUS = {"not_found": 404, "not_permitted": 403, "decided_meanwhile": 412}
"""Of a rule's no; any other is a 409, because it speaks of how things stand."""
