"""Requests that offer another protocol: a server that knows none goes on as if nothing was offered.

RFC 9110 section 7.8: "A server MAY ignore a received Upgrade header field". Java's HttpClient offers
h2c with every request over plain http, and sends its body at once (RFC 7540 section 3.2).
"""

from collections.abc import Iterable, Iterator

Header = tuple[bytes, bytes]
_OF_OFFER = frozenset({b"upgrade", b"http2-settings"})


def without_offer(request_line: bytes, headers: Iterable[Header]) -> bytes:
    """The same head again, with nothing in it that offers another protocol."""
    lines = (b"%b: %b\r\n" % header for header in _kept(headers))
    return b"".join((request_line, b"\r\n", *lines, b"\r\n"))


def _kept(headers: Iterable[Header]) -> Iterator[Header]:
    for name, value in headers:
        if name == b"connection":
            options = [option.strip() for option in value.split(b",")]
            yield name, b", ".join(one for one in options if one.lower() not in _OF_OFFER)
        elif name not in _OF_OFFER:
            yield name, value
