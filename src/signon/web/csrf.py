"""Forms come from our own pages, in the same browser (ASVS 3.5.1).

The form token is a MAC over the browser's `signon_device` cookie. Beside it the browser's
own word decides: `Sec-Fetch-Site`, else `Origin`.
"""

import base64
import binascii

from starlette.requests import Request

from signon.crypto import KeyRing
from signon.errors import SignonError
from signon.words.sentences import _

PURPOSE = "form-token"


class ForeignFormError(SignonError):
    """The form was not sent from one of our own pages."""


class ExpiredFormError(SignonError):
    """The page is from an earlier visit of this browser."""


class CookiesOffError(SignonError):
    """The browser did not send back the cookie that it was given."""


def form_token(ring: KeyRing, device: str) -> str:
    """The token that a page for this browser carries."""
    return base64.urlsafe_b64encode(ring.mac(PURPOSE, device.encode())).decode().rstrip("=")


def check(
    request: Request, *, ring: KeyRing, issuer: str, device: str | None, token: str | None
) -> None:
    """Raises ForeignFormError, CookiesOffError or ExpiredFormError; else the form is ours."""
    if not _came_from_us(request, issuer):
        raise ForeignFormError(_("This form was sent from another site, so nothing was done."))
    if device is None:
        raise CookiesOffError(_("Your browser did not send back our cookie."))
    if not ring.verify_mac(PURPOSE, device.encode(), _decode(token or "")):
        raise ExpiredFormError(_("This page is out of date, so nothing was done."))


def _came_from_us(request: Request, issuer: str) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    # our own `no-referrer` makes browsers send "null": it says nothing, the token decides
    return request.headers.get("origin") in {None, "null", issuer}


def _decode(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token + "=")
    except (binascii.Error, ValueError):
        return b""
