"""Before a court's day: from the mail that reminds to *ready*, and what the clerk sees of it."""

import hashlib
import sqlite3
from contextlib import closing

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.looking import Look
from tests.browser.test_console_pages import cutover_that_is_ahead
from tests.browser.test_pages import make_login
from tests.browser.walking import expect_heading, fill_in
from tests.demo.running import Running

TOKEN = "r" * 43


def test_from_a_reminder_to_ready(demo: Running, page: Page, new_page: NewPage, look: Look):
    """The link shows nothing of anybody; after the sign-in it leads to what is lacking, with the
    login filled in; then the person reads that they are ready, and the clerk that one more is.
    """
    make_login(demo, "casd", "iweir", "Ines", "Weir")
    make_person(demo, "ines.ready")
    _remind(demo, "iweir@court.example")
    page.goto(f"{demo.address('signon')}/courts/casd/begin/{TOKEN}")
    expect_heading(page, "Get ready to file")
    expect(page.get_by_text("iweir")).to_have_count(0)
    look(page, "cutover-1-reminded")
    page.locator("#sign-in").click()
    fill_in(page, username="ines.ready", password=PASSWORD)
    page.locator("#login").click()
    expect(page.locator("#ecf_login")).to_have_value("iweir")
    look(page, "cutover-2-prove")
    fill_in(page, ecf_password="secret99")
    page.locator("#link").click()
    expect_heading(page, "Is this your filing login?")
    page.locator("#confirm").click()
    expect_heading(page, "Ready: on")
    look(page, "cutover-3-ready")

    # the reminder leads whoever is ready there again
    page.goto(f"{demo.address('signon')}/courts/casd/begin/{TOKEN}")
    expect_heading(page, "Ready: on")

    clerk = new_page()
    cutover_that_is_ahead(clerk, demo)
    clerk.goto(f"{demo.address('signon')}/court/casd/cutover/logins?q=iweir")
    expect(clerk.get_by_role("row").nth(1)).to_contain_text("Prepared")
    look(clerk, "cutover-4-desk")


def _remind(demo: Running, address: str) -> None:
    """What a wave has mailed: the mail itself has tests of its own."""
    wave = ("ready-wave", "casd", 9, "[]", "", "", "2026-01-01", "2026-01-01")
    mail = (wave[0], address, hashlib.sha256(TOKEN.encode()).digest())
    with closing(sqlite3.connect(demo.folder / "signon.db", timeout=30)) as opened, opened:
        opened.execute(
            "INSERT OR IGNORE INTO cutover_waves (id, court_id, days_before, states, opening, "
            "closing, planned_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            wave,
        )
        opened.execute(
            "INSERT OR IGNORE INTO cutover_wave_mails (wave_id, address, digest) VALUES (?, ?, ?)",
            mail,
        )
