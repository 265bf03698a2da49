"""`signon doctor`: finds what is broken and says how to mend it, without a secret."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from signon import schema
from signon.app import wire
from signon.audit import trail
from signon.audit.events import Event
from signon.audit.models import origins
from signon.clock import utc_now
from signon.config import Settings
from signon.courts.models import courts
from signon.db import Database
from signon.outbox.models import outbox
from signon.tokens.models import signing_keys
from tests.infra.command_line import CommandLine, Done
from tests.operation.conftest import Serve
from tests.operation.rows import add

OTHER_KEY = base64.urlsafe_b64encode(b"\x07" * 32).decode()


@pytest.fixture
def sound(with_keys: Database, database_url: str) -> Iterator[Database]:
    """A database with nothing to mend."""
    opened = wire(Database(database_url, clock=utc_now))
    yield opened
    opened.close()


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables are taken to be the program's: to compare them costs a quarter of a second."""
    monkeypatch.setattr(schema, "differences", lambda *_: [])


def findings(done: Done) -> dict[str, dict[str, str]]:
    return {finding["check"]: finding for finding in json.loads(done.out)}


def test_a_sound_service_has_a_line_for_everything(signon: CommandLine, sound: Database):
    """And exit status 0."""
    done = signon("doctor")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert len(lines) == 10
    assert all(line.startswith("ok ") for line in lines), done.out
    for check in ("settings", "mail", "database", "keys", "key ring", "courts", "clock"):
        assert any(check in line for line in lines)


def _no_courts(database: Database, _environment: pytest.MonkeyPatch) -> None:
    with database.writing() as unit:
        unit.execute(delete(courts))


def _unknown_zone(database: Database, _environment: pytest.MonkeyPatch) -> None:
    with database.writing() as unit:
        unit.execute(update(courts).where(courts.c.id == "casb").values(time_zone="Mars/Olympus"))


def _no_keys(database: Database, _environment: pytest.MonkeyPatch) -> None:
    with database.writing() as unit:
        unit.execute(update(signing_keys).values(retired_at=unit.now))


def _old_keys(database: Database, _environment: pytest.MonkeyPatch) -> None:
    with database.writing() as unit:
        unit.execute(update(signing_keys).values(active_from=unit.now - timedelta(days=91)))


def _altered_key(database: Database, _environment: pytest.MonkeyPatch) -> None:
    with database.writing() as unit:
        first = unit.execute(signing_keys.select()).mappings().all()
        swapped = first[0]["private"]
        unit.execute(
            update(signing_keys)
            .where(signing_keys.c.kid == first[1]["kid"])
            .values(private=swapped)
        )


def _other_ring(_database: Database, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SIGNON_SECRET_KEYS", OTHER_KEY)


def _rotated_ring(_database: Database, environment: pytest.MonkeyPatch) -> None:
    old = base64.urlsafe_b64encode(bytes(range(32))).decode()
    environment.setenv("SIGNON_SECRET_KEYS", f"{OTHER_KEY},{old}")


def _mail_away(_database: Database, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SIGNON_SMTP_URL", "smtp://ada:hunter2@127.0.0.1:1")


def _given_up(database: Database, _environment: pytest.MonkeyPatch) -> None:
    with database.writing() as unit:
        add(unit, outbox, failed_at=unit.now)


def _clock_back(database: Database, _environment: pytest.MonkeyPatch) -> None:
    database.clock = lambda: utc_now() + timedelta(hours=1)
    with database.writing() as unit:
        trail.record(unit, Event.COURTS_LOADED, actor="system")


CASES = [
    ("courts", "mend", "signon courts load", _no_courts),
    ("time zones", "mend", "tzdata", _unknown_zone),
    ("keys", "mend", "signon keys rotate", _no_keys),
    ("keys", "soon", "signon keys rotate", _old_keys),
    ("keys", "mend", "old key", _altered_key),
    ("key ring", "mend", "put the old key back", _other_ring),
    ("key ring", "soon", "signon keys reencrypt", _rotated_ring),
    ("mail", "mend", "SIGNON_SMTP_URL", _mail_away),
    ("outbox", "soon", "logs", _given_up),
    ("clock", "mend", "NTP", _clock_back),
]


@pytest.mark.parametrize(
    ("check", "state", "mend", "break_it"), CASES, ids=[case[3].__name__ for case in CASES]
)
def test_what_is_broken_is_found_with_its_mend(
    signon: CommandLine,
    sound: Database,
    alike: None,
    monkeypatch: pytest.MonkeyPatch,
    check: str,
    state: str,
    mend: str,
    break_it: Callable[[Database, pytest.MonkeyPatch], None],
):
    """The exit status is 1 for what must be mended, and 0 for what may wait."""
    break_it(sound, monkeypatch)
    done = signon("doctor", "--json")
    found = findings(done)[check]
    assert found["state"] == state
    assert mend in found["mend"]
    assert done.status == (1 if state == "mend" else 0)


def test_a_database_made_by_hand_is_found(signon: CommandLine, sound: Database, database_url: str):
    """A difference from the program's tables, by name."""
    with sound.writing() as unit:
        unit.execute(text("ALTER TABLE jobs ADD COLUMN surplus TEXT"))
    done = signon("doctor", "--json")
    with sound.writing() as unit:
        # PostgreSQL's database is used by the tests that follow
        unit.execute(text("ALTER TABLE jobs DROP COLUMN surplus"))
    assert done.status == 1
    assert "surplus" in findings(done)["database"]["found"]


def test_an_unmigrated_database_is_found(
    signon: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What stands on it is not looked at, the rest is; and looking makes nothing."""
    monkeypatch.setenv("SIGNON_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    done = signon("doctor", "--json")
    found = findings(done)
    assert done.status == 1
    assert "signon db upgrade" in found["database"]["found"]
    assert set(found) == {"settings", "mail", "database"}
    assert not (tmp_path / "new.db").exists()


def test_bad_settings_are_found(signon: CommandLine, monkeypatch: pytest.MonkeyPatch):
    """Nothing can be looked at without them."""
    monkeypatch.setenv("SIGNON_ISSUER", "ftp://signon.example")
    done = signon("doctor")
    assert done.status == 1
    assert done.out.startswith("mend  settings    SIGNON_ISSUER must be an address")


def test_it_shows_no_secret(
    signon: CommandLine,
    sound: Database,
    alike: None,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
):
    """Neither when all is well nor when everything is broken."""
    secrets = [
        settings.secret_keys[0].get_secret_value().rstrip("="),
        OTHER_KEY.rstrip("="),
        "hunter2",
        *([sound.url.password] if sound.url.password else []),
    ]
    for break_it in (lambda _d, _e: None, _mail_away, _other_ring, _altered_key, _database_away):
        break_it(sound, monkeypatch)
        for arguments in (("doctor",), ("doctor", "--json")):
            done = signon(*arguments)
            for secret in secrets:
                assert secret not in done.out + done.err


def _database_away(_database: Database, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SIGNON_DATABASE_URL", "postgresql+psycopg://ada:hunter2@127.0.0.1:1/signon")


# ── A proxy that nobody named ────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("addresses", "share", "state"),
    [
        (["10.0.0.5"] * 49, 0, "ok"),
        (["10.0.0.5"] * 190 + ["192.0.2.1"] * 10, 0.95, "soon"),
        (["10.0.0.5"] * 189 + ["192.0.2.1"] * 11, 0.945, "ok"),
        # what is older than the newest 200
        (["10.0.0.5"] * 150 + [f"192.0.2.{number}" for number in range(200)], 0.005, "ok"),
    ],
)
def test_a_proxy_that_is_not_named_is_found(
    signon: CommandLine,
    sound: Database,
    alike: None,
    serve: Serve,
    addresses: list[str],
    share: float,
    state: str,
):
    """Nearly everything comes from it; the metric says how nearly."""
    with sound.writing() as unit:
        for number, address in enumerate(addresses):
            add(unit, origins, at=unit.now + timedelta(microseconds=number), address=address)
    found = findings(signon("doctor", "--json"))["proxies"]
    assert found["state"] == state
    assert ("SIGNON_TRUSTED_PROXIES" in found["mend"]) is (state == "soon")
    assert ("10.0.0.5" in found["found"]) is (state == "soon")
    with serve() as client:
        assert f"signon_busiest_address_share {share}" in client.get("/metrics").text
