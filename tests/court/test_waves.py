"""Reminders at a court's desk, by REST and command, and where their links lead."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import httpx2
import pytest

from signon.clock import utc_now
from signon.courts import changes
from signon.courts.go_live import announced
from signon.filing.cutover.waves import api as waves_api
from signon.filing.cutover.waves import kept, sending, shown
from signon.filing.cutover.waves.kept import ToDo
from signon.filing.cutover.waves.models import wave_mails
from signon.opaque_tokens import digest, new_token
from tests.court.conftest import Caller, CourtHouse
from tests.court.test_cutover import COURT, program, scheduled
from tests.filing.test_waves import look_at
from tests.infra import queued
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World

WAVES = f"/courts/{COURT}/cutover/waves"
DESK = f"/court/{COURT}/cutover/waves"

__all__ = ["program", "scheduled"]


def to_day(world: World, days_before: int) -> None:
    """Early afternoon at the court, so many days before; the clock stands 60 days before."""
    world.clock.advance(days=60 - days_before, hours=6)


@ON_ONE
def test_a_program_plans_changes_tries_and_takes_away(program: Caller, scheduled: World):
    """With versions; what was refused is a problem that says why."""
    made = program.call("POST", WAVES, json={"days_before": 21, "opening": "We are here."})
    assert (made.status_code, made.json()["stage"], made.json()["day"]) == (
        201,
        "untried",
        "2026-04-10",
    )
    one = made.headers["location"].removeprefix("/api/v1")
    again = program.call("POST", WAVES, json={"days_before": 21})
    assert (again.status_code, again.json()["type"]) == (409, "urn:signon:problem:wave-planned")
    seen = program.call("GET", one)
    stale = {"if-match": '"old"'}
    assert program.call("PATCH", one, json={"closing": "x"}, headers=stale).status_code == 412
    fresh = {"if-match": seen.headers["etag"]}
    changed = program.call("PATCH", one, json={"days_before": 20}, headers=fresh)
    assert (changed.json()["days_before"], changed.json()["opening"]) == (20, "We are here.")
    wrong = program.call("PATCH", one, json={"opening": "See evil.com"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "opening")
    assert program.call("POST", f"{one}/try").json()["type"].endswith("no-mailbox")
    with scheduled.database.writing() as unit:
        values = {"help_email": "help@casd.uscourts.gov"}
        changes.change(unit, COURT, actor="system", values=values)
    assert program.call("POST", f"{one}/try").json() == {"address": "help@casd.uscourts.gov"}
    assert program.call("GET", one).json()["stage"] == "planned"
    usual = program.call("POST", f"{WAVES}/usual", json={}).json()["waves"]
    # the desk was opened on the sixtieth day, whose wave is still to come
    assert [wave["days_before"] for wave in usual] == [60, 30, 20, 14, 7, 2, 1, -1]
    assert program.call("DELETE", one).status_code == 204
    assert program.call("GET", one).status_code == 404
    assert len(program.call("GET", WAVES).json()["waves"]) == 7


@ON_ONE
def test_numbers_are_told_unless_they_tell_of_accounts(program: Caller, scheduled: World):
    """Of a wave that chose by those nobody learns any."""
    for days_before, states in ((14, ["no_account"]), (7, ["not_prepared"])):
        sent = {"days_before": days_before, "states": states}
        assert program.call("POST", WAVES, json=sent).status_code == 201
    to_day(scheduled, 14)
    # twelve without an account and nobody else: whoever saw one of the numbers saw them all
    assert look_at(scheduled.database) == 0
    scheduled.clock.advance(days=7)
    assert look_at(scheduled.database) == 12
    with scheduled.database.reading() as unit:
        found = shown.of(unit, COURT, "http://localhost:8000").waves
    first, second = (waves_api.answer(one).model_dump() for one in found)
    assert (first["stage"], first["progress"]) == ("sent", None)
    numbers = {"chosen": 12, "mailed": 0, "waiting": 12, "spared": 0, "bounced": 0}
    assert second["progress"] == numbers


@ON_ONE
def test_the_desk_plans_previews_and_tries(courthouse: CourtHouse, scheduled: World):
    """A clerk; whoever only reads sees no button, and another court's staff no page."""
    courthouse.staff("clerk", COURT)
    courthouse.staff("read_only", COURT)
    clerk = courthouse.sign_in("clerk.casd")
    assert "No reminder is planned" in clerk.get(DESK).text
    clerk.get(f"{DESK}/new")
    done = clerk.submit(clerk.page.forms[0], opening="See evil.com", states="not_prepared")
    assert "your court has not registered" in done.text
    done = clerk.submit(clerk.page.forms[0], opening="We are <here>.", states="not_prepared")
    assert "The usual waves are planned." in done.text
    assert done.text.count("Try its words first") == 6
    with scheduled.database.reading() as unit:
        wave = kept.of_court(unit, COURT)[0]
    page = clerk.get(f"{DESK}/{wave.id}")
    assert "We are &lt;here&gt;." in page.text
    html = clerk.get(f"{DESK}/{wave.id}/preview")
    assert "We are &lt;here&gt;." in html.text
    assert "sandbox" in html.headers["content-security-policy"]
    clerk.get(f"{DESK}/{wave.id}")
    done = clerk.submit(clerk.page.forms[0])
    assert "It is on its way to you." in done.text
    mails = queued.payloads(scheduled.database, "mail")
    [trial] = [one for one in mails if one["message"] == "cutover_reminder"]
    assert trial["to"] == scheduled.find("clerk.casd").email
    assert "Planned" in clerk.get(DESK).text
    reader = courthouse.sign_in("read.only.casd")
    assert "Send it to me" not in reader.get(f"{DESK}/{wave.id}").text
    assert reader.get(f"/court/casb/cutover/waves/{wave.id}").status_code == 404


@ON_ONE
def test_a_clerk_stops_a_wave(courthouse: CourtHouse, scheduled: World, program: Caller):
    """With the numbers beside the button."""
    program.call("POST", WAVES, json={"days_before": 7})
    to_day(scheduled, 7)
    courthouse.staff("clerk", COURT)
    clerk = courthouse.sign_in("clerk.casd")
    with scheduled.database.reading() as unit:
        [wave] = kept.of_court(unit, COURT)
    with scheduled.database.writing() as unit:
        sending.begin(unit, COURT, wave.id, "http://localhost:8000")
    page = clerk.get(f"{DESK}/{wave.id}")
    assert "Being sent" in page.text
    done = clerk.submit(clerk.page.forms[0])
    assert "The wave is stopped." in done.text
    assert look_at(scheduled.database) == 0


@ON_ONE
def test_the_command_plans_and_says_it(
    scheduled: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """As the desk does; a command has the time of now."""
    day = f"{utc_now() + timedelta(days=100):%Y-%m-%d}"
    with scheduled.database.writing() as unit:
        changes.change(unit, COURT, actor="system", go_live=announced(day))
    signon = CommandLine(scheduled.settings, tmp_path, monkeypatch, capsys)
    signon("courts", "waves", COURT, "plan")
    signon("courts", "waves", COURT, "plan", "21", "--to", "prepared", "--opening", "Hello.")
    signon("courts", "waves", COURT, "remove", "60")
    told = json.loads(signon("courts", "waves", COURT, "--json").out)
    assert [(one["days_before"], one["stage"]) for one in told][:2] == [
        (30, "planned"),
        (21, "untried"),
    ]
    assert len(told) == 7


# ── Where the links lead ─────────────────────────────────────────────────────


@pytest.fixture
def token(scheduled: World) -> str:
    """Of a reminder to the login doe03."""
    made = new_token()
    with scheduled.database.writing() as unit:
        wave = kept.Wave(
            "w" * 26, COURT, 7, ["not_prepared"], "", "", unit.now, *[None] * 6
        )  # fmt: skip
        kept.add(unit, wave)
        unit.execute(
            wave_mails.insert(),
            {"wave_id": wave.id, "address": "doe03@court.example.com"},
        )
        kept.settle(unit, wave.id, None, [ToDo("doe03@court.example.com", "m" * 26, digest(made))])
    return made


@ON_ONE
def test_a_link_shows_nothing_before_the_sign_in_and_leads_on_after_it(
    scheduled: World, token: str
):
    """The same page for everybody, whatever the token; then the login's name stands in the form."""
    stranger = scheduled.browser()
    known = stranger.get(f"/courts/{COURT}/begin/{token}")
    unknown = stranger.get(f"/courts/{COURT}/begin/{'x' * 43}")
    assert known.status_code == 200
    assert "doe03" not in known.text
    assert _without(known, token) == _without(unknown, "x" * 43)
    scheduled.account("john.roe1")
    stranger.get(f"/courts/{COURT}/begin/{token}/sign-in")
    assert "doe03" not in stranger.page.text
    page = stranger.sign_in("john.roe1", PASSWORD)
    assert 'value="doe03"' in page.text
    # whoever is signed in goes on at once
    assert 'value="doe03"' in stranger.get(f"/courts/{COURT}/begin/{token}").text


@ON_ONE
def test_each_is_led_to_what_they_lack(scheduled: World, token: str):
    """Without an account to registering, with a legacy one to the upgrade."""
    stranger = scheduled.browser()
    page = stranger.get(f"/courts/{COURT}/begin/{token}/register")
    assert "About you" in page.text
    scheduled.account("legacy1234", created_on=date(2013, 1, 1))
    other = scheduled.browser()
    other.get(f"/courts/{COURT}/begin/{token}/sign-in")
    page = other.sign_in("legacy1234", PASSWORD)
    assert "/upgrade?journey=" in page.text


def _without(page: httpx2.Response, token: str) -> str:
    text = page.text.replace(token, "")
    return re.sub(r"(?s)<footer.*", "", re.sub(r'value="[\w-]+=*"', "", text))


def test_one_click_ends_the_reminders_of_that_court(scheduled: World, token: str):
    """RFC 8058: a POST without cookies; a GET only asks; a second POST is as good as the first."""
    where = f"/courts/{COURT}/reminders/{token}"
    asked = scheduled.browser().get(where)
    assert "End the reminders of this court?" in asked.text
    assert _ended(scheduled) == 0
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = "List-Unsubscribe=One-Click"
    for _ in range(2):
        answer = scheduled.http.post(where, content=body, headers=headers)
        assert (answer.status_code, _ended(scheduled)) == (200, 1)
    for wrong in (f"/courts/casb/reminders/{token}", f"/courts/{COURT}/reminders/{'x' * 43}"):
        assert scheduled.http.post(wrong, content=body, headers=headers).status_code == 404
    assert _ended(scheduled) == 1


@ON_ONE
def test_the_pages_button_does_the_same(scheduled: World, token: str):
    """For whoever opens the link."""
    browser = scheduled.browser()
    browser.get(f"/courts/{COURT}/reminders/{token}")
    assert "No more reminders" in browser.submit(browser.page.forms[0]).text
    assert _ended(scheduled) == 1


def _ended(world: World) -> int | None:
    with world.database.reading() as unit:
        return kept.number_unsubscribed(unit, COURT)
