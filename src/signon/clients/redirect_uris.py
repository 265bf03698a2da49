"""Which addresses a client may register for people to be sent to.

The comparison at use is `oidc.redirects`; this is what is refused beforehand.
"""

import re
from urllib.parse import SplitResult, urlsplit

from signon.config import is_loopback
from signon.errors import InputError

LONGEST = 2000
ALLOWED = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
"""The characters of a URI (RFC 3986 section 2)."""
NEVER = frozenset({"javascript", "data", "vbscript", "file"})
"""Schemes that run or read something in the browser itself (RFC 8252 section 8.4)."""


def check(uri: str, *, is_public: bool, issuer_is_https: bool, is_redirect: bool = True) -> None:
    """Raises InputError unless this address may be registered.

    `is_redirect` is false for post-logout and return addresses, which get no code: there the
    loopback addresses of native apps are of no use.
    """
    parts = _parts(uri)
    if parts.scheme == "https":
        _require_host(uri, parts)
    elif parts.scheme == "http":
        _require_host(uri, parts)
        is_native = is_public and is_redirect
        _check_http(uri, parts.hostname or "", is_native, issuer_is_https=issuer_is_https)
    else:
        _check_private_scheme(uri, parts, is_public=is_public)


def _parts(uri: str) -> SplitResult:
    """What is wrong whatever the scheme."""
    if len(uri) > LONGEST or not ALLOWED.fullmatch(uri):
        raise _refused(uri, f"is longer than {LONGEST} or has characters that no address has")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise _refused(uri, "is not an address: its host or port cannot be read") from None
    if not parts.scheme:
        raise _refused(uri, "is not absolute: begin it with https://")
    if parts.scheme in NEVER:
        raise _refused(uri, f"has the scheme {parts.scheme}, which is never allowed: use https")
    # RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
    if "#" in uri:
        raise _refused(uri, "has a fragment: leave out # and what follows")
    if "@" in parts.netloc:
        raise _refused(uri, "names a user: leave out what stands before @")
    # RFC 9700 section 2.1: exact matching, so a pattern would never match anything
    if "*" in uri:
        raise _refused(uri, "has a wildcard: name every address in full")
    if port == 0:
        raise _refused(uri, "is not an address: there is no port 0")
    return parts


def _require_host(uri: str, parts: SplitResult) -> None:
    if not parts.hostname:
        raise _refused(uri, "names no host")


def _check_http(uri: str, host: str, is_native: bool, *, issuer_is_https: bool) -> None:
    """Plain http stays on the machine (contract, section 3; RFC 8252 sections 7.3 and 8.3)."""
    if not issuer_is_https:
        if not is_loopback(host):
            raise _refused(uri, "is http and not on a loopback host: use https")
        return
    if not is_native:
        raise _refused(uri, "is http: use https")
    if host == "localhost" or not is_loopback(host):
        raise _refused(uri, "is http: use https, or for a native app http://127.0.0.1 or [::1]")


def _check_private_scheme(uri: str, parts: SplitResult, *, is_public: bool) -> None:
    """A native app's own scheme is a domain name in reverse (RFC 8252 section 7.1)."""
    if "." not in parts.scheme:
        raise _refused(uri, "must be https, or a native app's own scheme such as com.example.app")
    if not is_public:
        raise _refused(uri, "has an app's own scheme, which is for public clients (--auth none)")
    if not parts.path.strip("/") and not parts.netloc:
        raise _refused(uri, "has nothing after the scheme: add a path such as :/callback")


def _refused(uri: str, why: str) -> InputError:
    return InputError(f"The address {uri[:200]!r} {why}.", field="redirect_uri")
