"""The runs of one `make bench` over one database: ours, and beside each of them the peer's."""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from signon.config import Settings
from tests.bench import bench as harness
from tests.bench import going_live, peer, population, provider, reading, results, signing_in
from tests.infra import postgres
from tests.infra.receiver import receiving

DATABASES = ("postgresql", "sqlite")
ONCE = ("crowd", "golive")
"""What is measured at the end, and not again."""

Say = Callable[[str], None]
Runs = list[results.Run]


def measure(database: str, asked: argparse.Namespace, node: Path | None, say: Say) -> list[Runs]:
    """Our runs over a database of this kind, and those of the server that is beside us.

    That is the peer over its own database, given `node`, or with a population ourselves over
    an empty one. They take turns measure by measure, so that both meet the same machine.
    """
    say(f"{database}: preparing")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signon-bench-")))
        servers = _servers(database, asked, node, folder, stack, say)
        if asked.otel:
            collector = stack.enter_context(receiving())
            # goes with the rest of the servers' environment
            os.environ |= {"SIGNON_OTEL": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url("")}
        # where the harness leaves the servers' logs
        tempfile.tempdir = str(folder)
        stack.callback(setattr, tempfile, "tempdir", None)
        for server in servers:
            stack.callback(server.stop)
        for _ in range(asked.starts):
            for server in servers:
                server.start()
        names = [name for name in results.MEASURES if not asked.only or name in asked.only]
        rounds = [name for _ in range(asked.repeat) for name in names if name not in ONCE]
        for name in [*rounds, *(name for name in names if name in ONCE)]:
            for server in servers:
                server.measure(name, asked)
        return [server.finished() for server in servers]


def _servers(
    database: str,
    asked: argparse.Namespace,
    node: Path | None,
    folder: Path,
    stack: ExitStack,
    say: Say,
) -> list["_Server"]:
    def ours(config: str, url: str, pid_file: Path | None, note: str = "") -> _Server:
        made = provider.configured(config, url, folder, pid_file)
        found, settings = stack.enter_context(made)
        return _Server({**found, "name": found["name"] + note}, settings, say)

    if database == "sqlite":
        return [ours("signon-sqlite", f"sqlite:///{folder / 'signon.db'}", None)]
    cluster = stack.enter_context(postgres.running({"shared_buffers": "512MB"}))
    small = ours("signon-postgresql", cluster.url("postgres"), cluster.pid_file)
    if asked.accounts:
        with cluster.connect() as connection:
            connection.execute(f"CREATE DATABASE {population.NAME}")
        url, note = cluster.url(population.NAME), f", {asked.accounts:,} accounts"
        large = ours("signon-postgresql", url, cluster.pid_file, note)
        with cluster.connect(population.NAME) as connection:
            population.populate(connection, asked.accounts, asked.links, say)
        return [large, small]
    if node:
        config = stack.enter_context(peer.configured(node, cluster, folder))
        return [small, _Server(config, None, say)]
    return [small]


class _Server:
    """One of the providers and what was measured of it."""

    def __init__(self, config: Any, settings: Settings | None, say: Say) -> None:
        self._peer = harness.Peer(config)
        self._settings = settings
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
        """One run of a measure at each concurrency; only we sign people in with a password."""
        if name in results.TITLES:
            once = argparse.Namespace(**{**vars(asked), "only": name, "repeat": 1})
            harness.measure(self._peer, once, self._emit)
        elif self._settings and name in results.OURS:
            self._emit(name, reading.SIDE_BY_SIDE, reading.cost(self._peer, name, asked.short))
        elif self._settings and name == "signin":
            found = signing_in.cost(self._peer, self._settings, provider.CROWD, asked.short)
            self._emit(name, signing_in.SIDE_BY_SIDE, found)
        elif self._settings and name == "mfa":
            people, settings = provider.ENROLLED, self._settings
            found = signing_in.cost_with_app(self._peer, settings, people, asked.short)
            self._emit(name, signing_in.SIDE_BY_SIDE, found)
        elif self._settings and name == "golive":
            self._emit(name, None, going_live.cost(self._peer, self._settings, 3 * asked.short))
        elif self._settings:
            found = signing_in.crowd(self._peer, self._settings, provider.CROWD, 3 * asked.short)
            self._emit(name, None, found)

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
