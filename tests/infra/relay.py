"""A path to the database that can go silent: nobody is told, nothing arrives."""

import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from sqlalchemy import make_url


class Relay:
    """Hands every byte on, until it swallows those of the connections that there are."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._selector = selectors.DefaultSelector()
        self._other: dict[socket.socket, socket.socket] = {}
        self._swallowing: set[socket.socket] = set()
        self._unanswered: list[socket.socket] = []
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]
        self.is_open = True
        """Whether new connections get through."""
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def freeze(self) -> int:
        """From now on the present connections are silent, in both directions; how many there are."""
        self._swallowing |= set(self._other)
        return len(self._swallowing) // 2

    def close(self) -> None:
        """End every connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._selector.close()
        for each in (self._listener, *self._other, *self._unanswered):
            each.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                for key, _ in self._selector.select():
                    if key.fileobj is self._listener:
                        self._accept()
                    # its other end may just have closed it
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._other:
                        self._hand_on(key.fileobj)

    def _accept(self) -> None:
        came, _ = self._listener.accept()
        if not self.is_open:
            self._unanswered.append(came)
            return
        goes = socket.create_connection(self._address)
        self._other |= {came: goes, goes: came}
        for each in (came, goes):
            self._selector.register(each, selectors.EVENT_READ)

    def _hand_on(self, one: socket.socket) -> None:
        try:
            data = one.recv(65536)
        except ConnectionError:
            data = b""
        if one in self._swallowing:
            if not data:
                self._selector.unregister(one)
            return
        other = self._other[one]
        if data:
            with suppress(OSError):
                other.sendall(data)
            return
        for each in (one, other):
            self._selector.unregister(each)
            del self._other[each]
            each.close()


@contextmanager
def relayed(url: str) -> Iterator[tuple[Relay, str]]:
    """A relay before the database of an address, and the address by which it is reached."""
    there = make_url(url)
    relay = Relay((there.host or "127.0.0.1", there.port or 5432))
    try:
        here = there.set(host="127.0.0.1", port=relay.port)
        yield relay, here.render_as_string(hide_password=False)
    finally:
        relay.close()
