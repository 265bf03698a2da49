"""A small court from 90 days before its day to the day after; `make drills` has a large one."""

import pytest

from tests.drills.going_live import Drill
from tests.filing.conftest import House


@pytest.mark.timeout(120)
def test_a_court_goes_live_and_reminds_exactly_those_who_are_not_ready(
    house: House, database_url: str
):
    """Killed in two waves, with a date that moves, people who undo and logins that are closed."""
    figures = Drill(house, 200, database_url).run()
    assert figures["rights"]["made"] == 114
