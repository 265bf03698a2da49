"""Measure this checkout: `make bench`, or `make bench ARGS="--short --database sqlite"`."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.bench import measuring, national, peer, results
from tests.bench.measuring import DATABASES, Runs

WRK = Path(__file__).parents[2] / "tools" / "wrk"


def main() -> int:
    """Measure, print, and answer the exit status: 1 when a request went wrong."""
    asked = _arguments()
    if asked.rights:
        with _progress() as say:
            return 0 if national.run(asked.database, asked.accounts, asked.rights, say) else 1
    if subprocess.run([WRK], check=False).returncode != 0:
        return 1
    databases = DATABASES if asked.database == "both" else [asked.database]
    node = _peer() if asked.peer and "postgresql" in databases and not asked.accounts else None
    measured: dict[str, list[Runs]] = {}
    with _progress() as say:
        for database in databases:
            measured[database] = measuring.measure(database, asked, node, say)
    if asked.json:
        print(json.dumps(_document(measured), indent=2))
    else:
        targets = results.AT_SCALE if asked.accounts else results.TARGETS
        for ours, *others in measured.values():
            theirs = others[0] if others else []
            results.show(ours, theirs, targets)
            if theirs:
                results.show(theirs)
        print(*results.NOTES, sep="\n")
    every = (runs for servers in measured.values() for runs in servers)
    return 1 if any(results.faults(runs) for runs in every) else 0


def _peer() -> Path | None:
    try:
        return peer.install()
    except peer.NoPeerError as error:
        print(f"NOT MEASURED: oidc-provider beside us, for {error}", file=sys.stderr)
        return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print every run as one document")
    parser.add_argument("--short", action="store_true", help="one minute instead of six")
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="postgresql")
    parser.add_argument("--only", metavar="NAMES", help=f"some of {','.join(results.MEASURES)}")
    parser.add_argument(
        "--no-peer", dest="peer", action="store_false", help="leave oidc-provider out"
    )
    parser.add_argument(
        "--accounts",
        type=int,
        default=0,
        metavar="NUMBER",
        help="measure over so many accounts, and beside it over an empty database",
    )
    parser.add_argument(
        "--links", type=int, default=0, metavar="NUMBER", help="how many of them have a link"
    )
    parser.add_argument(
        "--rights",
        type=int,
        default=0,
        metavar="NUMBER",
        help="measure every list over so many filing rights instead (200000 accounts if not said)",
    )
    parser.add_argument("--otel", action="store_true", help="with a trace of every request")
    asked = parser.parse_args()
    if asked.rights:
        asked.accounts = asked.accounts or 200_000
        return asked
    asked.only = asked.only.split(",") if asked.only else []
    if set(asked.only) - set(results.MEASURES):
        parser.error(f"--only takes some of {','.join(results.MEASURES)}")
    if asked.accounts < asked.links:
        parser.error("--links needs at least as many --accounts")
    if asked.accounts and asked.database != "postgresql":
        parser.error("--accounts are made in PostgreSQL only")
    quick = {"seconds": 2, "short": 2, "repeat": 1, "starts": 1, "conc": "8"}
    thorough = {"seconds": 3, "short": 3, "repeat": 3, "starts": 3, "conc": "1,8,32"}
    for name, value in (quick if asked.short else thorough).items():
        setattr(asked, name, value)
    return asked


def _document(measured: dict[str, list[Runs]]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "notes": results.NOTES,
        "databases": {
            database: [{"best": results.best(runs), "runs": runs} for runs in servers]
            for database, servers in measured.items()
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
