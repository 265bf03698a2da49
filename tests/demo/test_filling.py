"""The demonstration can be filled at any hour."""

from datetime import UTC, datetime

from signon.app import wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.demo.filling import Filler
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE

ADDRESSES = {"casb": "http://localhost:8001", "cacd": "http://localhost:8002"}


@ON_ONE
def test_it_is_filled_when_another_day_has_begun_in_utc(
    settings: Settings, database: Database, clock: FrozenClock
):
    """A court's certificates bear the day of its own calendar."""
    clock.set(datetime(2026, 12, 1, 0, 30, tzinfo=UTC))
    filler = Filler(wire(database), KeyRing(settings.key_bytes), settings, ADDRESSES)
    filler.fill()
    assert filler.account_numbers()
