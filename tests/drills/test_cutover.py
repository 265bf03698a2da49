"""`make drills`: a court of 20,000 old logins goes live."""

from collections.abc import Callable

import pytest

from tests.drills.going_live import Drill
from tests.filing.conftest import House, house
from tests.infra.databases import ON_ONE

SIZE = 20_000
__all__ = ["house"]


@ON_ONE
@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_a_court_of_20_000_logins_goes_live(
    house: House, database_url: str, record_property: Callable[[str, object], None]
):
    """Issue 8 of 10: the waves to exactly the right people, once; 12,000 links become rights."""
    figures = Drill(house, SIZE, database_url).run()
    for name, value in figures.items():
        record_property(name, value)
