"""Keys that are due ring a bell in `/metrics` and `doctor`, before anything fails."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from signon.app import wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.tokens import rotation
from signon.tokens.models import signing_keys
from signon.tokens.readiness import DUE_AFTER
from tests.infra.clock import FrozenClock
from tests.infra.command_line import CommandLine
from tests.infra.signing_keys import KeysOfTheRun
from tests.operation.conftest import Serve

OVERLAP = timedelta(days=1)
DUE = "signon_signing_keys_due"
AGE = "signon_signing_key_age_seconds"


class Operator:
    """Somebody who rotates keys."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._generate = KeysOfTheRun()

    def rotate(self, alg: str | None = None) -> None:
        rotation.rotate(self._database, self._ring, alg, overlap=OVERLAP, generate=self._generate)


@pytest.fixture
def operator(database: Database, settings: Settings) -> Operator:
    """With the first keys made."""
    operator = Operator(wire(database), KeyRing(settings.key_bytes))
    operator.rotate()
    return operator


def measured(client: TestClient, name: str) -> dict[str, float]:
    """The values of a gauge by its labels, as a monitor reads them."""
    lines = client.get("/metrics").text.splitlines()
    assert len(lines) == len(set(lines))
    values = (line.removeprefix(name).rsplit(" ", 1) for line in lines if line.startswith(name))
    return {labels: float(value) for labels, value in values}


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are read at every question, as they would be half a minute later."""
    monkeypatch.setattr("signon.snapshots.Snapshot.fresh", lambda _snapshot: None)


@pytest.mark.usefixtures("anew")
def test_metrics_tell_the_age_of_every_state(serve: Serve, operator: Operator, clock: FrozenClock):
    """Next since it was made, active since it signs, retired since it does not."""
    with serve() as client:
        clock.advance(seconds=100)
        assert measured(client, AGE) == {
            '{alg="RS256",state="active"}': 100.0,
            '{alg="ES256",state="active"}': 100.0,
        }
        operator.rotate("ES256")
        clock.advance(seconds=10)
        assert measured(client, AGE) == {
            '{alg="RS256",state="active"}': 110.0,
            '{alg="ES256",state="active"}': 110.0,
            '{alg="ES256",state="next"}': 10.0,
        }
        clock.advance(days=1, seconds=-5)
        assert measured(client, AGE)['{alg="ES256",state="active"}'] == 5.0
        assert measured(client, AGE)['{alg="ES256",state="retired"}'] == 5.0


@pytest.mark.usefixtures("anew")
def test_a_key_is_due_until_its_successor_waits(
    serve: Serve, operator: Operator, clock: FrozenClock, database: Database
):
    """After ninety days; rotating ends the alarm at once, a missing key begins it."""
    with serve() as client:
        clock.advance(days=DUE_AFTER.days)
        assert measured(client, DUE) == {"": 0.0}
        clock.advance(seconds=1)
        assert measured(client, DUE) == {"": 2.0}
        operator.rotate("ES256")
        assert measured(client, DUE) == {"": 1.0}
        operator.rotate("RS256")
        assert measured(client, DUE) == {"": 0.0}
        with database.writing() as unit:
            unit.execute(delete(signing_keys).where(signing_keys.c.alg == "RS256"))
        assert measured(client, DUE) == {"": 1.0}
        with database.writing() as unit:
            unit.execute(delete(signing_keys))
        assert measured(client, DUE) == {"": 2.0}


def test_the_ages_are_told_from_the_keys_that_the_server_holds(
    serve: Serve, operator: Operator, clock: FrozenClock, database: Database
):
    """However often a monitor asks, the database is not asked for them again."""
    with serve() as client:
        before = measured(client, AGE)
        with database.writing() as unit:
            unit.execute(delete(signing_keys))
        clock.advance(seconds=1)
        assert {name: age + 1 for name, age in before.items()} == measured(client, AGE)


def test_metrics_go_on_without_a_database(serve: Serve):
    """The counts are what one looks at then."""
    with serve(database_url="postgresql+psycopg://ada@127.0.0.1:1/signon") as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "signon_events_total" in answer.text
    assert DUE not in answer.text


def test_gauges_stand_beside_the_counts_of_all_workers(tmp_path: Path):
    """With a shared folder each worker tells the same gauges once, and all counts."""
    told = "print(metrics.render([metrics.Gauge('signon_x', 'X', ('a',), {('b',): 1.0})]).decode())"
    code = f"from signon import metrics; metrics.hashing_refused.inc(); {told}"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for count in ("1.0", "2.0"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout.count('signon_x{a="b"} 1.0') == 1
        assert f"signon_hashing_refused_total {count}" in done.stdout


@pytest.fixture
def old_keys(with_keys: Database, database_url: str) -> Iterator[Database]:
    """Keys that are due at the machine's own time, which commands go by."""
    opened = wire(Database(database_url))
    with opened.writing() as unit:
        since = unit.now - DUE_AFTER - timedelta(days=1)
        unit.execute(signing_keys.update().values(active_from=since))
    yield opened
    opened.close()


def test_doctor_is_content_when_the_successor_waits(
    signon: CommandLine, old_keys: Database, settings: Settings
):
    """Rotating again would be refused, so it is not asked for."""

    def found() -> str:
        findings = json.loads(signon("doctor", "--json").out)
        return str(next(line["state"] for line in findings if line["check"] == "keys"))

    assert found() == "soon"
    assert signon("keys", "rotate").status == 0
    assert found() == "ok"
