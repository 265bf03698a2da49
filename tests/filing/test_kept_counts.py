"""Counts of large courts: by the job, told with their moment; and lists that end in good time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from signon.app import COUNTED
from signon.audit import tallies
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError
from signon.filing.court import kept_counts
from signon.filing.court.desk import EVERY, Desk
from signon.filing.court.models import court_counts
from signon.filing.cutover import desk as desks
from signon.filing.cutover import listing, states, today
from signon.filing.cutover.listing import Line, LoginOrder, Wanted
from signon.filing.cutover.states import LoginState, Preparedness
from signon.filing.filers import filer_lists
from signon.filing.filers.filer_lists import Search
from signon.filing.legacy_logins import legacy_lists
from signon.filing.models import legacy_logins
from signon.filing.overview import figures
from signon.searching import ranges
from tests.bench.plans import Plans
from tests.filing.conftest import House, line
from tests.filing.test_linking import go_live
from tests.filing.test_preparing import DAY, on_the_day, prepare
from tests.infra.databases import ON_BOTH

LOGINS = tuple(f"login{number}" for number in range(7))


@pytest.fixture
def court(house: House, monkeypatch: pytest.MonkeyPatch) -> Court:
    """A court with a day and seven logins, of which one is prepared and two are closed; more than
    five are many.
    """
    for module in (states, today, figures):
        monkeypatch.setattr(module, "MANY", 5)
    go_live(house, "casd", DAY)
    house.load("casd", *(line(one, last_name=f"Name{one[-1]}") for one in LOGINS))
    prepare(house, LOGINS[3])
    with house.database.writing() as unit:
        closed = legacy_logins.c.login_key.in_([LOGINS[1], LOGINS[6]])
        unit.execute(update(legacy_logins).where(closed).values(status="disabled"))
    return house.court("casd")


def keep(house: House) -> int:
    return asyncio.run(kept_counts.keep(house.database, COUNTED))


def test_many_are_counted_by_the_job(house: House, court: Court):
    """Until then, and of few, it is counted when it is asked for; a count grows old and is renewed."""

    def unusable() -> tuple[int, bool]:
        with house.database.reading() as unit:
            found = desks.of(unit, court.id)
            return found.standings[Preparedness.UNUSABLE], found.counted_at == unit.now

    assert unusable() == (2, True)
    assert keep(house) == 2
    assert {row.kind for row in house.rows(court_counts)} == {"standings", "list"}
    house.clock.advance(seconds=60)
    with house.database.writing() as unit:
        unit.execute(update(legacy_logins).values(status="disabled"))
    assert (unusable(), keep(house)) == ((2, False), 0)
    house.clock.advance(seconds=600)
    assert (keep(house), unusable()) == (2, (6, True))
    with house.database.writing() as unit:
        gone = legacy_logins.c.login_key.in_(LOGINS[:2])
        unit.execute(update(legacy_logins).where(gone).values(court_id="cand"))
    house.clock.advance(seconds=600)
    assert keep(house) == 0
    assert (house.rows(court_counts), unusable()) == ([], (4, True))


def test_far_from_its_day_a_count_lasts_for_a_day(house: House, court: Court):
    """Nobody looks, and there are two hundred courts."""
    with house.database.reading() as unit:
        assert states.counts_last(court, unit.now) == timedelta(minutes=10)
        later = replace(court, go_live=None)
        assert states.counts_last(later, unit.now) == timedelta(days=1)


def test_the_overview_of_many_rights_is_kept(
    house: House, court: Court, monkeypatch: pytest.MonkeyPatch
):
    """Filers and weeks as they were then."""
    on_the_day(house)
    monkeypatch.setattr(figures, "MANY", 0)
    desk = Desk(court, "clerk", EVERY, house.settings)

    def seen(unit: Unit) -> tuple[int, int]:
        found = figures.of(unit, desk)
        return sum(found.filers.values()), sum(one.links for one in found.weeks)

    keep(house)
    with house.database.writing() as unit:
        assert seen(unit) == (1, 1)
        unit.execute(text("UPDATE filing_rights SET ended_at = created_at"))
        assert seen(unit) == (1, 1)
        unit.execute(text("DELETE FROM court_counts"))
        assert seen(unit) == (0, 1)


def test_the_day_of_many_is_kept_and_the_next_one_is_not_it(
    house: House, court: Court, monkeypatch: pytest.MonkeyPatch
):
    """What was counted yesterday is none of today's."""
    on_the_day(house)
    monkeypatch.setattr(today, "MANY", -1)
    monkeypatch.setattr(tallies, "first_since", lambda *_: 0)
    keep(house)

    def links() -> int:
        with house.database.reading() as unit:
            found = today.of(unit, house.court("casd"))
            assert found is not None
            return sum(one.links for one in found.hours)

    with house.database.writing() as unit:
        kept = {"day": house.clock.now.date().isoformat(), "spans": [], "not_linked": 7}
        unit.execute(update(court_counts).where(court_counts.c.kind == "day").values(counts=kept))
    assert links() == 0
    house.clock.advance(days=1)
    assert links() == 0
    with house.database.reading() as unit:
        found = today.of(unit, house.court("casd"))
    assert found is not None
    assert found.not_linked == 0


def test_a_large_list_is_counted_in_parts(
    house: House, court: Court, monkeypatch: pytest.MonkeyPatch
):
    """No statement counts more than a part, and each login is counted once."""

    def both() -> tuple[Mapping[LoginState, int], Mapping[Preparedness, int]]:
        with house.database.reading() as unit:
            return states.counted(unit, court.id), states.standings(unit, court.id)

    whole = both()
    for size in (1, 2, 7):
        monkeypatch.setattr(states, "PART", size)
        assert both() == whole
    assert sum(whole[1].values()) == len(LOGINS)


@pytest.mark.parametrize("order", list(LoginOrder))
def test_a_part_of_a_list_walks_no_further_than_it_may(
    house: House, court: Court, monkeypatch: pytest.MonkeyPatch, order: LoginOrder
):
    """It is short then, or empty, and says where the list goes on."""
    monkeypatch.setattr(listing, "WALKED", 2)

    def parts(standing: str) -> list[list[str]]:
        found: list[list[Line]] = []
        after: str | None = ""
        with house.database.reading() as unit:
            while after is not None:
                wanted = Wanted(standing=standing, order=order, after=after, limit=2)
                lines, after = listing.find(unit, court.id, wanted)
                found.append(lines)
        return [[one.login for one in part] for part in found]

    # few, by rows of their own
    assert parts("unusable") == [["login1", "login6"]]
    assert parts("prepared") == [["login3"]]
    assert parts("not_prepared") == [["login0"], ["login2"], ["login4", "login5"], []]
    monkeypatch.setattr(states, "FEW_ROWS", 0)
    assert parts("unusable") == [["login1"], [], [], ["login6"]]
    assert parts("prepared") == [[], ["login3"], [], []]
    assert [one for part in parts("") for one in part] == list(LOGINS)
    with house.database.reading() as unit:
        told = listing.every(unit, court.id, Wanted(standing="unusable", order=order))
        assert [one.login for part in told for one in part] == ["login1", "login6"]


@ON_BOTH
def test_few_are_found_by_indexes_of_their_own(house: House, court: Court):
    """Closed logins, linked ones, filers who wait, and whoever is found by a login."""
    with house.database.reading() as unit:
        if unit.dialect == "postgresql":
            unit.execute(text("SET enable_seqscan = off"))
            unit.execute(text("SET enable_bitmapscan = off"))
        with Plans(unit) as plans:
            for standing in ("linked", "unusable"):
                listing.find(unit, court.id, Wanted(standing=standing))
            for status in ("suspended", "pending"):
                filer_lists.find(unit, court, Search(status=status))
            filer_lists.find(unit, court, Search("nobody1"))
            filer_lists.find(unit, court, Search(role="mediator"))
            legacy_lists.find(unit, court)
            legacy_lists.find(unit, court, words="name")
        told = plans.written()
    for index in (
        "filing_rights_linked",
        "legacy_logins_closed",
        "filing_rights_resting",
        "filing_rights_mediator",
    ):
        assert f"ix_{index}" in told, told
    # PostgreSQL may take the one of the linked instead
    assert "uq_filing_rights_legacy_login" in told or not house.database.is_sqlite, told
    for walked in ("SCAN filing_rights", "SCAN own", "SCAN into", "Seq Scan filing_rights"):
        assert walked not in told, told


def test_the_rows_of_a_page_are_read_no_further_than_it_may(
    house: House, court: Court, monkeypatch: pytest.MonkeyPatch
):
    """Each entry whose row is read costs more than the entry."""
    read: list[int] = []

    def load(ids: Sequence[str]) -> dict[str, str]:
        read.append(len(ids))
        return {}

    source = ranges.Source("old_names@casd", ["name"], load)
    with house.database.reading() as unit:
        monkeypatch.setattr(ranges, "BLOCK", 2)
        monkeypatch.setattr(ranges, "LARGEST", 2)
        monkeypatch.setattr(ranges, "WALKED", 4)
        with pytest.raises(InputError, match="More than 4"):
            ranges.page(unit, [source], after="", limit=1)
    assert sum(read) == 4
