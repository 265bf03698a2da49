"""Connections whose next word is their client's: how many, and for how long.

A process can hold only so many connections. Those that wait for their client are the ones that can be
let go of: browsers and proxies open another, and whoever opened them to fill the server up has gained
nothing. None is ever refused for it: who was there first goes first.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile
from typing import Protocol

from signon.config import Network
from signon.web.visitor import Source, address_in, is_within

MOST_CONNECTIONS = 900
"""Of a process; the oldest waiting one goes for each one more."""
MOST_OF_AN_ADDRESS = 100
"""Waiting connections of an IPv4 address or an IPv6 /64 in a process; a trusted proxy has any."""
REQUEST_SECONDS = 15
"""How long a client may take to send a request, from its first byte (the first one's: from the
connection's beginning) to its last."""
KEEP_ALIVE_SECONDS = 20
"""How long a connection stays after an answer without another request."""


class Waits(Protocol):
    """A connection that can wait here."""

    has_begun: bool
    """Whether a request is on its way; the connection itself begins the first one."""

    def let_go(self) -> None:
        """Close at once; what was not sent yet is lost."""
        ...


Queue = OrderedDict[Waits, float]
"""Who waits since when, the oldest first."""


class Waiting:
    """The waiting connections of a process."""

    def __init__(
        self,
        trusted: Sequence[Network] = (),
        *,
        most: int = MOST_CONNECTIONS,
        most_of_an_address: int = MOST_OF_AN_ADDRESS,
    ) -> None:
        self.is_leaving = False
        """Whether the process stops soon: every answer is its connection's last."""
        self._trusted = trusted
        self._most = most
        self._most_of_an_address = most_of_an_address
        self._strangers: Queue = OrderedDict()
        self._proxies: Queue = OrderedDict()
        self._by_network: dict[str, Queue] = {}

    @property
    def number(self) -> int:
        """How many wait now."""
        return len(self._strangers) + len(self._proxies)

    def network(self, host: str) -> str:
        """What a connection from there counts for; nothing for a trusted proxy's."""
        address = address_in(host) or ""
        return "" if is_within(address, self._trusted) else Source(address).network

    def make_room(self, connections: int) -> None:
        """One more has come, and now there are so many: let go of strangers before proxies."""
        if connections > self._most and (queue := self._strangers or self._proxies):
            next(iter(queue)).let_go()

    def add(self, connection: Waits, network: str, now: float) -> None:
        """From now on this one waits; of its address the oldest goes if there are too many."""
        if not network:
            self._proxies[connection] = now
            return
        self._strangers[connection] = now
        neighbours = self._by_network.setdefault(network, OrderedDict())
        neighbours[connection] = now
        if len(neighbours) > self._most_of_an_address:
            next(iter(neighbours)).let_go()

    def discard(self, connection: Waits, network: str) -> None:
        """This one is not waiting any more."""
        if not network:
            self._proxies.pop(connection, None)
        elif self._strangers.pop(connection, None) is not None:
            neighbours = self._by_network[network]
            del neighbours[connection]
            if not neighbours:
                del self._by_network[network]

    def give_up(self, now: float) -> None:
        """Let go of all that have waited too long."""
        for queue in (self._strangers, self._proxies):
            aged = takewhile(lambda waits: now - waits[1] >= REQUEST_SECONDS, queue.items())
            late = [
                one for one, since in aged if one.has_begun or now - since >= KEEP_ALIVE_SECONDS
            ]
            for connection in late:
                connection.let_go()
