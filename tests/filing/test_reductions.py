"""What becomes of rights that shrink: events for the outbox, none too large to be worked off."""

import pytest

from signon.filing.rights import reductions
from tests.filing.conftest import House
from tests.infra import queued


def test_many_accounts_make_several_events(house: House, monkeypatch: pytest.MonkeyPatch):
    """In order, each account once; without any account there is nothing to tell."""
    monkeypatch.setattr(reductions, "AT_ONCE", 2)
    with house.database.writing() as unit:
        reductions.announce(unit, "casb", [])
        reductions.announce(unit, "casb", ["a", "b", "c", "d", "e"])
    payloads = queued.payloads(house.database)
    assert sorted(tuple(one["accounts"]) for one in payloads) == [("a", "b"), ("c", "d"), ("e",)]
    assert {one["court"] for one in payloads} == {"casb"}
