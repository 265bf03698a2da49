"""Who is asking, as far as a request shows it: address, browser, cookies."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import HTTPConnection

from signon.config import Network

KEPT = "signon.origin"
"""Where a request's scope keeps its origin, so that everybody is told the same."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, for the audit trail's side table and for limits."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""

    @property
    def network(self) -> str:
        """What a limit counts: the IPv4 address, or the IPv6 /64 it lies in."""
        if ":" not in self.address:
            return self.address
        return str(ipaddress.ip_network(f"{self.address}/64", strict=False))


def source_of(connection: HTTPConnection, trusted: Sequence[Network]) -> Source:
    """The request's origin, read once; `trusted` are the proxies whose word is believed."""
    known = connection.scope.get(KEPT)
    if not isinstance(known, Source):
        known = connection.scope[KEPT] = Source(
            address=client_address(connection, trusted),
            user_agent=connection.headers.get("user-agent", "")[:300].replace("\0", ""),
            request_id=connection.scope.get("signon.request_id", ""),
        )
    return known


def own_address(connection: HTTPConnection) -> str:
    """Path and query once more, as a link on a page; `request.url` would decode them strictly."""
    asked = quote(connection.scope["query_string"], safe="=&%+-._~")
    path = quote(connection.scope["path"], errors="replace")
    # two slashes at the start would be another host
    return "/" + path.lstrip("/") + (f"?{asked}" if asked else "")


def client_address(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our own proxies.

    All X-Forwarded-For lines are one list (RFC 9110 section 5.3). It is read from its right end,
    and only while the hop that wrote an entry is trusted, so nobody can write an address for
    himself (ASVS 4.1.3); at an entry that is no address the hop before it is the nearest.
    """
    nearest = peer(connection)
    hops = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
    while hops and is_within(nearest, trusted) and (hop := address_in(hops.pop())):
        nearest = hop
    return nearest


def peer(connection: HTTPConnection) -> str:
    """The address at the connection's other end: the nearest proxy's, if there is one."""
    return address_in(connection.client.host) or "" if connection.client else ""


def address_in(written: str) -> str | None:
    """The one way in which an address is written here, or None where there is no address.

    Proxies add quotes, brackets and ports, systems add zones, and an IPv4 address within IPv6 is
    that IPv4 address: whoever writes an address otherwise is not somebody else.
    """
    shape = _WRITTEN.fullmatch(written.strip().strip('"'))
    if shape is None:
        return None
    try:
        address = ipaddress.ip_address(shape["bracketed"] or shape["v4"] or shape["v6"])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether the address is one of these; none is none of them."""
    return bool(address) and any(ipaddress.ip_address(address) in net for net in networks)


_WRITTEN = re.compile(
    r"(?:\[(?P<bracketed>[^\]%]+)(?:%[^\]]*)?\](?::\d*)?"
    r"|(?P<v4>[\d.]+)(?::\d*)?"
    r"|(?P<v6>[^%]+)(?:%.*)?)",
    re.ASCII,
)
"""`[2001:db8::1%eth0]:4711`, `192.0.2.1:4711` or `2001:db8::1%eth0`; each part but the address
may be left out."""
