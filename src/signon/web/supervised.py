"""What systemd is told of a service of `Type=notify`: that it is ready, that it stops (sd_notify(3))."""

import os
import socket
from contextlib import suppress

ADDRESS = "NOTIFY_SOCKET"
READY = "READY=1"
STOPPING = "STOPPING=1"


def tell(state: str) -> None:
    """Tell whoever supervises this process; nobody does, or it is not there: nothing."""
    address = os.environ.get(ADDRESS, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        # an abstract address begins with a zero byte
        told.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
