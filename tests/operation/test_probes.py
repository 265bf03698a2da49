"""`/livez`, `/readyz` and `/metrics`, as machines ask them."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs

from signon.db import Database, Unit
from signon.tokens.models import signing_keys
from signon.web import probes
from tests.infra.clock import FrozenClock
from tests.operation.conftest import Serve


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question is asked anew, except where a test says otherwise."""
    monkeypatch.setattr(probes, "KEEP_SECONDS", 0.0)


@pytest.fixture
def ready(with_keys: Database, database_url: str, clock: FrozenClock) -> Iterator[Database]:
    """A database to serve from; its keys are active at the clock's time."""
    opened = Database(database_url, clock=clock)
    with opened.writing() as unit:
        unit.execute(update(signing_keys).values(active_from=unit.now))
    yield opened
    opened.close()


def test_a_live_process_says_so_even_without_a_database(serve: Serve, database: Database):
    """A restart mends no database, so liveness does not look at it."""
    with serve(database_url="sqlite:////nowhere/at/all.db") as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503


def test_a_ready_server_says_so(serve: Serve, ready: Database):
    """Database, schema and keys are there."""
    with serve() as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": []})
    assert answer.headers["cache-control"] == "no-store"


def test_without_keys_it_is_not_ready(serve: Serve, ready: Database):
    """It could sign nobody in; it names what is missing and becomes ready by itself."""
    with serve() as client:
        with ready.writing() as unit:
            change = update(signing_keys).where(signing_keys.c.alg == "ES256")
            unit.execute(change.values(retired_at=unit.now))
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reasons"] == ["There is no active signing key for ES256."]
        with ready.writing() as unit:
            unit.execute(change.values(retired_at=None))
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "not migrated"),
        ("DROP TABLE alembic_version", "empty"),
    ],
)
def test_another_schema_is_not_ready(serve: Serve, ready: Database, statement: str, reason: str):
    """During a deployment the old and the new program each know their own."""
    with serve() as client:
        with ready.writing() as unit:
            before = unit.scalar(text("SELECT version_num FROM alembic_version"))
            unit.execute(text(statement))
        answer = client.get("/readyz")
        with ready.writing() as unit:
            # PostgreSQL's database is used by the tests that follow
            unit.execute(text("DROP TABLE IF EXISTS alembic_version"))
            unit.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
            unit.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": before})
    assert answer.status_code == 503
    assert reason in answer.json()["reasons"][0]


def test_reasons_name_no_secret(serve: Serve):
    """Neither host nor user nor password of the database, whoever asks."""
    url = "postgresql+psycopg://ada:hunter2@127.0.0.1:1/signon"
    with serve(database_url=url) as client:
        answer = client.get("/readyz")
    assert answer.json()["reasons"] == ["The database does not answer."]
    assert "hunter2" not in answer.text


def test_the_database_is_asked_once_a_second(
    serve: Serve, ready: Database, monkeypatch: pytest.MonkeyPatch
):
    """Probes from many places must not become a load."""
    monkeypatch.setattr(probes, "KEEP_SECONDS", 1.0)
    moment = 1000.0
    monkeypatch.setattr(probes, "monotonic", lambda: moment)
    with serve() as client:
        assert client.get("/readyz").status_code == 200
        with ready.writing() as unit:
            unit.execute(update(signing_keys).values(retired_at=unit.now))
        moment += 0.9
        assert client.get("/readyz").status_code == 200
        moment += 0.1
        assert client.get("/readyz").status_code == 503


def test_where_nothing_can_be_written_it_is_not_ready(
    serve: Serve, ready: Database, monkeypatch: pytest.MonkeyPatch
):
    """Somebody holds the row that the probe writes. It is told at once, logged once, and passes."""
    with serve() as client, capture_logs() as logs:
        assert client.get("/readyz").status_code == 200
        monkeypatch.setattr(probes, "LOOK_SECONDS", 0.2)
        monkeypatch.setattr(probes, "AGAIN_SECONDS", 0.01)
        with ready.writing() as unit:
            probes.write_nothing(unit)
            answers = [client.get("/readyz") for _ in range(5)]
            assert client.get("/livez").status_code == 200
        assert {answer.status_code for answer in answers} == {503}
        assert answers[0].json()["reasons"] == ["Nothing can be saved in the database."]
        deadline = monotonic() + 50
        while client.get("/readyz").status_code != 200:
            assert monotonic() < deadline
    told = [(one["event"], one["log_level"]) for one in logs if "ready" in one["event"]]
    assert told == [("not ready", "error"), ("ready again", "info")]


def test_a_database_that_refuses_to_write_is_not_ready(
    serve: Serve, ready: Database, monkeypatch: pytest.MonkeyPatch
):
    """A standby, a full disk: reads go on. The log says what the database said."""

    def refuse(unit: Unit) -> None:
        unit.execute(text("INSERT INTO nowhere VALUES (1)"))

    monkeypatch.setattr(probes, "write_nothing", refuse)
    with serve() as client, capture_logs() as logs:
        answer = client.get("/readyz")
        assert "signon_ready 0.0" in client.get("/metrics").text
    assert answer.json()["reasons"] == ["Nothing can be saved in the database."]
    assert "nowhere" in next(one for one in logs if one["event"] == "not ready")["detail"]


def test_a_process_that_leaves_is_not_ready(serve: Serve, ready: Database):
    """It still answers, and says that it stops, whatever the database says."""
    with serve() as client:
        assert client.get("/readyz").status_code == 200
        app: Any = client.app
        app.state.leave()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reasons"] == ["This process stops in a moment."]
        assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_head_is_answered_and_others_are_not(serve: Serve, path: str, ready: Database):
    """Load balancers ask with HEAD."""
    with serve() as client:
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_name_no_version(serve: Serve, ready: Database, path: str):
    """Nobody learns from them which flaws to try."""
    with serve() as client:
        answer = client.get(path)
    assert "server" not in answer.headers
    assert "0." not in answer.text


# ── Metrics ──────────────────────────────────────────────────────────────────


def test_metrics_count_requests_by_route(serve: Serve, ready: Database):
    """By the route's pattern: what somebody typed is no label."""
    with serve() as client:
        client.get("/static/nothing/here.css")
        client.get("/no/such/page?code=typed-by-somebody")
        client.get("/.well-known/openid-configuration")
        found = client.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'route="/static/{version}/{name:path}",status="404"' in found.text
    assert 'route="unmatched",status="404"' in found.text
    # which shares its endpoint with another address
    assert 'route="/.well-known/openid-configuration"' in found.text
    assert "typed-by-somebody" not in found.text
    assert "here.css" not in found.text


def test_without_a_token_metrics_are_for_this_machine(serve: Serve):
    """Others learn not even that they are there."""
    with serve(peer="192.0.2.1") as client:
        assert client.get("/metrics").status_code == 404
    with serve(peer="::1") as client:
        assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_a_proxy_on_this_machine_is_not_this_machine(serve: Serve, header: str):
    """Behind it is the world."""
    with serve() as client:
        assert client.get("/metrics", headers={header: "for=192.0.2.1"}).status_code == 404


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        ("Bearer ", 401),
        ("Basic let-me-in", 401),
        ("let-me-in", 401),
        ("Bearer let-me-in", 200),
        ("bearer let-me-in", 200),
    ],
)
def test_with_a_token_metrics_are_for_its_holder(
    serve: Serve, authorization: str | None, status: int
):
    """From anywhere with it, and not even from here without it."""
    for peer in ("192.0.2.1", "127.0.0.1"):
        with serve(peer=peer, metrics_token="let-me-in") as client:
            headers = {"Authorization": authorization} if authorization else {}
            answer = client.get("/metrics", headers=headers)
        assert answer.status_code == status
        assert (answer.headers.get("www-authenticate") == "Bearer") is (status == 401)
