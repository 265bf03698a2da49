"""`kill -9` in the middle of an import that goes on in the background."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from signon.accounts.hashing import Hasher
from signon.audit.events import Event
from signon.courts import staff
from signon.courts.registry import read_one
from signon.courts.staff import StaffRole
from signon.filing.court.desk import POWERS, Desk
from signon.filing.legacy_logins import import_jobs, importing
from signon.filing.legacy_logins.import_jobs import AgreedList
from signon.filing.legacy_logins.importing import Means
from signon.filing.legacy_logins.models import legacy_imports
from signon.filing.models import legacy_logins
from tests.filing.conftest import DES, HEADER, line
from tests.infra.served import Databases, Served

LINES = 6000


def begin(served: Served) -> None:
    """An administrator of casb agrees to a list of old hashes."""
    account = served.account("ada.admin")
    content = "\n".join([HEADER, *(line(f"w{n}", DES) for n in range(LINES))]).encode()
    means = Means(served.database, served.ring, Hasher(served.settings), 1)
    report = importing.run(means, "casb", content, dry_run=True)
    role = StaffRole.ADMINISTRATOR
    with served.database.writing() as unit:
        staff.add(unit, "casb", account.username, role, actor="system")
        court = read_one(unit, "casb")
        desk = Desk(court, account.id, POWERS[role], served.settings, role, account)
        import_jobs.start(unit, desk, AgreedList(content, "", "list.csv", report))


def found(served: Served) -> tuple[int, bool, int]:
    """How many passwords are wrapped, whether it has ended, and how many logins are there."""
    with served.database.reading() as unit:
        done, ended = unit.execute(select(legacy_imports.c.done, legacy_imports.c.ended_at)).one()
        logins = unit.execute(select(func.count()).select_from(legacy_logins)).scalar_one()
    return done, ended is not None, logins


@pytest.mark.timeout(300)
def test_nothing_is_lost_and_nothing_is_done_twice(served_databases: Databases, tmp_path: Path):
    """What was wrapped stays; the next process goes on from it and writes the list once."""
    with served_databases.serving("sqlite", tmp_path, workers=1) as served:
        begin(served)
        assert served.eventually(lambda: found(served)[0] > 0, seconds=60)
        served.kill()
        done, ended, logins = found(served)
        assert 0 < done < LINES
        assert (ended, logins) == (False, 0)
        # as if its lease had run out meanwhile
        with served.database.writing() as unit:
            unit.execute(update(legacy_imports).values(leased_until=unit.now))
        served.start()
        assert served.eventually(lambda: found(served)[1], seconds=120)
        assert found(served) == (LINES, True, LINES)
        assert served.audited().count(Event.LEGACY_LOGINS_IMPORTED) == 1
