"""A key that is compromised is out of every process soon, not when the next one looks anyway."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from signon.tokens.keys import CACHE_SECONDS
from tests.infra.served import Databases, Served

WORKERS = 2
ENOUGH = 40
"""Answers in a row: by then each worker has given some."""
SOON_SECONDS = CACHE_SECONDS - 8
"""Far more than the second between two looks, and less than any process would keep what it knows."""


def published(served: Served) -> set[str]:
    """What whoever opens a connection is told."""
    answer = httpx2.get(f"{served.settings.issuer}/oauth2/jwks", timeout=30)
    return {key["kid"] for key in answer.json()["keys"]}


@pytest.mark.slow
def test_every_process_learns_of_a_retired_key(
    served_databases: Databases, tmp_path: Path, record_property: Callable[[str, object], None]
):
    """Two workers that have just read the keys; another process retires one."""
    with served_databases.serving("postgresql", tmp_path, workers=WORKERS) as served:
        assert served.command("keys", "rotate", "--alg", "ES256").returncode == 0
        listed = json.loads(served.command("keys", "list", "--json").stdout)
        [old] = [one["kid"] for one in listed if (one["alg"], one["state"]) == ("ES256", "active")]
        assert all(old in published(served) for _ in range(ENOUGH))
        done = served.command("keys", "retire", old, "--now")
        assert done.returncode == 0, done.stderr
        retired, in_a_row = time.monotonic(), 0
        last = retired
        while in_a_row < ENOUGH:
            in_a_row = 0 if old in published(served) else in_a_row + 1
            last = last if in_a_row else time.monotonic()
            assert last - retired < SOON_SECONDS
    record_property("seconds until no process had it", round(last - retired, 1))
