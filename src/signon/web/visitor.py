"""Who is asking, as far as a request shows it: address, browser, cookies."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from signon.config import Network


@dataclass(frozen=True, slots=True)
class Origin:
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


def origin_of(connection: HTTPConnection, trusted: Sequence[Network]) -> Origin:
    """The request's origin; `trusted` are the proxies whose X-Forwarded-For is believed."""
    return Origin(
        address=client_address(connection, trusted),
        user_agent=connection.headers.get("user-agent", "")[:300].replace("\0", ""),
        request_id=connection.scope.get("signon.request_id", ""),
    )


def client_address(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our own proxies.

    X-Forwarded-For is read from its right end and only while the hop that wrote it is
    trusted, so nobody can write an address for himself (ASVS 4.1.3).
    """
    peer = connection.client.host if connection.client else ""
    hops = [hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",")]
    while trusted and hops and _is_within(peer, trusted) and _is_address(hops[-1]):
        peer = hops.pop()
    return peer


def _is_within(address: str, networks: Sequence[Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in net for net in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
