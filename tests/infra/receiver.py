"""A web server on loopback, in the test's own process, that notes every request it gets."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body of a posted form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))


Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """The server; `answering` may be changed while it runs."""

    port: int = 0
    scheme: str = "http"
    answering: Answering = field(default_factory=lambda: answer(200))
    requests: list[Received] = field(default_factory=list)

    def url(self, path: str = "/backchannel-logout", host: str = "127.0.0.1") -> str:
        """An address on this server."""
        return f"{self.scheme}://{host}:{self.port}{path}"


def answer(status: int, body: bytes = b"", **headers: str) -> Answering:
    """Answer every request in the same way."""

    def answering(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status != 204:
            handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answering


def slowly(seconds: float, then: Answering) -> Answering:
    """Answer after a while, with whatever is left of the connection."""

    def answering(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        then(handler)

    return answering


@contextmanager
def receiving(
    host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A server while the block lasts."""
    made = Receiver(scheme="https" if tls else "http")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            made.requests.append(Received(self.command, self.path, headers, body))
            # whoever did not wait for the answer does not want it
            try:
                made.answering(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_GET = do_POST = handle_any  # noqa: N815 - the base class looks for these names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = _server_class(host)((host, port), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _server_class(host: str) -> type[ThreadingHTTPServer]:
    import socket

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that broke off (or did not trust us) is what some tests are about."""

    return Server
