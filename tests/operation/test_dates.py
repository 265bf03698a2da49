"""Dates as people read them."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from jinja2 import Environment

from signon.courts.zones import zone_of_state
from signon.web.dates import day, day_in, day_in_words, moment_in, moment_in_words

NOON = datetime(2026, 3, 2, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (None, "Mar 2, 2026, 5:05 PM UTC"),
        ("America/Los_Angeles", "Mar 2, 2026, 9:05 AM PST"),
        ("America/New_York", "Mar 2, 2026, 12:05 PM EST"),
        ("Pacific/Guam", "Mar 3, 2026, 3:05 AM ChST"),
    ],
)
def test_a_moment_is_shown_by_a_zone_s_clock(zone: str | None, shown: str):
    """Noon is 12 PM, and the zone is always said."""
    assert moment_in_words(NOON, zone) == shown
    assert moment_in(NOON, zone) == f'<time datetime="2026-03-02T17:05:00+00:00">{shown}</time>'


def test_midnight_is_twelve():
    """Of the new day."""
    assert moment_in_words(datetime(2026, 12, 21, tzinfo=UTC)) == "Dec 21, 2026, 12:00 AM UTC"


def test_a_day_has_no_time():
    """With the machine's form beside it."""
    assert day_in_words(date(2014, 8, 11)) == "Aug 11, 2014"
    assert day_in(date(2014, 8, 11)) == '<time datetime="2014-08-11">Aug 11, 2014</time>'


def test_a_moment_s_day_is_the_one_of_the_page_s_clock():
    """Late in the evening at the court it is tomorrow in UTC already."""
    late = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)
    assert ">Nov 30, 2026<" in day_in(late, "America/Los_Angeles")
    assert day_in_words(late, "America/Los_Angeles") == "Nov 30, 2026"
    page = Environment(autoescape=True)
    page.filters["day"] = day
    shown = page.from_string("{{ late | day }}")
    assert ">Nov 30, 2026<" in shown.render(late=late, zone="America/Los_Angeles")
    assert ">Dec 1, 2026<" in shown.render(late=late)


def test_a_state_s_zone_is_that_of_most_of_its_courts():
    """None where no court tells it."""
    zones = {"a": ("FL", "America/New_York"), "b": ("FL", "America/New_York")}
    zones |= {"c": ("FL", "America/Chicago"), "d": ("CA", "America/Los_Angeles")}
    courts = {
        name: SimpleNamespace(state=state, time_zone=zone) for name, (state, zone) in zones.items()
    }
    found = [zone_of_state(state, courts) for state in ("FL", "CA", "XX", "", None)]  # type: ignore[arg-type]
    assert found == ["America/New_York", "America/Los_Angeles", None, None, None]
