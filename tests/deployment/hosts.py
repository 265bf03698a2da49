"""Host names that exist in a test only: a certificate for them, and a client that finds them."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LASTS = timedelta(days=2)


@dataclass(frozen=True)
class Certificate:
    """A certificate that signs for itself, and its key, as nginx wants them."""

    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, names: Sequence[str]) -> "Certificate":
        """A new one for some host names."""
        made = cls(folder / "fullchain.pem", folder / "key.pem")
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signon tests")])
        # the machine's own clock, which is what TLS looks at
        since = datetime.fromtimestamp(folder.stat().st_mtime, UTC) - timedelta(hours=1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(since + LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made

    def context(self) -> ssl.SSLContext:
        """What trusts it and nothing else."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def key_digest(self) -> str:
        """The key as Chromium's --ignore-certificate-errors-spki-list names it."""
        import base64
        import hashlib

        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        key = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(key).digest()).decode()


class Hosts(httpx2.HTTPTransport):
    """Finds every https host at one port of this machine, as a line of /etc/hosts would."""

    def __init__(self, certificate: Certificate, port: int, **more: Any) -> None:
        super().__init__(verify=certificate.context(), **more)
        self._port = port

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it there; name and certificate stay those of the host that was asked for."""
        return super().handle_request(
            httpx2.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1", port=self._port),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
        )
