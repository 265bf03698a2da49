"""Several web servers in one process: the provider, two courts and the mailbox."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from socket import socket

import uvloop
from starlette.types import ASGIApp

from signon.web.serving import Server, configuration

STOPS = (signal.SIGINT, signal.SIGTERM)
LOOK_SECONDS = 0.02

Application = Callable[[], ASGIApp]
Site = tuple[Application, Sequence[socket]]


class _Server(Server):
    """One of several: signals are not its own business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(sites: Mapping[str, Site], *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called when all of them answer."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(list(sites.values()), ready))


async def _serve(sites: Sequence[Site], ready: Callable[[], None]) -> None:
    servers = [_Server(configuration(application)) for application, _ in sites]

    def stop() -> None:
        for server in servers:
            # asked a second time, it does not wait for open connections
            server.force_exit = server.should_exit
            server.stop()

    loop = asyncio.get_running_loop()
    for number in STOPS:
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        for server, (_, sockets) in zip(servers, sites, strict=True):
            group.create_task(server.serve(list(sockets)))
        group.create_task(_tell(servers, ready))


async def _tell(servers: Sequence[_Server], ready: Callable[[], None]) -> None:
    while not all(server.started for server in servers):
        if any(server.should_exit for server in servers):
            return
        await asyncio.sleep(LOOK_SECONDS)
    ready()
