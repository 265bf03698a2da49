"""The cookies' one form: host-only, HttpOnly, SameSite=Lax, and `__Host-` under https."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

DEVICE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep a cookie; set anew at every sign-in."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of ours. `seconds` of None makes it end with the browser."""

    name: str
    secure: bool
    seconds: int | None = None

    def read(self, connection: HTTPConnection) -> str | None:
        """The cookie's value, or None; a value that we cannot have set counts as none."""
        value = connection.cookies.get(self.name)
        return (
            value
            if value and len(value) == 43 and value.isascii() and value.isprintable()
            else None
        )

    def set(self, response: Response, value: str) -> None:
        """Set it on this response."""
        response.set_cookie(
            self.name,
            value,
            max_age=self.seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response) -> None:
        """Make the browser forget it."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )


def session_cookie(*, secure: bool) -> Cookie:
    """The signed-in session's cookie; it ends with the browser, the server knows its limits."""
    return Cookie(_name("signon_session", secure), secure)


def device_cookie(*, secure: bool) -> Cookie:
    """The browser's own cookie: form tokens are bound to it, and known devices are."""
    return Cookie(_name("signon_device", secure), secure, DEVICE_SECONDS)


def language_cookie(*, secure: bool) -> Cookie:
    """The language that somebody chose; no secret, and only read as one of ours."""
    return Cookie(_name("signon_language", secure), secure, DEVICE_SECONDS)


def _name(name: str, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
