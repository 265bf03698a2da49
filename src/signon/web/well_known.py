"""Addresses that security researchers and password managers know: RFC 9116, W3C Change Password."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signon.clock import Clock
from signon.config import Settings
from signon.web.site import Site

SECURITY_PATH = "/.well-known/security.txt"
CHANGE_PASSWORD_PATH = "/.well-known/change-password"
PASSWORD_PAGE = "/account/password"
GOOD_FOR = timedelta(days=90)
"""RFC 9116 section 2.5.5: less than a year; made anew every day, so that it never runs out."""


class WellKnown:
    """Whom to tell of a hole, and where a password is changed."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site = site
        self._clock = clock

    def routes(self) -> list[Route]:
        """The two addresses."""
        return [
            Route(SECURITY_PATH, self.security, methods=["GET"]),
            Route(CHANGE_PASSWORD_PATH, self.change_password, methods=["GET"]),
        ]

    async def security(self, _request: Request) -> Response:
        """`security.txt` (RFC 9116 section 2.5)."""
        settings = self._site.settings
        expires = (self._clock() + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
        fields = [
            ("Contact", _contact(settings)),
            ("Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"),
            ("Preferred-Languages", "en"),
            ("Canonical", settings.issuer + SECURITY_PATH),
            ("Policy", settings.security_policy),
        ]
        lines = [f"{name}: {value}\n" for name, value in fields if value]
        return PlainTextResponse("".join(lines), headers={"cache-control": "public, max-age=3600"})

    async def change_password(self, _request: Request) -> Response:
        """Send a password manager's person to the page (A Well-Known URL for Changing Passwords)."""
        return self._site.go(PASSWORD_PAGE)


def _contact(settings: Settings) -> str:
    # RFC 2142 section 4: the mailbox that a domain has for this
    domain = settings.sender.rpartition("@")[2].rstrip(">")
    contact = settings.security_contact or f"security@{domain}"
    return contact if contact.startswith(("https:", "tel:")) else f"mailto:{contact}"
