"""What becomes of pairs without anybody's act: the last day passes."""

import asyncio
from datetime import timedelta

from signon.filing.agents import upkeep
from signon.filing.agents.acting import Principal
from signon.filing.agents.pairs import LASTS, Pair, PairState
from tests.filing.agents.conftest import Agency


def test_the_last_day_passes(agency: Agency):
    """By the court's calendar, at once for whoever asks; the look writes it down, and no court is
    told of time.
    """
    last = (agency.world.clock() + timedelta(days=1)).date()
    made = agency.active(agency.attorney, ends_on=last)
    _, session = agency.sign_in()
    assert isinstance(agency.choose(session, made), Principal)
    agency.world.clock.advance(days=1)
    assert agency.acting(session).chosen is not None
    assert asyncio.run(upkeep.look(agency.database)) == 0
    agency.world.clock.advance(days=1)
    assert agency.acting(session).chosen is None
    assert asyncio.run(upkeep.look(agency.database)) == 1
    found = agency.pair(made.id)
    assert (found.kept, found.ended_by) == (PairState.ENDED, "time")
    assert asyncio.run(upkeep.look(agency.database)) == 0
    [told] = agency.world.queued("agents:withdrawn")
    assert told["tells_court"] is False


def test_an_offer_that_was_left(agency: Agency):
    """Is written down as over, and the principal is told; a silent no looks the same."""
    for quietly in (False, True):
        named = agency.name(agency.attorney)
        assert isinstance(named, Pair)
        if quietly:
            agency.decline(named)
        agency.world.clock.advance(seconds=LASTS.total_seconds())
        assert asyncio.run(upkeep.look(agency.database)) == 1
        found = agency.pair(named.id)
        assert (found.kept, found.ended_by) == (PairState.ENDED, "time")
    told = [one for one in agency.mailed(agency.attorney) if "There is an end" in one]
    assert len(told) == 2
