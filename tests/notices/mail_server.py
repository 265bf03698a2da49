"""A real SMTP server in the test's process, with the tempers that real ones have."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer:
    """What arrived, and how the server behaves: each answer may be set by the test."""

    def __init__(self) -> None:
        self.arrived: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.at_recipient = "250 OK"
        self.at_data = "250 OK"
        self.slow_seconds = 0.0
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Accept or refuse a recipient."""
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Accept or refuse a mail."""
        if self.slow_seconds:
            # on purpose in the server's own thread: nothing else moves there meanwhile
            time.sleep(self.slow_seconds)  # noqa: ASYNC251
        if self.at_data.startswith("250"):
            self.arrived.append(envelope)
            assert server.transport is not None
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return self.at_data

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any):
        """Accept the password `s3cret/` of anybody."""
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"s3cret/", handled=False)


@contextmanager
def running(server: MailServer, **options: Any) -> Iterator[MailServer]:
    """Listen on loopback for a block; a port that was used once is used again."""
    controller = Controller(server, hostname="127.0.0.1", port=server.port or 0, **options)
    if not server.port:
        controller.port = server.port = _free_port()
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def in_bad_temper(temper: str) -> Iterator[int]:
    """One that is of no use, by its port: `silent`, `busy`, or it `hangs up` in the middle."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_ones.append(connection)
                if temper == "busy":
                    connection.sendall(b"421 come later\r\n")
                elif temper == "hangs up":
                    connection.sendall(b"220 hello\r\n")
                    _listen_until_data(connection)
                if temper != "silent":
                    connection.close()

    open_ones: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, args=(listener,), daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    for one in open_ones:
        one.close()


def _listen_until_data(connection: socket.socket) -> None:
    """Say yes to everything up to the first part of the mail."""
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.upper().startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                lines.readline()
                return
            connection.sendall(b"250 fine\r\n")


def tls_context(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate of its own making for `localhost`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
