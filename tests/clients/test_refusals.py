"""Guesses at clients: what is kept of them, how much at most, and what the operator is shown."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from signon import ids
from signon.app import wire
from signon.audit.models import events
from signon.clients import life, refusal_records
from signon.clients.models import refusal_counts, refusals
from signon.clients.refusal_reasons import MEANINGS, Reason
from signon.clients.refusal_records import KEPT
from signon.clients.refusals import Refusals, stripped
from signon.clients.registry import Client, read_client
from signon.db import Database
from signon.errors import BusyError
from signon.web.visitor import Source
from tests.clients.conftest import Register
from tests.infra.clock import FrozenClock
from tests.infra.command_line import CommandLine

Guess = Callable[..., str]


@pytest.fixture
def client(database: Database, register: Register) -> Client:
    """A registered client."""
    client_id = register().client_id
    with database.reading() as unit:
        found = read_client(unit, client_id)
    assert found is not None
    return found


@pytest.fixture
def refused(database: Database) -> Refusals:
    """What a serving process has noted."""
    return Refusals(database)


@pytest.fixture
def guess(refused: Refusals, client: Client) -> Guess:
    """Notes a guess at the client's secret unless the test says otherwise; answers its number."""

    def guess(reason: Reason = Reason.CLIENT_SECRET, **given: Any) -> str:
        number = ids.new_id()
        source = Source("192.0.2.7", "curl", number)
        about = {"client": client, "endpoint": "/oauth2/token", **given}
        refused.note(reason, source=source, **about)
        return number

    return guess


def keep(refused: Refusals) -> None:
    asyncio.run(refused.keep())


def kept(database: Database) -> list[Any]:
    with database.reading() as unit:
        return list(unit.execute(select(*refusals.c).order_by(refusals.c.at)).all())


def counted(database: Database) -> int:
    with database.reading() as unit:
        return unit.scalar(select(func.sum(refusal_counts.c["count"]))) or 0


# ── What is kept ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "remains"),
    [
        ("https://court.test/cb?code=SECRET&state=SECRET", "https://court.test/cb"),
        ("https://court.test/cb#access_token=SECRET", "https://court.test/cb"),
        ("https://me:SECRET@court.test:8443/cb", "https://court.test:8443/cb"),
        ("https://SECRET@a@court.test/cb", "https://court.test/cb"),
        ("https:/me:SECRET@court.test/cb", "https:"),
        ("https:\\\\me:SECRET@court.test/cb", "https:"),
        ("https://court.test/cb;jsessionid=SECRET", "https://court.test/cb"),
        ("https://court.test/cb%3Fcode%3DSECRET", "https://court.test/cb"),
        ("https://court.test/cb%3fcode=SECRET", "https://court.test/cb"),
        ("https://court.test/cb&code=SECRET", "https://court.test/cb"),
        ("https://court.test/code=SECRET", "https://court.test/code"),
        ("javascript:fetch('//SECRET')", "javascript:"),
        ("data:text/html,SECRET", "data:"),
        ("com.example.app:/callback?code=SECRET", "com.example.app:/callback"),
        ("SECRET", ":"),
        ("https://[SECRET/", "(no address)"),
        ("https://court.test/\x1b[2J\u202e", "https://court.test/?[2J?"),
        ("https://court.test/" + "x" * 5000, "https://court.test/" + "x" * 181),
        ("", ":"),
    ],
)
def test_an_address_is_kept_without_what_it_may_tell(address: str, remains: str):
    """No query, fragment or user, however they are written; short, and safe on a terminal."""
    assert stripped(address) == remains


def test_a_guess_is_kept_and_counted(
    database: Database, refused: Refusals, client: Client, guess: Guess, clock: FrozenClock
):
    """Who was named, where, why, from where, under which number."""
    number = guess(detail="our own words")
    keep(refused)
    (row,) = kept(database)
    assert (row.request_id, row.at, row.client_id) == (number, clock.now, client.id)
    assert (row.endpoint, row.reason) == ("/oauth2/token", "client_secret")
    assert (row.detail, row.network, row.named) == ("our own words", "192.0.2.7", None)
    assert counted(database) == 1


def test_an_unknown_id_is_kept_as_a_digest(database: Database, refused: Refusals, guess: Guess):
    """People put the secret into its place."""
    guess(Reason.UNKNOWN_CLIENT, client=None, named="the-secret")
    keep(refused)
    (row,) = kept(database)
    assert row.client_id == ""
    assert len(row.named) == 32
    assert "the-secret" not in repr(row)


# ── How much ─────────────────────────────────────────────────────────────────


def test_noting_writes_nothing(database: Database, guess: Guess):
    """A thousand guesses are one unit's work, later; a request costs none."""
    for _ in range(1000):
        guess()
    assert kept(database) == []
    assert counted(database) == 0


def test_the_last_of_each_minute_are_kept_and_all_counted(
    database: Database, refused: Refusals, guess: Guess, clock: FrozenClock
):
    """Whether they come at once or one after another, from one process or two."""
    other = Refusals(database)
    numbers = []
    for second in range(5):
        numbers += [guess() for _ in range(KEPT + 7)]
        other._heaps, refused._heaps = refused._heaps, {}
        keep(other if second % 2 else refused)
        keep(other)
        clock.advance(seconds=1)
    rows = kept(database)
    assert {row.request_id for row in rows} == set(numbers[-KEPT:])
    assert counted(database) == 5 * (KEPT + 7)
    clock.advance(seconds=60)
    later = guess()
    keep(refused)
    assert len(kept(database)) == KEPT + 1
    assert kept(database)[-1].request_id == later


def test_a_flood_of_one_kind_hides_no_other(database: Database, refused: Refusals, guess: Guess):
    """Neither of another kind nor of another client; unknown ids share one bound."""
    address = guess(Reason.REDIRECT_URI)
    for turn in range(100):
        guess(Reason.CLIENT_SECRET)
        guess(Reason.UNKNOWN_CLIENT, client=None, named=f"nobody-{turn}")
    assert len(refused._heaps) == 3
    keep(refused)
    rows = kept(database)
    assert address in {row.request_id for row in rows}
    assert len(rows) == 1 + KEPT + KEPT


def test_nothing_to_keep_opens_no_unit(refused: Refusals, monkeypatch: pytest.MonkeyPatch):
    """A process that refuses nobody never writes."""
    monkeypatch.setattr(refused, "_database", None)
    keep(refused)


def test_a_database_that_is_away_loses_nothing(
    database: Database, refused: Refusals, guess: Guess, monkeypatch: pytest.MonkeyPatch
):
    """What could not be stored is stored with what came meanwhile."""
    first = guess()

    async def away(*_: object) -> None:
        guess(Reason.SCOPE)
        guess()
        raise BusyError("busy", retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr(database, "write", away)
        with pytest.raises(BusyError):
            keep(refused)
    keep(refused)
    assert first in {row.request_id for row in kept(database)}
    assert (len(kept(database)), counted(database)) == (3, 3)


def test_processes_that_store_at_once_count_everything(
    database_url: str, client: Client, clock: FrozenClock
):
    """Twenty processes, real threads, one count."""
    database = wire(Database(database_url, clock=clock, pool=20))

    def process(_: int) -> None:
        refused = Refusals(database)
        for reason in (Reason.SCOPE, Reason.CLIENT_SECRET, Reason.REDIRECT_URI):
            source = Source("192.0.2.7", "", ids.new_id())
            refused.note(reason, endpoint="/", source=source, client=client)
        with database.writing() as unit:
            refusal_records.store(unit, refused._heaps)

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(process, range(20)))
    assert counted(database) == 60
    database.close()


# ── Counters and the chain ───────────────────────────────────────────────────


def test_counters_have_few_labels(client: Client, guess: Guess):
    """By client and reason; all ids that nobody has are one."""

    def count(of: str, reason: str) -> float:
        labels = {"client": of, "reason": reason}
        return REGISTRY.get_sample_value("signon_client_refusals_total", labels) or 0

    before = count("unknown", "unknown_client")
    for turn in range(3):
        guess(Reason.UNKNOWN_CLIENT, client=None, named=f"nobody-{turn}")
    guess()
    assert count("unknown", "unknown_client") == before + 3
    assert count(client.id, "client_secret") == 1
    assert count("nobody-1", "unknown_client") == 0


def test_the_chain_gets_counts_of_hours_that_are_over(
    database: Database, refused: Refusals, client: Client, guess: Guess, clock: FrozenClock
):
    """One event for a client's hour, once, with nothing of any request."""
    for reason in (Reason.SCOPE, Reason.CLIENT_SECRET, Reason.CLIENT_SECRET):
        guess(reason, detail="https://court.test/cb")
    guess(Reason.UNKNOWN_CLIENT, client=None, named="nobody")
    keep(refused)
    hour = clock.now.replace(minute=0, second=0, microsecond=0)
    clock.now = hour + timedelta(hours=1, seconds=59)
    assert asyncio.run(refusal_records.record_counts(database)) == 0
    clock.advance(seconds=1)
    assert asyncio.run(refusal_records.record_counts(database)) == 2
    assert asyncio.run(refusal_records.record_counts(database)) == 0
    with database.reading() as unit:
        named = events.c.event == "clients:requests:refused"
        found = unit.execute(select(*events.c).where(named).order_by(events.c.client_id)).all()
    assert {row.client_id for row in found} == {None, client.id}
    told = next(row for row in found if row.client_id)
    assert told.detail == {
        "hour": hour.isoformat(),
        "counts": {"client_secret": 2, "scope": 1},
    }


def test_one_process_tells_an_hour(
    database_url: str, client: Client, guess: Guess, refused: Refusals, clock: FrozenClock
):
    """Of twenty that look at the same moment."""
    guess()
    keep(refused)
    hour = clock.now.replace(minute=0, second=0, microsecond=0)
    database = wire(Database(database_url, clock=clock, pool=20))

    def tell(_: int) -> bool:
        with database.writing() as unit:
            return refusal_records.record(unit, client.id, hour)

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(tell, range(20))).count(True) == 1
    database.close()


# ── What the operator is shown ───────────────────────────────────────────────


def test_every_reason_has_a_meaning():
    """An operator who is asked can answer."""
    assert set(MEANINGS) == set(Reason)


def test_diagnose_shows_the_last_with_their_numbers(
    signon: CommandLine, refused: Refusals, client: Client, guess: Guess, clock: FrozenClock
):
    """The newest first, as a table with the means to mend it, or as JSON."""
    old = guess(Reason.SCOPE, detail="the client may not ask for court")
    clock.advance(seconds=90)
    new = guess(Reason.REDIRECT_URI, endpoint="/oauth2/authorize", detail="https://court.test/cb")
    keep(refused)
    shown = signon("clients", "diagnose", client.id)
    assert shown.status == 0
    assert shown.out.index(new) < shown.out.index(old)
    assert "https://court.test/cb" in shown.out
    assert "redirect_uri (1 lately): " in shown.err
    assert "letter by letter" in shown.err
    told = json.loads(signon("clients", "diagnose", client.id, "--json").out)
    assert [one["request_id"] for one in told["refused"]] == [new, old]
    assert told["refused"][0]["reason"] == "redirect_uri"
    assert told["counts"] == {"redirect_uri": 1, "scope": 1}
    assert (told["registered"], told["disabled_at"]) == (True, None)
    one = json.loads(signon("clients", "diagnose", client.id, "-n", "1", "--json").out)
    assert [row["request_id"] for row in one["refused"]] == [new]


def test_diagnose_knows_disabled_and_unknown_ids(
    signon: CommandLine, database: Database, refused: Refusals, client: Client, guess: Guess
):
    """Both look like no client at the door; the operator sees which it is."""
    quiet = signon("clients", "diagnose", client.id)
    assert (quiet.status, len(quiet.out.splitlines())) == (0, 1)
    numbers = [
        guess(Reason.UNKNOWN_CLIENT, client=None, named=name) for name in (client.id, "casb-typo")
    ]
    keep(refused)
    with database.writing() as unit:
        life.disable(unit, client.id)
    disabled = signon("clients", "diagnose", client.id)
    assert numbers[0] in disabled.out
    assert "is disabled" in disabled.err
    unknown = signon("clients", "diagnose", "casb-typo")
    assert numbers[1] in unknown.out
    assert "No client has the id casb-typo" in unknown.err
    assert signon("clients", "diagnose", "casb-nobody").status == 1
