"""The runs of one `make bench` over one database: ours, and beside each of them the peer's."""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from signon.config import Settings
from tests.bench import bench as harness
from tests.bench import peer, provider, results, signing_in
from tests.infra import postgres

DATABASES = ("postgresql", "sqlite")

Say = Callable[[str], None]
Runs = list[results.Run]


def measure(database: str, asked: argparse.Namespace, node: Path | None, say: Say) -> list[Runs]:
    """Our runs over a database of this kind, and with `node` the peer's over its own.

    They take turns measure by measure, so that both meet the same machine.
    """
    say(f"{database}: preparing")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signon-bench-")))
        configs, settings = _configs(database, node, folder, stack)
        # where the harness leaves the servers' logs
        tempfile.tempdir = str(folder)
        stack.callback(setattr, tempfile, "tempdir", None)
        servers = [_Server(config, say) for config in configs]
        for server in servers:
            stack.callback(server.stop)
        for _ in range(asked.starts):
            for server in servers:
                server.start()
        names = [name for name in results.MEASURES if not asked.only or name in asked.only]
        for _ in range(asked.repeat):
            for name in filter(results.TITLES.get, names):
                for server in servers:
                    server.measure(name, asked)
            if "signin" in names:
                servers[0].sign_in(settings, asked)
        if "crowd" in names:
            servers[0].crowd(settings, asked)
        return [server.finished() for server in servers]


def _configs(
    database: str, node: Path | None, folder: Path, stack: ExitStack
) -> tuple[list[Any], Settings]:
    if database == "sqlite":
        url = f"sqlite:///{folder / 'signon.db'}"
        ours, settings = stack.enter_context(
            provider.configured("signon-sqlite", url, folder, None)
        )
        return [ours], settings
    cluster = stack.enter_context(postgres.running({"shared_buffers": "512MB"}))
    url, pid_file = cluster.url("postgres"), cluster.pid_file
    ours, settings = stack.enter_context(
        provider.configured("signon-postgresql", url, folder, pid_file)
    )
    if node is None:
        return [ours], settings
    return [ours, stack.enter_context(peer.configured(node, cluster, folder))], settings


class _Server:
    """One of the providers and what was measured of it."""

    def __init__(self, config: Any, say: Say) -> None:
        self._peer = harness.Peer(config)
        self._name = config["name"]
        self._say = say
        self._runs: Runs = []

    def start(self) -> None:
        """Start it anew, and look how long that took and how much memory it has."""
        self._peer.stop()
        seconds = self._peer.start()
        cpu = harness.cpu(self._peer.root)
        time.sleep(1)
        found = {"seconds": round(seconds, 3), "cpu_s": round(cpu, 2)}
        self._emit("coldstart", None, {**found, **harness.memory(self._peer.root)})

    def measure(self, name: str, asked: argparse.Namespace) -> None:
        """One run of a measure at each concurrency."""
        once = argparse.Namespace(**{**vars(asked), "only": name, "repeat": 1})
        harness.measure(self._peer, once, self._emit)

    def sign_in(self, settings: Settings, asked: argparse.Namespace) -> None:
        """What a sign-in costs beside its hash."""
        found = signing_in.cost(self._peer, settings, provider.CROWD, asked.short)
        self._emit("signin", signing_in.SIDE_BY_SIDE, found)

    def crowd(self, settings: Settings, asked: argparse.Namespace) -> None:
        """Two hundred sign-ins at once, and what refreshing is like meanwhile."""
        found = signing_in.crowd(self._peer, settings, provider.CROWD, 3 * asked.short)
        self._emit("crowd", None, found)

    def finished(self) -> Runs:
        """All runs; the last one is the memory after load."""
        self._emit("memory", None, harness.memory(self._peer.root))
        return self._runs

    def stop(self) -> None:
        """End the process."""
        self._peer.stop()

    def _emit(self, measure: str, concurrency: int | None, run: dict[str, Any]) -> None:
        place = f" at concurrency {concurrency}" if concurrency else ""
        self._say(f"{self._name}: {results.MEASURES.get(measure, measure)}{place}")
        self._runs.append(
            {"peer": self._name, "measure": measure, "concurrency": concurrency, **run}
        )
