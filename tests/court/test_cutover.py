"""The cutover desk: what a court sees of its day, by console, REST and command."""

import asyncio
import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, update

from signon.accounts.hashing import Hasher
from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.courts import changes
from signon.courts.go_live import announced
from signon.courts.registry import read_one
from signon.filing.cutover import checks, points
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.importing import Means
from signon.filing.models import legacy_logins
from signon.outbound import Outbound, OutboundError
from tests.court.conftest import Caller, CourtHouse
from tests.filing.conftest import HEADER, line
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE
from tests.infra.world import World

COURT = "casd"


def load(world: World, *lines: str) -> None:
    """The court's list."""
    means = Means(world.database, world.ring, Hasher(world.settings), 1)
    importing.run(means, COURT, "\r\n".join([HEADER, *lines, ""]).encode())


@pytest.fixture
def scheduled(world: World) -> World:
    """A court that goes live in 60 days, with 12 logins that can be prepared and two that cannot."""
    with world.database.writing() as unit:
        changes.change(unit, COURT, actor="system", go_live=announced("2026-05-01"))
    load(
        world,
        *(line(f"doe{number:02}", "", last_name=f"Doe{99 - number}") for number in range(12)),
        line("closed", "", status="disabled", last_name="=cmd()"),
        line("mute", "", email="", last_name="Mute"),
    )
    return world


@pytest.fixture
def program(courthouse: CourtHouse) -> Caller:
    """The court's own program."""
    return courthouse.service(COURT)


def register(world: World, client_id: str, court: str = COURT, **values: Any) -> None:
    """A program of the court's."""
    row = {
        "id": client_id,
        "name": "CM/ECF",
        "court_id": court,
        "profile": "standard",
        "auth_method": "client_secret_basic",
        "grants": [],
        "scopes": [],
        "redirect_uris": ["https://ecf.example/callback"],
        "post_logout_redirect_uris": [],
        "return_uris": [],
        "id_token_alg": "ES256",
        "refresh_grace_seconds": 0,
        "trusted": False,
        "created_at": world.clock(),
    }
    with world.database.writing() as unit:
        unit.execute(insert(clients), {**row, **values})


# ── The desk ─────────────────────────────────────────────────────────────────


@ON_ONE
def test_the_desk_says_how_many_days_are_left_and_who_is_ready(
    courthouse: CourtHouse, scheduled: World
):
    """Numbers now, the picture by days, what is hidden as hidden."""
    courthouse.staff("read_only", COURT)
    reader = courthouse.sign_in("read.only.casd")
    page = reader.get(f"/court/{COURT}/cutover")
    assert page.status_code == 200
    assert "60 days left" in page.text
    assert "No day was counted yet" in page.text
    asyncio.run(points.keep(scheduled.database))
    page = reader.get(f"/court/{COURT}/cutover")
    assert 'role="img"' in page.text
    assert "Login unusable" in page.text
    # twelve have no account; the others are none, and so all is hidden
    assert page.text.count(">hidden<") == 4
    scheduled.clock.advance(days=61)
    reader = courthouse.sign_in("read.only.casd")
    page = reader.get(f"/court/{COURT}/cutover")
    assert "Your court went live on" in page.text
    assert "Today, hour by hour" in page.text
    assert "It has not failed today." in page.text


@ON_ONE
def test_a_stranger_finds_no_desk(courthouse: CourtHouse, scheduled: World):
    """Staff of another court neither."""
    courthouse.staff("administrator", "casb")
    other = courthouse.sign_in("administrator.casb")
    for path in ("", "/logins", "/logins.csv"):
        assert other.get(f"/court/{COURT}/cutover{path}").status_code == 404


# ── The list ─────────────────────────────────────────────────────────────────


def listed(program: Caller, **asked: Any) -> list[str]:
    """The logins of the REST list, page by page."""
    found, cursor = [], None
    while True:
        query = {**asked, **({"cursor": cursor} if cursor else {})}
        answer = program.call("GET", f"/courts/{COURT}/cutover/logins", params=query)
        assert answer.status_code == 200, answer.text
        found += [one["login"] for one in answer.json()["logins"]]
        if "next" not in answer.links:
            return found
        [cursor] = parse_qs(urlsplit(answer.links["next"]["url"]).query)["cursor"]


def test_the_list_is_filtered_sorted_and_paged(program: Caller, scheduled: World):
    """Both orders, every state, words; nothing twice and nothing left out."""
    all_of_them = listed(program, limit=5)
    assert all_of_them == sorted([*(f"doe{n:02}" for n in range(12)), "closed", "mute"])
    by_name = listed(program, limit=5, order="name")
    assert by_name[:2] == ["closed", "doe11"]
    assert sorted(by_name) == all_of_them
    assert listed(program, state="unusable") == ["closed", "mute"]
    assert listed(program, state="prepared") == []
    assert listed(program, q="doe01") == ["doe01"]
    assert len(listed(program, state="not_prepared", limit=7)) == 12


@ON_ONE
def test_a_list_tells_nothing_of_accounts(program: Caller, scheduled: World):
    """No state, no filter and no column of theirs."""
    answer = program.call("GET", f"/courts/{COURT}/cutover/logins")
    assert {one["state"] for one in answer.json()["logins"]} == {"not_prepared", "unusable"}
    for state in ("account_found", "no_account"):
        refused = program.call("GET", f"/courts/{COURT}/cutover/logins?state={state}")
        assert refused.status_code == 422
    whole = program.call("GET", f"/courts/{COURT}/cutover").json()
    assert whole["reasons"] is None
    asyncio.run(points.keep(scheduled.database))
    whole = program.call("GET", f"/courts/{COURT}/cutover").json()
    assert set(whole["reasons"].values()) == {None}
    assert (whole["not_prepared"], whole["unusable"], whole["days_left"]) == (12, 2, 60)
    assert [one["not_prepared"] for one in whole["days"]] == [12]


@ON_ONE
def test_the_file_holds_the_list_and_no_formula(
    courthouse: CourtHouse, program: Caller, scheduled: World, monkeypatch: pytest.MonkeyPatch
):
    """The console's and the program's are the same, in however many parts."""
    monkeypatch.setattr("signon.filing.cutover.listing.PART", 4)
    courthouse.staff("clerk", COURT)
    sent = courthouse.sign_in("clerk.casd").get(f"/court/{COURT}/cutover/logins.csv")
    assert sent.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(sent.text.splitlines()))
    assert len(rows) == 14
    [closed] = [one for one in rows if one["login"] == "closed"]
    assert (closed["last_name"], closed["why"]) == ("'=cmd()", "disabled")
    assert program.call("GET", f"/courts/{COURT}/cutover/export").text == sent.text


@ON_ONE
def test_what_cannot_be_looked_for_is_said(courthouse: CourtHouse, scheduled: World):
    """On the page in words."""
    courthouse.staff("clerk", COURT)
    clerk = courthouse.sign_in("clerk.casd")
    assert "Search for 2 characters" in clerk.get(f"/court/{COURT}/cutover/logins?q=x").text
    assert "The state must be one of" in clerk.get(f"/court/{COURT}/cutover/logins?state=x").text
    assert "No old login is like that" in clerk.get(f"/court/{COURT}/cutover/logins?q=zz").text


@ON_ONE
def test_the_command_says_it_too(
    scheduled: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """With what would happen if the day were now."""
    signon = CommandLine(scheduled.settings, tmp_path, monkeypatch, capsys)
    told = json.loads(signon("courts", "cutover", COURT, "--dry-run", "--json").out)
    assert (told["not_prepared"], told["unusable"], told["rights_now"]) == (12, 2, 0)
    assert next(one["name"] for one in told["checks"]) == "client"


# ── The court's own checks ───────────────────────────────────────────────────


def told(world: World) -> dict[str, tuple[bool, str]]:
    """Whether each is met, and how it stands."""
    with world.database.reading() as unit:
        court = read_one(unit, COURT)
        return {one.name: (one.is_met, one.so) for one in checks.of(unit, court)}


def test_every_check_is_red_with_its_mend_and_then_green(courthouse: CourtHouse, scheduled: World):
    """From a court that has done nothing to one that has done all."""
    with scheduled.database.writing() as unit:
        unit.execute(update(legacy_logins).values(imported_at=unit.now - timedelta(days=8)))
    before = told(scheduled)
    assert not {name for name, (is_met, _so) in before.items() if is_met}
    register(scheduled, "casd-cmecf", backchannel_logout_uri="https://ecf.example/logout")
    register(scheduled, "casd-train", court="casb")
    courthouse.staff("clerk", COURT)
    assert told(scheduled)["staff"] == (False, "1 of 1 have none: clerk.casd.")
    values = {"help_phone": "619-555-0100", "training": "none"}
    with scheduled.database.writing() as unit:
        unit.execute(update(accounts).values(has_factor=True))
        unit.execute(update(legacy_logins).values(imported_at=unit.now))
        changes.change(unit, COURT, actor="system", values=values)
    asyncio.run(checks.look(scheduled.database, Answering()))
    after = told(scheduled)
    assert {name for name, (is_met, _so) in after.items() if not is_met} == {"rehearsal"}
    assert after["rehearsal"][1] == "There is no casd-train."


class Answering(Outbound):
    """Everybody answers, but whoever is named."""

    def __init__(self, silent: str = "") -> None:
        self._silent = silent

    async def get(self, url: str) -> Any:
        if self._silent and self._silent in url:
            raise OutboundError("ecf.example could not be reached.")


@ON_ONE
def test_an_address_that_is_silent_is_named(scheduled: World):
    """With what to do about it."""
    register(scheduled, "casd-cmecf", backchannel_logout_uri="https://ecf.example/logout")
    asyncio.run(checks.look(scheduled.database, Answering("logout")))
    found = told(scheduled)
    assert found["redirect"][0]
    assert found["backchannel"] == (
        False,
        "https://ecf.example/logout did not answer: ecf.example could not be reached.",
    )
