"""A process that sends what is due at a moment: `python -m tests.drills.sender URL MOMENT`."""

import asyncio
import sys
from datetime import datetime

from signon.app import wire
from signon.crypto import KeyRing
from signon.db import Database
from signon.filing.cutover.waves import sending


def main(url: str, moment: str) -> None:
    """Small parts, so that whoever kills it meets one of them."""
    sending.PART = 20
    now = datetime.fromisoformat(moment)
    database = wire(Database(url, clock=lambda: now, ring=KeyRing([bytes(range(32))])))
    asyncio.run(sending.look(database, "http://localhost:8000"))


if __name__ == "__main__":
    main(*sys.argv[1:])
