"""`kill -9` between any two steps."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from signon.accounts.models import accounts
from tests.infra.served import Databases
from tests.infra.world import PASSWORD
from tests.upgrade.conftest import NEW_NAME, NEW_PASSWORD, OLD_NAME, PAGES, go


@pytest.mark.timeout(180)
def test_a_killed_provider_has_half_done_nothing(served_databases: Databases, tmp_path: Path):
    """Killed after every step, the upgrade goes on; until it is confirmed the account is the old one.

    That either database keeps what was committed is `tests/operation/test_kill.py`'s.
    """
    with served_databases.serving("sqlite", tmp_path, workers=1) as served:
        legacy = served.account(OLD_NAME, created_on=date(2009, 5, 4))
        own = select(accounts).where(accounts.c.id == legacy.id)
        browser = served.browser()
        browser.get("/login")
        browser.sign_in(OLD_NAME, PASSWORD)
        for number, page in enumerate(PAGES, 1):
            browser.get("/upgrade")
            assert f"Step {number} of 5" in browser.page.text
            go(browser, page)
            served.kill()
            with served.database.reading() as unit:
                now = unit.execute(own).one()
            assert (now.username, now.upgraded_at, now.street) == (OLD_NAME, None, None)
            served.start()
        browser.get("/upgrade")
        browser.submit(browser.page.forms[0])
        served.kill()
        served.start()
        other = served.browser()
        other.get("/login")
        assert other.sign_in(OLD_NAME, PASSWORD).status_code == 403
        other.get("/login")
        assert other.sign_in(NEW_NAME, NEW_PASSWORD).status_code == 200
        with served.database.reading() as unit:
            now = unit.execute(own).one()
        assert now.upgraded_at is not None
        assert now.street == "9 Old Ferry Road"
