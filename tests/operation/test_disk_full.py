"""A disk that is full: what must be saved is refused, the rest goes on, and it comes back by itself."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from signon.app import wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.outbox import events as outbox
from signon.units import NO_ROOM_RETRY_SECONDS, NoRoomError
from signon.web import probes
from tests.infra.clock import FrozenClock
from tests.infra.databases import KINDS, ON_ONE, PostgresDatabases, SqliteDatabases
from tests.infra.postgres import UNPRIVILEGED
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

CALLBACK = "https://ecf.casb.test/callback"
DISK_BYTES = 64 * 1024 * 1024
MOST = 500
"""Refreshes until the room that tables have left within them is used up."""


@ON_ONE
def test_what_finds_no_room_changes_nothing(database: Database):
    """Neither the rows before it in its unit; and with room again it is saved."""

    def put(unit: Unit, most: int | None = None) -> None:
        if most is not None:
            unit.execute(text(f"PRAGMA max_page_count = {most}"))
        for _ in range(64):
            outbox.put(unit, "note", {"text": "x" * 4096})

    with pytest.raises(NoRoomError, match="busy") as full, database.writing() as unit:
        put(unit, most=1)
    assert (full.value.retry_after, full.value.detail) == (
        NO_ROOM_RETRY_SECONDS,
        "database or disk is full",
    )
    with database.reading() as unit:
        assert outbox.standing(unit) == (0, None, 0)
    with database.writing() as unit:
        put(unit, most=1_000_000)
    with database.reading() as unit:
        assert (outbox.standing(unit) or (0,))[0] == 64


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of the test's own, where PostgreSQL's user finds it."""
    place = Path(tempfile.mkdtemp(prefix="signon-disk-"))
    place.chmod(0o755)
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    done = subprocess.run(["mount", *options], check=False, capture_output=True)
    if done.returncode == 0:
        yield place
        subprocess.run(["umount", "--lazy", str(place)], check=False)
    place.rmdir()
    if done.returncode:
        pytest.skip("no disk can be made here to fill: mount is not allowed")


@pytest.fixture(params=KINDS)
def small_url(
    request: pytest.FixtureRequest,
    disk: Path,
    sqlite_databases: SqliteDatabases,
    postgres_databases: PostgresDatabases,
) -> Iterator[str]:
    """A migrated database on it."""
    if request.param == "sqlite":
        yield sqlite_databases.copied(disk / "signon.db")
        return
    place = disk / "tables"
    place.mkdir()
    shutil.chown(place, *UNPRIVILEGED)
    with postgres_databases.on_disk(place) as url:
        yield url


def take_all(disk: Path, database: Database) -> Path:
    """Fill the disk, and what room the database has within its files."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(64 * 1024)):
            pass
    for size in (100_000, 1000):
        with suppress(NoRoomError):
            for _ in range(MOST):
                with database.writing() as unit:
                    outbox.put(unit, "unknown", {"text": uuid4().hex * (size // 32)})
    return filler


@pytest.mark.slow
@ON_ONE
def test_a_full_disk_refuses_and_comes_back(
    small_url: str,
    disk: Path,
    settings: Settings,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
):
    """503 with a time and a reason in the log; reads go on; the same token works afterwards."""
    monkeypatch.setattr(probes, "KEEP_SECONDS", 0.0)
    database = wire(Database(small_url, clock=clock, ring=KeyRing(settings.key_bytes)))
    changed = settings.model_copy(update={"database_url": SecretStr(small_url)})
    world = World.make(changed, database, clock)
    world.account()
    secret = world.client()
    with world.http:
        browser = world.browser()
        party = RelyingParty(browser, clock, "casb-cmecf", secret, CALLBACK)
        party.begin()
        browser.sign_in("a.attorney", PASSWORD)
        tokens = party.tokens()
        with capture_logs() as logs:
            filler = take_all(disk, database)
            current, tries = tokens.refresh_token, 1
            while (answer := party.refresh(current)).status_code == 200 and tries < MOST:
                current, tries = answer.json()["refresh_token"], tries + 1
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == str(NO_ROOM_RETRY_SECONDS)
            assert party.userinfo(tokens.access_token).status_code == 200
            assert world.http.get("/oauth2/jwks").status_code == 200
            assert world.http.get("/livez").status_code == 200
            told = world.http.get("/readyz")
        assert (told.status_code, told.json()["reasons"]) == (503, [probes.NO_ROOM])
        refused = [one["detail"] for one in logs if one["event"] == "refused"]
        assert refused
        assert all("full" in one or "No space" in one for one in refused)
        assert [one["reasons"] for one in logs if one["event"] == "not ready"] == [[probes.NO_ROOM]]
        filler.unlink()
        assert party.refresh(current).status_code == 200
        monkeypatch.setattr(probes, "NO_ROOM_SECONDS", 0.0)
        assert world.http.get("/readyz").status_code == 200
    database.close()
