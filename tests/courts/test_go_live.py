"""When a court is live: by its own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from signon.courts import changes, registry
from signon.courts.go_live import Announcement, announced, moment_of
from signon.courts.registry import CourtStatus
from signon.db import Database
from signon.errors import InputError
from tests.infra.clock import FrozenClock

SECOND = timedelta(seconds=1)


def _status(database: Database, court_id: str) -> CourtStatus:
    with database.reading() as unit:
        return registry.read_one(unit, court_id).status(unit.now)


@pytest.mark.parametrize(
    ("court_id", "midnight"),
    [
        ("cacd", datetime(2026, 7, 1, 7, tzinfo=UTC)),  # summer in California
        ("azb", datetime(2026, 7, 1, 7, tzinfo=UTC)),  # no summer time in Arizona
        ("nysd", datetime(2026, 7, 1, 4, tzinfo=UTC)),
        ("gud", datetime(2026, 6, 30, 14, tzinfo=UTC)),
    ],
)
def test_court_goes_live_at_its_own_midnight(
    loaded: Database, clock: FrozenClock, court_id: str, midnight: datetime
):
    """Not scheduled, scheduled, and live from the second at which the court's own day begins."""
    with loaded.writing() as unit:
        changes.change(unit, court_id, actor="test", go_live=Announcement(None))
    assert _status(loaded, court_id) is CourtStatus.NOT_SCHEDULED
    with loaded.writing() as unit:
        changes.change(unit, court_id, actor="test", go_live=announced("2026-07-01"))
    clock.set(midnight - SECOND)
    assert _status(loaded, court_id) is CourtStatus.SCHEDULED
    clock.set(midnight)
    assert _status(loaded, court_id) is CourtStatus.LIVE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2020-02-18T00:00", "2020-02-18T00:00:00-08:00"),
        ("2020-07-18T06:30", "2020-07-18T06:30:00-07:00"),
        ("2026-03-08T01:59", "2026-03-08T01:59:00-08:00"),
        ("2026-03-08T03:00", "2026-03-08T03:00:00-07:00"),
    ],
)
def test_go_live_is_shown_in_the_courts_offset(loaded: Database, text: str, shown: str):
    """What comes out is what was announced, with the offset that the court has then."""
    with loaded.writing() as unit:
        done = changes.change(unit, "cacd", actor="test", go_live=announced(text))
    local = done.court.go_live_local
    assert local is not None
    assert local.isoformat() == shown
    assert done.note is None


def test_time_that_the_clocks_skip_is_refused():
    """The change to summer time skips an hour in which nothing can begin."""
    with pytest.raises(InputError, match="does not exist in America/Los_Angeles"):
        moment_of(announced("2026-03-08T02:30"), "America/Los_Angeles")
    assert moment_of(announced("2026-03-08T02:30"), "America/Phoenix").moment is not None


def test_time_that_comes_twice_is_the_first():
    """The change back repeats an hour: the first is meant, and the note says so."""
    found = moment_of(announced("2026-11-01T01:30"), "America/New_York")
    assert found.moment == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert found.note is not None
    assert "2026-11-01T01:30:00-04:00" in found.note


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-02-30", "2026-01-01T00:00Z", "2026-01-01T00:00+01:00", "01/02/2026"]
)
def test_only_a_local_time_is_read(text: str):
    """An offset would contradict the court's own clock, and other forms are ambiguous."""
    with pytest.raises(InputError, match="local time"):
        announced(text)
