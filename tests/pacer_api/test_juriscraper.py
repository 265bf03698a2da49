"""juriscraper, unmodified, at the demo: it signs in, reads a docket, and survives another token.

It speaks to `*.uscourts.gov` by https and to nobody else, so the test brings a proxy that leads
these names to the demo. `make juriscraper` installs it and runs this; `make test` does not, because
of the 179 MB of place names that it comes with.
"""

import asyncio
import importlib.util
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.demo.running import Running, running
from tests.pacer_api.test_demo import age

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("juriscraper") is None,
        reason="no juriscraper: `make juriscraper` installs it and runs its tests",
    ),
    # of what it imports
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.xdist_group("programs"),
    pytest.mark.timeout(120),
]

Scraping = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demonstration of its own."""
    with running(tmp_path_factory.mktemp("juriscraper") / "data") as started:
        yield started
        started.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody vouches for: juriscraper does not look."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "uscourts.gov")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is about the real time
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("proxy") / "proxy.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def proxied(demo: Running, certificate: Path) -> AsyncIterator[str]:
    """The address of a proxy that ends TLS and leads the courts' names to the demo's ports."""
    ports = {
        "pacer.login.uscourts.gov": demo.port,
        "ecf.casb.uscourts.gov": demo.port + 1,
        "ecf.cacd.uscourts.gov": demo.port + 2,
    }
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    tasks: set[asyncio.Task[None]] = set()

    def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(_lead(reader, writer, ports, context)))

    server = await asyncio.start_server(lead, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _lead(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    ports: Mapping[str, int],
    context: ssl.SSLContext,
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    method, address, _ = head.split(maxsplit=2)
    begins = b""
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(context)
        port = ports[address.partition(":")[0]]
    else:  # where the demo leads people to sign in, which has no such name
        there = urlsplit(address)
        port = there.port or 80
        own = head.replace(address, address.partition(there.netloc)[2] or "/", 1)
        begins = own.replace("\r\n", "\r\nConnection: close\r\n", 1).encode()
    onward_reader, onward = await asyncio.open_connection("127.0.0.1", port)
    onward.write(begins)
    pipes = [
        asyncio.create_task(_pipe(reader, onward)),
        asyncio.create_task(_pipe(onward_reader, writer)),
    ]
    try:
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pipe in pipes:
            pipe.cancel()
        for each in (onward, writer):
            each.transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()


@pytest.fixture
def scraping(demo: Running, certificate: Path) -> Callable[..., Any]:
    """Runs what a session of juriscraper's does, signed in as somebody."""

    def run(work: Scraping, purpose: str = "reader", **more: str) -> Any:
        from juriscraper.pacer import PacerSession

        async def begun() -> Any:
            person = demo.person(purpose)
            given = {"username": person["username"], "password": person["password"], **more}
            async with (
                proxied(demo, certificate) as proxy,
                PacerSession(proxy=proxy, trust_env=False, **given) as session,
            ):
                return await work(session)

        return asyncio.run(begun())

    return run


async def _login(session: Any) -> list[tuple[str, str, str]]:
    await session.login()
    return [(one.name, one.domain, one.value) for one in session.cookies.jar]


def test_it_signs_in(scraping: Callable[..., Any]):
    """With the cookies that its own tests look for."""
    found = scraping(_login, client_code="4711")
    assert {(name, domain) for name, domain, _ in found} == {
        ("NextGenCSO", ".uscourts.gov"),
        ("PacerSession", ".uscourts.gov"),
        ("PacerClientCode", ".uscourts.gov"),
    }
    assert scraping(_login, "linked_attorney")


@pytest.mark.parametrize(
    "given",
    [
        {"username": "foofoo", "password": "barbarbar"},
        {"password": "not the right one"},
        {"purpose": "court_staff"},  # it cannot send the code of a second factor
        {"purpose": "operator"},
    ],
)
def test_it_is_refused(scraping: Callable[..., Any], given: dict[str, str]):
    """By its own exception, and not by "Unable connect to PACER site"."""
    from juriscraper.lib.exceptions import PacerLoginException

    with pytest.raises(PacerLoginException, match="Did not get NextGenCSO cookie"):
        scraping(_login, **given)


async def _docket(session: Any) -> dict[str, Any]:
    from juriscraper.pacer import DocketReport, PossibleCaseNumberApi

    await session.login()
    numbers = PossibleCaseNumberApi("cacd", session)
    await numbers.query("2:26-cv-00417")
    case = numbers.data()
    report = DocketReport("cacd", session)
    await report.query(case["pacer_case_id"])
    return {"case": case, "docket": report.data, "page": report.response.text}


def test_it_reads_a_docket(scraping: Callable[..., Any]):
    """From the case's number to the docket's entries, by its own parsers."""
    found = scraping(_docket)
    assert found["case"]["pacer_case_id"] == "22600417"
    assert found["docket"]["docket_number"] == "2:26-cv-00417"
    assert found["docket"]["case_name"] == "Sole v. Crescent Property Management"
    assert str(found["docket"]["date_filed"]) == "2026-01-15"
    assert [one["description"] for one in found["docket"]["docket_entries"]] == [
        "Case opened",
        "Order granting leave to file electronically",
    ]


def test_it_survives_another_token(scraping: Callable[..., Any], demo: Running):
    """Takes it from the court's cookie; and signs in again by itself when a token has died."""
    page = "https://ecf.casb.uscourts.gov/query"

    async def work(session: Any) -> list[str]:
        await session.login()
        first = session.cookies.get("NextGenCSO")
        age(demo, first, issued_at=timedelta(minutes=31))
        assert b"Log out" in (await session.get(page)).content
        second = session.cookies.get("NextGenCSO")
        assert b"Log out" in (await session.get(page)).content
        age(demo, second, seen_at=timedelta(minutes=61))
        assert b"Log out" in (await session.get(page)).content
        return [first, second, session.cookies.get("NextGenCSO")]

    assert len(set(scraping(work))) == 3
