"""The tests' own ground holds: the databases are real, clean and alike; the network is closed."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.infra import databases, postgres
from tests.infra.clock import FrozenClock
from tests.infra.databases import PostgresDatabases
from tests.infra.network import NetworkForbiddenError

SPOILS = "CREATE TABLE IF NOT EXISTS spoilt (id integer)"


def test_postgresql_asks_for_a_password(postgres_cluster: postgres.Cluster):
    stranger = postgres.Cluster(postgres_cluster.port, "guessed", postgres_cluster.pid_file)
    with pytest.raises(Exception, match="password authentication failed"):
        stranger.connect()


def test_an_empty_database_is_empty(empty_database_url: str):
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text(SPOILS))
    engine.dispose()


@pytest.mark.parametrize("time_of_asking", [1, 2])
def test_what_a_test_wrote_is_gone_for_the_next(
    postgres_databases: PostgresDatabases, time_of_asking: int
):
    """And a forgotten open transaction does not hold it up."""
    url = postgres_databases.restored()
    name = url.rpartition("/")[2]
    with postgres_databases.cluster.connect(name) as connection:
        connection.execute("INSERT INTO jobs (name, due_at) VALUES ('left over', now())")
    forgotten = postgres_databases.cluster.connect(name)
    forgotten.autocommit = False
    forgotten.execute("LOCK TABLE jobs")

    postgres_databases.restored()

    forgotten.close()
    with postgres_databases.cluster.connect(name) as again:
        assert again.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


CHANGES = {
    "nothing": "SELECT 1",
    "added": "INSERT INTO words (word) VALUES ('three')",
    "changed": "UPDATE words SET word = 'uno' WHERE word = 'one'",
    "same again": "UPDATE words SET word = word",
    "removed": "DELETE FROM words WHERE id = 2",
    "emptied": "DELETE FROM words",
    "swapped": "DELETE FROM words WHERE id = 2; INSERT INTO words (word) VALUES ('two')",
    "elsewhere": "INSERT INTO kept_empty VALUES (1, (SELECT min(id) FROM words))",
}


def test_what_was_kept_comes_back_whatever_was_changed(postgres_databases: PostgresDatabases):
    """Rows, foreign keys and sequences, in every order of changes, among other things kept."""
    with postgres_databases.empty() as url:
        name = url.rpartition("/")[2]
        with postgres_databases.cluster.connect(name) as connection:
            connection.execute("CREATE TABLE words (id bigserial PRIMARY KEY, word text)")
            connection.execute(
                "CREATE TABLE kept_empty (id int, word_id bigint REFERENCES words (id))"
            )
            databases.keep(url, "nothing_yet")
            connection.execute("INSERT INTO words (word) VALUES ('one'), ('two')")
            databases.keep(url, "two_words")
            databases.go_back(url, "nothing_yet")
            databases.go_back(url, "two_words")
            for first, second in product(CHANGES, repeat=2):
                for change in (CHANGES[first], CHANGES[second]):
                    with suppress(psycopg.errors.ForeignKeyViolation):
                        connection.execute(change.encode())
                    assert databases.go_back(url, "two_words")
                    assert _held(connection) == [(1, "one"), (2, "two"), (3, "next")], first
                assert databases.go_back(url, "nothing_yet")
                assert _held(connection) == [(1, "next")], second
        assert not databases.go_back(url, "never_kept")


def _held(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    """All rows, and what the sequence gives the next one."""
    connection.execute("INSERT INTO words (word) VALUES ('next')")
    assert connection.execute("SELECT count(*) FROM kept_empty").fetchone() == (0,)
    return connection.execute("SELECT id, word FROM words ORDER BY id").fetchall()


def test_postgresql_ends_with_a_killed_run(tmp_path: Path):
    """Not even `kill -9` of the run leaves a server or its files behind."""
    program = (
        "import sys, time\n"
        "from tests.infra import postgres\n"
        "with postgres.running() as cluster:\n"
        "    print(cluster.pid_file, flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    run = subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE)
    assert run.stdout is not None
    pid_file = Path(run.stdout.readline().decode().strip())
    pid = int(pid_file.read_text().splitlines()[0])

    run.kill()
    run.communicate()

    deadline = time.monotonic() + 20
    while (_is_alive(pid) or pid_file.parent.parent.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(pid)
    assert not pid_file.parent.parent.exists()


@pytest.mark.xdist_group("met")
def test_tests_of_a_group_meet_in_one_worker(request: pytest.FixtureRequest):
    """Under `--dist loadgroup` the group is part of the name by which work is given out."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("only `make test`, with workers, hands tests out by groups")
    assert request.node.nodeid.endswith("@met")


def test_the_network_is_closed():
    with socket.socket() as outside, pytest.raises(NetworkForbiddenError):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkForbiddenError):
        socket.getaddrinfo("court.example", 443)


def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()


def test_the_clock_stands_until_it_is_moved():
    clock = FrozenClock(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    assert clock() == clock()
    assert clock.advance(seconds=90) == datetime(2026, 3, 2, 15, 1, 30, tzinfo=UTC)
    assert clock() == datetime(2026, 3, 2, 15, 1, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="naive"):
        clock.set(datetime(2026, 3, 2))  # noqa: DTZ001 - that is what must be refused


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return (
        not Path(f"/proc/{pid}/status").exists()
        or "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    )
