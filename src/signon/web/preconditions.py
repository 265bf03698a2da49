"""Entity tags and `If-Match`: nobody overwrites what they have not seen (RFC 9110 section 13)."""

import hashlib

from signon.web.problems import ApiError


def etag_of(*parts: object) -> str:
    """A strong entity tag, with its quotation marks, of whatever makes two versions differ."""
    joined = "\0".join(str(part) for part in parts)
    return f'"{hashlib.sha256(joined.encode()).hexdigest()[:24]}"'


def require_match(if_match: str | None, etag: str, *, is_needed: bool = False) -> None:
    """Raises ApiError: 412 when it has changed, 428 (RFC 6585) when it must be said and is not.

    Call it in the unit that changes the thing, after the row is locked or beside its guard.
    """
    if if_match is None:
        if is_needed:
            raise ApiError(
                428, "precondition_required", "Say with If-Match which version you change."
            )
        return
    # section 13.1.1: `*` matches whatever is there; comparison is strong
    named = [one.strip() for one in if_match.split(",")]
    if "*" not in named and etag not in named:
        raise ApiError(
            412,
            "changed_meanwhile",
            "This was changed since you read it: read it again, then change it.",
        )
