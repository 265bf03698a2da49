"""Who is asking: one address however it is written, and never one that the asker wrote himself."""

import ipaddress
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.requests import Request
from starlette.testclient import TestClient

from signon.app import wire
from signon.audit.models import origins
from signon.config import Settings
from signon.db import Database
from signon.web.visitor import Source, address_in, client_address, source_of
from tests.infra.browser import Page
from tests.infra.clock import FrozenClock
from tests.infra.world import World

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
PROXY = "10.0.0.1"
VISITOR = "203.0.113.77"


def asked(peer: str | None, *forwarded: str, path: str = "/") -> Request:
    """A request with these X-Forwarded-For lines."""
    lines = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    client = None if peer is None else (peer, 50000)
    return Request({"type": "http", "path": path, "headers": lines, "client": client})


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (VISITOR, VISITOR),
        (f"{VISITOR}:40000", VISITOR),
        (f'  "{VISITOR}:40000" ', VISITOR),
        (f"::ffff:{VISITOR}", VISITOR),
        (f"[::FFFF:{VISITOR}]:40000", VISITOR),
        ("::ffff:cb00:714d", VISITOR),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ('"[2001:DB8:0:0::0001]:4711"', "2001:db8::1"),
        ("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:1", "fe80::1"),
        ("", None),
        ("unknown", None),
        ("_hidden", None),
        ("[2001:db8::1", None),
        ("[2001:db8::1]4711", None),
        ("203.0.113.077", None),
        ("203.0.113.77:x", None),
        ("٢٠٣.0.113.77", None),
        ("203.0.113.77/32", None),
    ],
)
def test_an_address_is_one_however_it_is_written(written: str, address: str | None):
    """Ports, brackets, quotes, zones, capitals, zeros and IPv4 within IPv6 make nobody another."""
    assert address_in(written) == address


@given(st.ip_addresses())
def test_whatever_it_is_called_it_is_itself(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
):
    """In every notation; and what was read once reads the same again."""
    known = address_in(str(address))
    ways = [address.exploded, address.exploded.upper(), f' "{address.compressed}" ']
    ways += [f"[{address}]:1", f"[{address}%0]"] if address.version == 6 else [f"{address}:65535"]
    assert known is not None
    assert {address_in(way) for way in (*ways, known)} == {known}


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        (VISITOR, ["6.6.6.6"], VISITOR),
        (PROXY, [VISITOR], VISITOR),
        # the client wrote the first line, the proxy added the second
        (PROXY, ["6.6.6.6", VISITOR], VISITOR),
        (PROXY, ["6.6.6.6, 7.7.7.7", f"{VISITOR}, 10.0.0.2"], VISITOR),
        (f"::ffff:{PROXY}", [f"6.6.6.6, {VISITOR}:40000"], VISITOR),
        ("fd00::1%eth0", [f"[::ffff:{VISITOR}]:4711, [FD00:0::2]:1"], VISITOR),
        (PROXY, [VISITOR, "::ffff:10.0.0.2"], VISITOR),
        # at what cannot be read the last trusted hop is the nearest
        (PROXY, ["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"),
        (PROXY, ["6.6.6.6", ""], PROXY),
        (PROXY, [], PROXY),
        (PROXY, ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("a-socket", [VISITOR], ""),
        (None, [VISITOR], ""),
    ],
)
def test_the_nearest_stranger_counts(peer: str | None, lines: list[str], address: str):
    """All lines are one list, read from its right end to the first that is not ours."""
    assert client_address(asked(peer, *lines), PROXIES) == address


def test_nobody_is_believed_where_no_proxy_is_named():
    """The connection's other end is who asks."""
    assert client_address(asked(PROXY, VISITOR), ()) == PROXY


def test_an_ipv6_network_is_counted_whole():
    """Whatever zone it was written with; a zone used to break the request."""
    source = source_of(asked(PROXY, "2001:DB8::5:1%eth0"), PROXIES)
    assert source.network == "2001:db8::/64"


def test_it_is_read_once(monkeypatch: pytest.MonkeyPatch):
    """Everything that a request touches is told the same."""
    request = asked(PROXY, VISITOR)
    first = source_of(request, PROXIES)
    monkeypatch.setattr("signon.web.visitor.client_address", lambda *_: "192.0.2.99")
    assert source_of(Request(request.scope), PROXIES) is first


# ── On the running provider ──────────────────────────────────────────────────


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider behind a proxy that it knows, with a limit that is soon reached."""
    changes = {"trusted_proxies": PROXIES, "login_failures_per_address": 3}
    made = World.make(settings.model_copy(update=changes), wire(database), clock)
    with made.http:
        yield made


def fail(world: World, lines: Sequence[str], name: str) -> int:
    """A wrong password, through the proxy."""
    issuer = world.settings.issuer
    http = TestClient(world.http.app, base_url=issuer, client=(f"::ffff:{PROXY}", 1))
    page = Page(http.get("/login").text)
    typed = {**page.forms[0].fields, "username": name, "password": "wrong"}
    headers = [("x-forwarded-for", line) for line in lines]
    return http.post("/login", data=typed, headers=headers).status_code


def test_limits_and_the_trail_know_the_same_address(world: World):
    """Behind a proxy that adds its line a client changed networks with every guess."""
    ways = [VISITOR, f"{VISITOR}:40000", f"::FFFF:{VISITOR}", f'"[::ffff:{VISITOR}]:1"']
    answers = [
        fail(world, [f"6.6.6.{number}", way], f"name.{number}") for number, way in enumerate(ways)
    ]
    assert answers == [403, 403, 403, 429]
    with world.database.reading() as unit:
        assert set(unit.execute(select(origins.c.address)).scalars()) == {VISITOR}


def test_an_origin_without_an_address_is_counted_too():
    """As one network of its own."""
    assert Source().network == ""
