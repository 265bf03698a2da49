"""No test speaks to another machine.

An audit hook sees every connection that Python code opens, whichever library it comes from.
Child processes and libpq are outside its reach; they are given loopback addresses only.
"""

import ipaddress
import sys
from typing import Any


class NetworkForbiddenError(BaseException):
    """A test tried to leave the machine. No `except Exception` under test may hide that."""


def close() -> None:
    """Refuse, from now on and for good, every address that is not this machine's own."""
    sys.addaudithook(_refuse)


def is_local(host: str) -> bool:
    """Whether a host name or address always means this machine."""
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        # A string is a Unix socket's path; None is a socket that is connected already.
        if isinstance(address, tuple) and not is_local(str(address[0])):
            raise NetworkForbiddenError(f"a test opened a connection to {address[0]}")
    elif event == "socket.getaddrinfo":
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if host is not None and not is_local(host) and not _is_address(host):
            raise NetworkForbiddenError(f"a test asked the network where {host} is")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
