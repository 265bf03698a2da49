"""The outbound guard: what may be called, and how much of an answer is waited for."""

import asyncio
import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signon import outbound
from signon.config import Network
from signon.outbound import Answer, Outbound, OutboundError
from tests.infra.receiver import Receiver, answer, receiving, slowly


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server that answers 200."""
    with receiving() as made:
        yield made


def call(
    url: str, *, loopback: bool = True, networks: tuple[str, ...] = (), post: bool = False
) -> Answer:
    """One call, by a guard of its own."""
    allowed: list[Network] = [ipaddress.ip_network(network) for network in networks]

    async def once() -> Answer:
        guard = Outbound(allow_loopback=loopback, networks=allowed)
        try:
            if post:
                return await guard.post_form(url, {"logout_token": "a.b.c", "more": "ä &="})
            return await guard.get(url)
        finally:
            await guard.close()

    return asyncio.run(once())


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names resolve to these addresses, another answer each time; answers the names asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


# ── What arrives ─────────────────────────────────────────────────────────────


def test_a_form_arrives_as_it_was_given(receiver: Receiver):
    """Form-encoded, under the name's own Host, and nothing of the environment beside it."""
    receiver.answering = answer(200, b"fine")
    assert call(receiver.url("/out?court=casb"), post=True) == Answer(200, b"fine")
    (seen,) = receiver.requests
    assert (seen.method, seen.path) == ("POST", "/out?court=casb")
    assert seen.form == {"logout_token": "a.b.c", "more": "ä &="}
    assert seen.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.headers["user-agent"] == "signon"


def test_the_environment_names_no_proxy(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    """The guard's checks are worth nothing if somebody else makes the connection."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert call(receiver.url()).status == 200


def test_every_address_of_a_name_has_its_turn(receiver: Receiver):
    """`localhost` is ::1 first on most machines; a server on 127.0.0.1 is reached all the same."""
    assert call(receiver.url(host="localhost")).status == 200
    assert len(receiver.requests) == 1


def test_ipv6_is_called():
    """With its brackets in the address and the Host."""
    with receiving("::1") as receiver:
        assert call(receiver.url(host="[::1]")).status == 200
        assert receiver.requests[0].headers["host"] == f"[::1]:{receiver.port}"


def test_nobody_there_is_an_outbound_error(receiver: Receiver):
    """As is every other failure of the network; no detail of it is told."""
    with receiving() as closed:
        pass
    with pytest.raises(OutboundError, match=r"^127\.0\.0\.1 could not be reached\.$"):
        call(closed.url())


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "x" * 64 + ".example"])
def test_a_name_that_does_not_resolve_is_an_outbound_error(
    monkeypatch: pytest.MonkeyPatch, host: str
):
    """Whether nobody has it or nobody can."""
    resolving = socket.getaddrinfo

    def getaddrinfo(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return resolving(name, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(OutboundError):
        call(f"https://{host}/")


# ── Where it may go ──────────────────────────────────────────────────────────

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
    "2001:0:a00:1::1", "::10.0.0.1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, address: str):
    """Of every kind and in every disguise, whether written down or resolved from a name."""
    for loopback in (True, False):
        if loopback and ipaddress.ip_address(address.replace("::ffff:", "")).is_loopback:
            continue
        with monkeypatch.context() as patched:
            resolve_to(patched, [address])
            with pytest.raises(OutboundError, match="SIGNON_OUTBOUND_NETWORKS"):
                call("https://court.example/", loopback=loopback)


@pytest.mark.parametrize("address", ["1.1.1.1", "199.107.16.1", "2606:4700::1111", "2a00::1"])
def test_public_addresses_are_not(address: str):
    """Both families."""
    assert Outbound(allow_loopback=False)._may_reach(address)


@pytest.mark.parametrize(
    ("network", "address", "may"),
    [
        ("10.20.0.0/16", "10.20.3.4", True),
        ("10.20.0.0/16", "::ffff:10.20.3.4", True),
        ("10.20.0.0/16", "10.21.0.1", False),
        ("fd12:3456::/32", "fd12:3456::1", True),
        ("fd12:3456::/32", "fd12:9999::1", False),
        ("127.0.0.0/8", "127.0.0.1", True),
        ("127.0.0.0/8", "::1", False),
    ],
)
def test_named_networks_may_be_called(network: str, address: str, may: bool):
    """Courts live on intranets; an operator says on which."""
    guard = Outbound(allow_loopback=False, networks=[ipaddress.ip_network(network)])
    assert guard._may_reach(address) is may


def test_loopback_is_refused_under_an_https_issuer(receiver: Receiver):
    """Also by a name that leads there."""
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(OutboundError, match="not an address on the public network"):
            call(f"https://{host}:{receiver.port}/", loopback=False)
    assert receiver.requests == []


def test_one_private_address_refuses_the_name(monkeypatch: pytest.MonkeyPatch):
    """Whoever controls a name must not choose which of its addresses is looked at."""
    resolve_to(monkeypatch, ["1.1.1.1", "10.0.0.1"])
    with pytest.raises(OutboundError, match="public network"):
        call("https://court.example/", loopback=False)


def test_a_name_is_resolved_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    """What was checked is what is called: a second answer (DNS rebinding) is never asked for."""
    asked = resolve_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    assert call(receiver.url(host="localhost")).status == 200
    assert asked == ["localhost"]


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://court.example/", True),
        ("http://127.0.0.1/", False),
        ("http://10.0.0.1/", True),
        ("ftp://court.example/", True),
        ("file:///etc/passwd", True),
        ("https:///", True),
        ("https://user:secret@court.example/", True),
        ("https://court.example:99999/", True),
        ("https://[::1/", True),
    ],
)
def test_only_https_is_called(url: str, loopback: bool):
    """Plain http stays on the machine, and only under an http issuer."""
    with pytest.raises(OutboundError):
        call(url, loopback=loopback)


# ── What comes back ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, status: int):
    """Their target was never checked."""
    receiver.answering = answer(status, location=receiver.url("/elsewhere"))
    assert call(receiver.url(), post=True).status == status
    assert [seen.path for seen in receiver.requests] == ["/backchannel-logout"]


def test_an_answer_has_a_bound(receiver: Receiver):
    """64 KiB and no more, whatever its length header says."""
    receiver.answering = answer(200, b"x" * outbound.MAX_BYTES)
    assert len(call(receiver.url()).body) == outbound.MAX_BYTES
    receiver.answering = answer(200, b"x" * (outbound.MAX_BYTES + 1))
    with pytest.raises(OutboundError, match="larger than 65536 bytes"):
        call(receiver.url())


def test_an_answer_without_end_is_broken_off(receiver: Receiver):
    """Soon after the bound, not at the time-out."""

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("connection", "close")
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    receiver.answering = endless
    began = time.monotonic()
    with pytest.raises(OutboundError, match="larger"):
        call(receiver.url())
    assert time.monotonic() - began < 3


def test_nothing_is_unpacked(receiver: Receiver):
    """A few bytes may unpack to more than memory holds."""
    packed = gzip.compress(b"x" * 10_000_000)
    receiver.answering = answer(200, packed, **{"content-encoding": "gzip"})
    assert call(receiver.url()).body == packed
    assert receiver.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("is_dripping", [False, True])
def test_a_slow_server_is_left(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, is_dripping: bool
):
    """Whether it says nothing, or a little all the time."""
    monkeypatch.setattr(outbound, "TIMEOUT_SECONDS", 0.3)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("connection", "close")
        handler.end_headers()
        for _ in range(30):
            handler.wfile.write(b".")
            time.sleep(0.1)

    receiver.answering = drip if is_dripping else slowly(3, answer(200))
    began = time.monotonic()
    with pytest.raises(OutboundError, match="could not be reached"):
        call(receiver.url())
    assert time.monotonic() - began < 2


# ── TLS ──────────────────────────────────────────────────────────────────────


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for a name, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)  # noqa: TID251 - TLS asks the machine's clock
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_the_certificate_must_be_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Connected by address, checked by name; an operator's own authority counts
    (`SSL_CERT_FILE`), one that nobody trusts does not.
    """
    public, tls = certificate(tmp_path, "court.example")
    resolve_to(monkeypatch, ["127.0.0.1"])
    with receiving(tls=tls) as receiver:
        with pytest.raises(OutboundError):
            call(receiver.url(host="court.example"))
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        assert call(receiver.url(host="court.example")).status == 200
        assert receiver.requests[0].headers["host"] == f"court.example:{receiver.port}"
        with pytest.raises(OutboundError):
            call(receiver.url(host="other.example"))
        assert len(receiver.requests) == 1


def test_names_do_not_share_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One was checked against the first name's certificate; for the second it proves nothing."""
    public, tls = certificate(tmp_path, "court.example")
    resolve_to(monkeypatch, ["127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(public))

    async def both(port: int) -> None:
        guard = Outbound(allow_loopback=True)
        assert (await guard.get(f"https://court.example:{port}/")).status == 200
        with pytest.raises(OutboundError):
            await guard.get(f"https://other.example:{port}/")
        await guard.close()

    with receiving(tls=tls) as receiver:
        asyncio.run(both(receiver.port))
