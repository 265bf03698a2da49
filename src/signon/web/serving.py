"""How uvicorn serves the application, and the limits that it lacks by itself."""

import asyncio
import faulthandler
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
import uvicorn.lifespan.on
import uvloop  # noqa: F401 - uvicorn names it in a string; workers share what is imported before

from signon import logs, metrics
from signon.errors import RefusedError
from signon.metrics import Standing, Values
from signon.web import supervised
from signon.web.connection import Configuration, Connection
from signon.web.waiting import KEEP_ALIVE_SECONDS, Waiting
from signon.web.workers import Tie

LEAVE_SECONDS = 2.5
"""After SIGTERM: `/readyz` says no, answers end their connections, and everybody is still let in, so
that whoever sends people here has the time to send them elsewhere."""
LAST_SECONDS = 0.5
"""How long a connection that was let in last has for its request to arrive."""
STOP_SECONDS = 10
"""How long requests that are running at a stop may take to end."""
END_SECONDS = 22
"""After a signal to stop, a process that has still not ended is ended by the system: its jobs and
its database have had their time too. The unit file lets systemd wait for 24."""
LOOK_SECONDS = 1.0
"""How often a server that nobody asks for anything wakes up, for the `date` header and for
connections that have waited too long."""
HUNG_SECONDS = 60
"""A process whose loop did not come round for so long answers nobody and will not again: it says
where it stands and ends, and whoever began it begins another."""
MAX_CONNECTIONS = 1000
"""For a process, and for requests at once; beyond it the answer is 503, but for `/livez`."""


def configuration(app: Callable[[], Any], waiting: Waiting | None = None) -> Configuration:
    """The settings of uvicorn; `app` is a factory, `waiting` bounds the connections.

    Proxies are believed by our own rule (`web.visitor`), and requests are logged by our own
    line (`web.frame`), so uvicorn's are off.
    """
    return Configuration(
        waiting or Waiting(),
        app,
        factory=True,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        reset_contextvars=True,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket with this address, which a server listens at when it can answer: until then whoever
    connects is refused, and a proxy asks another instance at once.

    Raises RefusedError: the port is busy, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        # for a name that nobody knows the number is negative
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else "no such host"
        raise RefusedError(
            "cannot_listen",
            f"Port {port} on {host} cannot be listened on: {reason}. "
            "Name another with --port or --host.",
        ) from error
    return bound


class Server(uvicorn.Server):
    """uvicorn's server, which wakes up once a second instead of ten times, and always ends.

    `tie` is a worker's to its supervisor; `leaving` is called when the process will stop soon;
    `standing` is told of the connections, and to look once a second.
    """

    def __init__(
        self,
        config: Configuration,
        tie: Tie | None = None,
        leaving: Callable[[], object] | None = None,
        standing: Standing | None = None,
    ) -> None:
        super().__init__(config)
        self._configuration = config
        self._waiting = config.waiting
        self._tie = tie
        self._leaving = leaving
        self._standing = standing or Standing()
        self._standing.watch(metrics.connections, self._connections)
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application's own start, then listening; then the supervisor is told."""
        self._loop = asyncio.get_running_loop()
        logs.buffer_lines(self._loop.call_later)
        await super().startup(sockets)
        if self._tie:
            # whose supervisor was killed would hold the port against its successor for ever
            self._loop.add_reader(self._tie.ends, self._abandoned, self._tie)
            self._tie.tell()
        else:
            supervised.tell(supervised.READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody is let in any more, what is running is answered, and nothing is kept back."""
        await self._close_the_port(sockets or [])
        if self._waiting.is_leaving:
            await asyncio.sleep(LAST_SECONDS)
        await super().shutdown(sockets)
        logs.buffer_lines(None)

    async def _close_the_port(self, sockets: Sequence[socket.socket]) -> None:
        """Whoever has come to the port and was not let in yet would be reset: let them in."""
        came = [one for listener in sockets for one in _come(listener)]
        for server in self.servers:
            server.close()
        made = partial(
            Connection,
            config=self._configuration,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        for one in came:
            await asyncio.get_running_loop().connect_accepted_socket(made, one)

    async def main_loop(self) -> None:
        """Serve until `stop`, or until the loop hangs."""
        try:
            while not await self.on_tick(0):
                # its thread needs neither the loop nor the interpreter's lock
                faulthandler.dump_traceback_later(HUNG_SECONDS, exit=True)
                self._waiting.give_up(asyncio.get_running_loop().time())
                self._standing.tell()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), LOOK_SECONDS)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def stop(self) -> None:
        """Answer what is running, then end; from any thread."""
        self.should_exit = True
        if self._loop:
            with suppress(RuntimeError):  # it has ended meanwhile
                self._loop.call_soon_threadsafe(self._stopped.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: SIGTERM leaves first. A worker leaves Ctrl-C to its supervisor."""
        if self._tie and sig == signal.SIGINT:
            return
        signal.alarm(END_SECONDS)
        if sig == signal.SIGTERM and self._loop and not self._waiting.is_leaving:
            self._waiting.is_leaving = True
            self._loop.call_soon_threadsafe(self._leave, sig)
            return
        super().handle_exit(sig, frame)
        self.stop()

    def _connections(self) -> Values:
        waiting = self._waiting.number
        return {
            ("waiting",): waiting,
            ("answered",): len(self.server_state.connections) - waiting,
        }

    def _leave(self, sig: int) -> None:
        """Let whoever sends people here know, and stop in a while."""
        if self._leaving:
            self._leaving()
        if not self._tie:
            supervised.tell(supervised.STOPPING)
        asyncio.get_running_loop().call_later(LEAVE_SECONDS, self.handle_exit, sig, None)

    def _abandoned(self, tie: Tie) -> None:
        asyncio.get_running_loop().remove_reader(tie.ends)
        self.handle_exit(signal.SIGTERM, None)


def _come(listener: socket.socket) -> Iterator[socket.socket]:
    """Who waits at a port to be let in."""
    with suppress(OSError):  # nobody more, or it is closed
        while True:
            yield listener.accept()[0]
