"""Where the demonstration is reached: `localhost` everywhere, on four ports in a row."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from errno import EADDRINUSE

from signon.errors import RefusedError

LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
NAMES = ("signon", "casb", "cacd", "mailbox")
"""Who listens, in the order of the ports; the names of `demo.json`."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The four addresses over one first port."""

    first_port: int

    @property
    def ports(self) -> Mapping[str, int]:
        """Each one's port."""
        return {name: self.first_port + place for place, name in enumerate(NAMES)}

    @property
    def all(self) -> Mapping[str, str]:
        """Each one's address, without a closing slash."""
        return {name: f"http://localhost:{port}" for name, port in self.ports.items()}

    @property
    def issuer(self) -> str:
        """Where the provider is: its issuer identifier."""
        return self.all["signon"]


@contextmanager
def listening(addresses: Addresses) -> Iterator[Mapping[str, list[socket.socket]]]:
    """Take all ports on both loopback addresses; a machine without IPv6 has only the one.

    Raises RefusedError: a port is busy. Then none is taken.
    """
    with ExitStack() as stack:
        yield {
            name: [
                stack.enter_context(listener)
                for family, host in LOOPBACKS
                if (listener := _listen(family, host, port))
            ]
            for name, port in addresses.ports.items()
        }


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket | None:
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        if family is socket.AF_INET6 and error.errno != EADDRINUSE:
            return None
        # create_server adds to strerror; what the system says of the number is enough
        reason = os.strerror(error.errno) if error.errno else "it cannot be listened on"
        raise RefusedError(
            "cannot_listen",
            f"Port {port} on {host} is not free: {reason}. Stop what listens there, or choose "
            "four other ports with --port N (make demo PORT=N).",
        ) from error
