"""Measure this checkout: `make bench`, or `make bench ARGS="--short --database sqlite"`."""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.bench import bench as harness
from tests.bench import provider, results
from tests.infra import postgres

WRK = Path(__file__).parents[2] / "tools" / "wrk"
DATABASES = ("postgresql", "sqlite")

Emit = Callable[[str, int | None, dict[str, Any]], None]


def main() -> int:
    """Measure, print, and answer the exit status: 1 when a request went wrong."""
    asked = _arguments()
    if subprocess.run([WRK], check=False).returncode != 0:
        return 1
    measured: dict[str, list[results.Run]] = {}
    with _progress() as say:
        for database in DATABASES if asked.database == "both" else [asked.database]:
            measured[database] = _measure_over(database, asked, say)
    if asked.json:
        print(json.dumps(_document(measured), indent=2))
    else:
        for runs in measured.values():
            results.show(runs[0]["peer"], runs)
        print(*results.NOTES, sep="\n")
    return 1 if any(results.faults(runs) for runs in measured.values()) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print every run as one document")
    parser.add_argument("--short", action="store_true", help="half a minute instead of three")
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="postgresql")
    parser.add_argument("--only", metavar="NAMES", help=f"some of {','.join(results.TITLES)}")
    asked = parser.parse_args()
    if asked.only and set(asked.only.split(",")) - set(results.TITLES):
        parser.error(f"--only takes some of {','.join(results.TITLES)}")
    quick = {"seconds": 2, "short": 2, "repeat": 1, "starts": 1, "conc": "8"}
    thorough = {"seconds": 5, "short": 3, "repeat": 3, "starts": 3, "conc": "1,8,32"}
    for name, value in (quick if asked.short else thorough).items():
        setattr(asked, name, value)
    return asked


def _measure_over(
    database: str, asked: argparse.Namespace, say: Callable[[str], None]
) -> list[results.Run]:
    say(f"{database}: preparing")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signon-bench-")))
        url, pid_file = f"sqlite:///{folder / 'signon.db'}", None
        if database == "postgresql":
            cluster = stack.enter_context(postgres.running({"shared_buffers": "512MB"}))
            url, pid_file = cluster.url("postgres"), cluster.pid_file
        # where the harness leaves the server's log
        tempfile.tempdir = str(folder)
        stack.callback(setattr, tempfile, "tempdir", None)
        name = f"signon-{database}"
        config = stack.enter_context(provider.configured(name, url, folder, pid_file))
        runs: list[results.Run] = []

        def emit(measure: str, concurrency: int | None, run: dict[str, Any]) -> None:
            place = f" at concurrency {concurrency}" if concurrency else ""
            say(f"{database}: {results.TITLES.get(measure, measure)}{place}")
            runs.append(
                {"peer": config["name"], "measure": measure, "concurrency": concurrency, **run}
            )

        _measure(harness.Peer(config), asked, emit)
        return runs


def _measure(peer: harness.Peer, asked: argparse.Namespace, emit: Emit) -> None:
    try:
        for _ in range(asked.starts):
            peer.stop()
            seconds = peer.start()
            cpu = harness.cpu(peer.root)
            time.sleep(1)
            found = {"seconds": round(seconds, 3), "cpu_s": round(cpu, 2)}
            emit("coldstart", None, {**found, **harness.memory(peer.root)})
        harness.measure(peer, asked, emit)
        emit("memory", None, harness.memory(peer.root))
    finally:
        peer.stop()


def _document(measured: dict[str, Sequence[results.Run]]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {harness.os.cpu_count()} processors",
        "notes": results.NOTES,
        "databases": {
            name: {"best": results.best(runs), "runs": runs} for name, runs in measured.items()
        },
    }


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What was measured last and for how long we have been at it; silence in a pipe."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        yield lambda text: bar.update(task, description=text)


if __name__ == "__main__":
    sys.exit(main())
