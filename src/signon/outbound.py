"""Calls to addresses that somebody registered: guarded, so that they reach only who they may.

A name is resolved once, every answer is checked, and the connection goes to a checked address:
a name that leads into a private network, now or a moment later, is not reached (server-side
request forgery). No redirects, five seconds, 64 KiB.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx2

from signon import tracing
from signon.config import Network, is_loopback
from signon.errors import SignonError

TIMEOUT_SECONDS = 5.0
CONNECT_SECONDS = 2.0
"""For each address of a name, so that the second one has its turn when the first is silent."""
MAX_BYTES = 64 * 1024
RESOLVERS = 8
UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is routed between networks; what embeds IPv4 (NAT64, mapped) lies outside."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundError(SignonError):
    """The other side was not reached, may not be reached, or answered with something unusable."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    caching: str = ""
    """Its `Cache-Control`."""


class Outbound:
    """Makes the calls.

    `allow_loopback` is for http issuers, which are on loopback themselves; `networks` are the
    private ones that may be called (courts live on intranets).
    """

    def __init__(self, *, allow_loopback: bool, networks: Sequence[Network] = ()) -> None:
        self._allow_loopback = allow_loopback
        self._networks = networks
        self._client: httpx2.AsyncClient | None = None
        # its own threads: a name server that hangs must not hold up anything else
        self._resolvers = ThreadPoolExecutor(RESOLVERS, "resolve")

    async def get(self, url: str) -> Answer:
        """GET a document. Raises OutboundError."""
        return await self._send("GET", url, headers={"accept": "application/json"})

    async def post_form(self, url: str, fields: Mapping[str, str]) -> Answer:
        """POST a form. Raises OutboundError."""
        return await self._send("POST", url, headers={}, fields=fields)

    async def close(self) -> None:
        """Close what is open."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            await self._client.aclose()

    async def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        fields: Mapping[str, str] | None = None,
    ) -> Answer:
        if tracing.now is None:
            return await self._answered(method, self._checked(url), headers, fields)
        status = None
        parts = self._checked(url)
        span, going_on = tracing.now.begin_call(method, parts.hostname or "")
        try:
            answer = await self._answered(method, parts, {**headers, **going_on}, fields)
            status = answer.status
        finally:
            tracing.now.end_call(span, status)
        return answer

    async def _answered(
        self,
        method: str,
        parts: SplitResult,
        headers: Mapping[str, str],
        fields: Mapping[str, str] | None,
    ) -> Answer:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                addresses = await self._checked_addresses(parts)
                return await self._first_answer(method, parts, addresses, headers, fields)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
            raise OutboundError(
                f"{parts.hostname} could not be reached.", detail=repr(error)
            ) from error

    def _checked(self, url: str) -> SplitResult:
        """The address in its parts, if it is of a kind that is called at all."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError as error:
            raise OutboundError("The address cannot be read.", detail=repr(error)) from error
        is_own_machine = self._allow_loopback and parts.scheme == "http" and is_loopback(host)
        if not host or "@" in parts.netloc or not (parts.scheme == "https" or is_own_machine):
            raise OutboundError("Only https addresses are called.")
        return parts

    async def _checked_addresses(self, parts: SplitResult) -> list[str]:
        """The addresses to connect to, if every address of the name may be reached."""
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().run_in_executor(
            self._resolvers, _resolve, host, port
        )
        if not found or not all(self._may_reach(address) for address in found):
            raise OutboundError(
                f"{host} is not an address on the public network: if it is right, name its "
                "network in SIGNON_OUTBOUND_NETWORKS."
            )
        return found

    def _may_reach(self, text: str) -> bool:
        # a zone says that an address holds on one link only
        address: Address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if any(address in network for network in self._networks):
            return True
        return self._allow_loopback if address.is_loopback else _is_public(address)

    async def _first_answer(
        self,
        method: str,
        parts: SplitResult,
        addresses: Sequence[str],
        headers: Mapping[str, str],
        fields: Mapping[str, str] | None,
    ) -> Answer:
        """The answer of the first address that takes a connection; nothing is sent twice."""
        *others, last = addresses
        for address in others:
            try:
                return await self._exchange(method, parts, address, headers, fields)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._exchange(method, parts, last, headers, fields)

    async def _exchange(
        self,
        method: str,
        parts: SplitResult,
        address: str,
        headers: Mapping[str, str],
        fields: Mapping[str, str] | None,
    ) -> Answer:
        literal = f"[{address}]" if ":" in address else address
        netloc = f"{literal}:{parts.port}" if parts.port else literal
        request = self._http().build_request(
            method,
            parts._replace(netloc=netloc, fragment="").geturl(),
            headers={**headers, "host": parts.netloc},
            data=dict(fields) if fields is not None else None,
            # the certificate must be the name's, not the address's
            extensions={"sni_hostname": parts.hostname},
        )
        response = await self._http().send(request, stream=True)
        try:
            caching = response.headers.get("cache-control", "")
            return Answer(response.status_code, await _bounded(response), caching)
        finally:
            await response.aclose()

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                timeout=httpx2.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS),
                # connections are told apart by address: one that was made to one name, and
                # checked against its certificate, must not serve another name
                limits=httpx2.Limits(max_keepalive_connections=0),
                headers={"user-agent": "signon", "accept-encoding": "identity"},
                verify=ssl.create_default_context(),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


def _resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the order in which the system would try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    # what 6to4 and Teredo lead to is the IPv4 address inside
    is_tunnelled = address.sixtofour is not None or address.teredo is not None
    return address in UNICAST and address.is_global and not is_tunnelled


async def _bounded(response: httpx2.Response) -> bytes:
    body = b""
    # raw: what a few bytes unpack to has no bound
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise OutboundError(f"The answer was larger than {MAX_BYTES} bytes.")
    return body
