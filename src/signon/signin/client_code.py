"""The client code: what a person wants a sign-in's searches billed under."""

from signon.errors import InputError

LONGEST = 32


def checked(text: str) -> str | None:
    """The code, or None when none was given. Raises InputError (domain facts 3)."""
    if len(text) > LONGEST:
        raise InputError(
            f"The client code may have {LONGEST} characters at most.", field="client_code"
        )
    if not text.isprintable() or " " in text or "," in text:
        raise InputError("The client code may not contain spaces or commas.", field="client_code")
    return text or None
