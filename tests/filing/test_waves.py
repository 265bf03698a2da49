"""Reminders in waves: to exactly the right people, once, on the day, and in the court's words."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from signon import pruning
from signon.accounts import unreachable
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.courts import changes
from signon.courts.go_live import Announcement, announced
from signon.db import Database
from signon.errors import BusyError, InputError, RefusedError
from signon.filing.court.desk import EVERY, Desk
from signon.filing.cutover import moved
from signon.filing.cutover.waves import kept, planning, sending, shown
from signon.filing.cutover.waves.models import wave_mails, waves
from signon.filing.cutover.waves.planning import Outline
from signon.filing.cutover.waves.shown import ShownWave
from signon.filing.models import legacy_logins
from signon.notices.reports import Failed
from signon.outbox import events as outbox
from signon.tables import metadata
from tests.filing.conftest import House, line
from tests.filing.test_cutover_states import LEGACY, verify
from tests.filing.test_linking import _at_once, go_live
from tests.filing.test_preparing import DAY, prepare
from tests.infra.databases import ON_ONE

ISSUER = "http://localhost:8000"
COURT = "casd"


@pytest.fixture(autouse=True)
def _scheduled(house: House) -> None:
    """The court goes live in sixty days: on May 1."""
    go_live(house, COURT, DAY)


def desk(house: House, account: Account | None = None) -> Desk:
    """The court's own program, or somebody of the staff."""
    return Desk(house.court(COURT), "system", EVERY, house.settings, account=account)


def plan(house: House, days_before: int, *states: str, **words: str) -> ShownWave:
    """A new wave."""
    wanted = Outline(days_before, states or None, **words)
    with house.database.writing() as unit:
        return planning.plan(unit, desk(house), wanted)


def do(house: House, rule: Callable[..., Any], *given: Any) -> Any:
    """An act of the court's program."""
    with house.database.writing() as unit:
        return rule(unit, desk(house), *given)


def stages(house: House) -> list[tuple[int, str]]:
    """How each wave stands."""
    with house.database.reading() as unit:
        found = shown.of(unit, COURT, ISSUER).waves
    return [(one.wave.days_before, one.stage.value) for one in found]


def the_wave(house: House) -> ShownWave:
    """The only one."""
    with house.database.reading() as unit:
        [found] = shown.of(unit, COURT, ISSUER).waves
    return found


def look_at(database: Database) -> int:
    """What the job does."""
    return asyncio.run(sending.look(database, ISSUER))


def look(house: House) -> int:
    """The same in a house."""
    return look_at(house.database)


def to_day(house: House, days_before: int) -> None:
    """Nine in the morning of that day at the court."""
    at = house.court(COURT).go_live_local
    assert at is not None
    moment = at - timedelta(days=days_before) + timedelta(hours=9)
    house.clock.now = moment.astimezone(house.clock.now.tzinfo)


def reminded(house: House) -> list[str]:
    """Who was mailed a reminder, in the order of their addresses."""
    kinds = {"cutover_reminder", "cutover_missed"}
    return sorted(one["to"] for one in house.mails() if one["message"] in kinds)


def at(*logins: str) -> list[str]:
    """The addresses on file of these logins."""
    return sorted(f"{login}@court.example.com" for login in logins)


# ── When ─────────────────────────────────────────────────────────────────────


def test_the_usual_waves_go_out_on_their_days_and_each_once(house: House):
    """Whoever has prepared gets none of the later ones; after the day whoever is not linked."""
    house.load(COURT, line("doe"), line("roe"), line("closed", status="disabled"))
    do(house, planning.plan_usual, Outline())
    assert look(house) == 0
    assert stages(house) == [(n, "planned") for n in (60, 30, 14, 7, 2, 1, -1)]
    to_day(house, 60)
    assert (look(house), look(house)) == (2, 0)
    assert reminded(house) == at("doe", "roe")
    prepare(house, "roe")
    for days_before in (30, 14, 7, 2, 1):
        to_day(house, days_before)
        assert (days_before, look(house), look(house)) == (days_before, 1, 0)
    to_day(house, -1)
    house.clock.advance(hours=-2)
    assert look(house) == 0
    house.clock.advance(hours=2)
    with house.database.writing() as unit:
        unit.execute(
            update(legacy_logins).where(legacy_logins.c.login == "roe").values(email_key="")
        )
    assert look(house) == 1
    assert reminded(house) == at(*["doe"] * 7, "roe")
    assert house.mails()[-1]["message"] == "cutover_missed"
    assert [stage for _, stage in stages(house)] == ["sent"] * 7


@ON_ONE
def test_nobody_is_reminded_before_eight_in_the_morning(house: House):
    """By the court's clock."""
    house.load(COURT, line("doe"))
    plan(house, 7)
    to_day(house, 7)
    house.clock.advance(hours=-2)
    assert look(house) == 0
    house.clock.advance(hours=1)
    assert look(house) == 1


@ON_ONE
def test_a_date_that_moves_takes_the_waves_along(house: House):
    """Those not yet sent; one that is under way waits, and goes on later with whom it has left."""
    house.load(COURT, line("doe"), line("roe"))
    plan(house, 30)
    plan(house, 7)
    to_day(house, 30)
    go_live(house, COURT, "2026-06-01")
    assert look(house) == 0
    to_day(house, 30)
    with house.database.writing() as unit:
        [wave, _] = kept.of_court(unit, COURT)
        assert sending.begin(unit, COURT, wave.id, ISSUER)
    go_live(house, COURT, "2026-07-01")
    assert look(house) == 0
    assert stages(house) == [(30, "waiting"), (7, "planned")]
    to_day(house, 30)
    assert look(house) == 2
    go_live(house, COURT, "2026-06-10")
    to_day(house, 7)
    assert look(house) == 2
    assert stages(house) == [(30, "sent"), (7, "sent")]


@ON_ONE
def test_a_wave_whose_day_went_by_is_not_sent(house: House):
    """But one that was kept from it for a day; of two the one nearest to the go-live."""
    house.load(COURT, line("doe"))
    for days_before in (30, 14, 13):
        plan(house, days_before)
    to_day(house, 27)
    assert look(house) == 0
    to_day(house, 13)
    assert look(house) == 1
    assert stages(house) == [(30, "passed"), (14, "passed"), (13, "sent")]
    house.clock.advance(days=1)
    assert look(house) == 0
    with pytest.raises(RefusedError) as refused:
        plan(house, 20)
    assert refused.value.reason == "wave_passed"


@ON_ONE
def test_a_live_court_sends_none_from_before_and_one_without_a_date_none_at_all(house: House):
    """Nor does a rehearsal."""
    house.load(COURT, line("doe"))
    plan(house, 1)
    plan(house, -1)
    with house.database.writing() as unit:
        changes.change(unit, COURT, actor="system", go_live=announced("2026-03-01"))
    house.clock.advance(hours=-14)
    assert look(house) == 0
    assert stages(house)[0] == (1, "passed")
    go_live(house, COURT, DAY)
    to_day(house, 1)
    with house.database.writing() as unit:
        changes.change(unit, COURT, actor="system", go_live=Announcement(None))
    assert look(house) == 0
    assert stages(house) == [(1, "no_date"), (-1, "no_date")]


# ── To whom ──────────────────────────────────────────────────────────────────


def test_each_wave_goes_to_the_people_of_its_states(house: House):
    """An address once however many logins it has; nobody whose mail comes back, or who wants none."""
    house.load(
        COURT,
        line("doe"),
        line("roe"),
        line("twice1", email="twice@court.example.com"),
        line("twice2", email="Twice@Court.example.com"),
        line("mute", email=""),
        line("closed", status="locked"),
        line("gone"),
        line("enough"),
    )
    prepare(house, "roe")
    with house.database.writing() as unit:
        unreachable.note(unit, Failed("gone@court.example.com", unit.now, "5.1.1"), how="refused")
        kept.unsubscribe(unit, COURT, "enough@court.example.com", unit.now)
    plan(house, 7, "not_prepared")
    plan(house, 2, "prepared")
    to_day(house, 7)
    look(house)
    assert reminded(house) == [*at("doe"), "twice@court.example.com"]
    [both] = [one for one in house.mails() if one["to"] == "twice@court.example.com"]
    assert both["values"]["login"] == "twice1, twice2"
    to_day(house, 2)
    assert look(house) == 1
    assert house.mails()[-1]["to"] == "roe@court.example.com"
    assert house.mails()[-1]["values"]["is_prepared"] == 1


@pytest.fixture
def mixed(house: House) -> House:
    """Twelve with an upgraded account, eleven with a legacy one, three with none."""
    lines = []
    for number in range(12):
        verify(house, house.account(f"upgraded{number:02}"))
        lines.append(line(f"up{number:02}", email=f"UPGRADED{number:02}@mail.example.com"))
    for number in range(11):
        house.account(f"legacy{number:04}", created_on=LEGACY)
        lines.append(line(f"le{number:02}", email=f"legacy{number:04}@mail.example.com"))
    house.load(COURT, *lines, *(line(f"nobody{number}") for number in range(3)))
    return house


def test_states_of_accounts_are_chosen_inside_and_never_fewer_than_ten(mixed: House):
    """Too few, and whatever could be reckoned from what is told, are left out; no number is told."""
    house = mixed
    plan(house, 14, "no_account", "account_found")
    plan(house, 7, "no_account", "shared_only")
    to_day(house, 14)
    assert look(house) == 12
    assert reminded(house) == [f"upgraded{n:02}@mail.example.com" for n in range(12)]
    to_day(house, 7)
    assert look(house) == 0
    with house.database.reading() as unit:
        found = shown.of(unit, COURT, ISSUER).waves
    assert [(one.stage.value, one.progress) for one in found] == [("sent", None)] * 2


def test_a_number_that_could_be_reckoned_is_not_told_by_a_wave_either(mixed: House):
    """With eleven and three, the eleven are hidden with the three of the next larger."""
    house = mixed
    with house.database.writing() as unit:
        unit.execute(accounts.delete().where(accounts.c.username == "legacy0000"))
        unit.execute(accounts.delete().where(accounts.c.username == "legacy0001"))
    # nine legacy ones: hidden, and they stand with the five without an account for ten people
    plan(house, 14, "legacy_account")
    to_day(house, 14)
    assert look(house) == 0


@ON_ONE
def test_all_states_of_accounts_together_are_not_prepared(mixed: House):
    """Then nothing is told of anybody, and nobody is left out."""
    wave = plan(mixed, 14, "no_account", "account_found", "shared_only", "legacy_account").wave
    assert wave.states == ["not_prepared"]
    to_day(mixed, 14)
    assert look(mixed) == 26
    far = the_wave(mixed).progress
    assert far
    assert (far.chosen, far.mailed, far.waiting, far.spared) == (26, 0, 26, 0)


@ON_ONE
def test_whoever_prepares_while_it_goes_out_is_spared(house: House, monkeypatch: Any):
    """Nothing is left to remind of when their turn comes."""
    monkeypatch.setattr(sending, "PART", 1)
    house.load(COURT, line("doe"), line("roe"), line("zoe"))
    wave = plan(house, 7).wave
    to_day(house, 7)
    with house.database.writing() as unit:
        sending.begin(unit, COURT, wave.id, ISSUER)
        assert sending.send_part(unit, wave.id) == 1
    prepare(house, "roe")
    house.load(COURT, line("zoe", status="disabled"))
    assert look(house) == 0
    assert reminded(house) == at("doe")
    far = the_wave(house).progress
    assert far
    assert (far.chosen, far.spared) == (3, 2)


@ON_ONE
def test_it_is_written_in_the_language_of_the_account(house: House):
    """Where one with the address is known to read another than English."""
    account = house.account("lectora01")
    verify(house, account)
    with house.database.writing() as unit:
        unit.execute(update(accounts).where(accounts.c.id == account.id).values(locale="es-US"))
    house.load(COURT, line("lector", email="Lectora01@mail.example.com"), line("doe"))
    plan(house, 7)
    to_day(house, 7)
    look(house)
    assert {one["to"]: one["language"] for one in house.mails()} == {
        "lectora01@mail.example.com": "es-US",
        "doe@court.example.com": "en-US",
    }


# ── Once ─────────────────────────────────────────────────────────────────────


def test_many_processes_send_each_mail_once(house: House, monkeypatch: Any):
    """They begin, send and finish one wave at the same time."""
    monkeypatch.setattr(sending, "PART", 3)
    names = [f"doe{number:02}" for number in range(40)]
    house.load(COURT, *map(line, names))
    plan(house, 7)
    to_day(house, 7)
    _at_once([lambda: look(house) for _ in range(6)])
    while the_wave(house).stage.value != "sent":
        look(house)
    assert reminded(house) == at(*names)
    assert len(house.rows(wave_mails)) == 40


def test_two_waves_planned_for_one_day_at_once_are_one(house: House):
    """The constraint decides; the other is told."""
    house.load(COURT, line("doe"))
    answers = _at_once([lambda: _refused(lambda: plan(house, 7)) for _ in range(6)])
    assert sorted(map(str, answers)) == ["None", *["wave_planned"] * 5]
    assert len(house.rows(waves)) == 1


def _refused(act: Callable[[], Any]) -> str | None:
    try:
        act()
    except RefusedError as error:
        return error.reason
    return None


def test_a_stopped_wave_sends_nothing_more_nor_what_waits(house: House, monkeypatch: Any):
    """What somebody tries to deliver has left; its numbers say so."""
    monkeypatch.setattr(sending, "PART", 2)
    monkeypatch.setattr(sending, "ROOM", 3)
    house.load(COURT, *(line(f"doe{number}") for number in range(8)))
    wave = plan(house, 7).wave
    to_day(house, 7)
    assert look(house) == 4
    with house.database.writing() as unit:
        [leased] = outbox.lease(unit, 1)
    do(house, planning.stop, wave.id)
    assert [one["to"] for one in house.mails()] == [leased.payload["to"]]
    assert look(house) == 0
    far = the_wave(house).progress
    assert far
    assert (far.chosen, far.mailed, far.waiting, far.spared) == (8, 0, 8, 0)
    assert the_wave(house).stage == "stopped"
    with pytest.raises(RefusedError):
        do(house, planning.stop, wave.id)


def test_addresses_that_a_wave_never_came_to_go_too(house: House, monkeypatch: Any):
    """It was stopped, or the court went live first: a year after it began nobody waits for it."""
    monkeypatch.setattr(sending, "PART", 1)
    monkeypatch.setattr(sending, "ROOM", 1)
    house.load(COURT, *(line(f"doe{number}") for number in range(3)))
    wave = plan(house, 7).wave
    to_day(house, 7)
    look(house)
    do(house, planning.stop, wave.id)
    house.clock.advance(days=364)
    assert _pruned(house) == 0
    house.clock.advance(days=2)
    assert _pruned(house) == 3
    assert house.rows(wave_mails) == []


def _pruned(house: House) -> int:
    rules = pruning.declared(metadata, house.settings)
    return asyncio.run(pruning.prune_all(house.database, {"waves": rules[wave_mails.name]}))[
        "waves"
    ]


# ── The court's words ────────────────────────────────────────────────────────


@ON_ONE
def test_words_of_the_court_go_out_only_after_a_trial(house: House):
    """In whichever wave they stand; other words are tried anew."""
    house.load(COURT, line("doe"))
    with house.database.writing() as unit:
        values = {"help_email": "help@casd.uscourts.gov"}
        changes.change(unit, COURT, actor="system", values=values)
    plan(house, 7, opening="We are here.")
    wave = plan(house, 6, opening="We are here.").wave
    to_day(house, 7)
    assert look(house) == 0
    assert stages(house) == [(7, "untried"), (6, "untried")]
    assert do(house, planning.try_out, wave.id) == "help@casd.uscourts.gov"
    [trial] = house.mails()
    assert (trial["to"], trial["values"]["login"]) == ("help@casd.uscourts.gov", "jdoe")
    assert stages(house) == [(7, "planned"), (6, "planned")]
    do(house, planning.change, wave.id, Outline(closing="Call us."))
    assert stages(house) == [(7, "planned"), (6, "untried")]
    assert look(house) == 1
    sent = house.mails()[-1]["values"]
    assert (sent["opening"], sent["closing"]) == (["We are here."], [])


@ON_ONE
def test_a_trial_goes_to_whoever_asks(house: House):
    """A program without a mailbox is told what to do."""
    wave = plan(house, 7).wave
    account = house.account()
    with house.database.writing() as unit:
        assert planning.try_out(unit, desk(house, account), wave.id) == account.email
    with pytest.raises(RefusedError) as refused:
        do(house, planning.try_out, wave.id)
    assert refused.value.reason == "no_mailbox"


@ON_ONE
def test_trials_are_on_record_and_bounded(house: House, monkeypatch: pytest.MonkeyPatch):
    """A court names its help desk's address itself: nobody is flooded through us."""
    monkeypatch.setattr(planning, "TRIALS_AN_HOUR", 2)
    account, wave = house.account(), plan(house, 7, opening="We are here.").wave
    person = desk(house, account)
    for _ in range(2):
        with house.database.writing() as unit:
            planning.try_out(unit, person, wave.id)
    with pytest.raises(BusyError, match="within an hour"), house.database.writing() as unit:
        planning.try_out(unit, person, wave.id)
    assert len(house.mails()) == 2
    assert [one.detail["wave"] for one in house.audited("filing:wave:tried")] == [wave.id] * 2
    house.clock.advance(hours=1)
    with house.database.writing() as unit:
        planning.try_out(unit, person, wave.id)


@ON_ONE
@pytest.mark.parametrize(
    "text",
    [
        "Pay at https://evil.example/casd",
        "See evil.com",
        "See https://ecf.casd.uscourts.gov.evil.com",
        "See https://ecf.casd.uscourts.gov@evil.com/",
        "Write to help@evil.com",
        "x" * 1001,
        "\n".join("abcdefghijklm"),
        "un\u200bseen",
    ],
)
def test_words_hold_no_address_but_the_courts_own(house: House, text: str):
    """Nor more than fits, nor what cannot be seen."""
    with pytest.raises(InputError) as refused:
        plan(house, 7, opening=text)
    assert refused.value.field == "opening"


@ON_ONE
def test_registered_addresses_may_stand_in_them_as_long_as_they_are(house: House):
    """One that the court has taken off its list keeps the wave back."""
    where = "https://www.casd.uscourts.gov/training"
    with house.database.writing() as unit:
        values = {"help_email": "help@casd.uscourts.gov", "training_url": where}
        changes.change(unit, COURT, actor="system", values=values)
    house.load(COURT, line("doe"))
    text = f"Ask help@casd.uscourts.gov, or see https://ecf.casd.uscourts.gov/.\nTrain ({where})!"
    wave = plan(house, 7, closing=text).wave
    do(house, planning.try_out, wave.id)
    with house.database.writing() as unit:
        changes.change(unit, COURT, actor="system", values={"training_url": ""})
    to_day(house, 7)
    assert look(house) == 0
    assert not the_wave(house).words_fit
    with house.database.writing() as unit:
        changes.change(unit, COURT, actor="system", values={"training_url": where})
    assert look(house) == 1


# ── Planning ─────────────────────────────────────────────────────────────────


@ON_ONE
def test_what_no_wave_can_be_is_refused(house: House):
    """A day that is none, no state, another state than there are, a second one for a day."""
    for wanted, field in (
        (Outline(0), "days_before"),
        (Outline(400), "days_before"),
        (Outline(None), "days_before"),
        (Outline(7, []), "states"),
        (Outline(7, ["linked"]), "states"),
        (Outline(-1, ["prepared"]), "states"),
    ):
        with pytest.raises(InputError) as wrong:
            do(house, planning.plan, wanted)
        assert wrong.value.field == field
    wave = plan(house, 7).wave
    other = plan(house, 6).wave
    assert _refused(lambda: plan(house, 7)) == "wave_planned"
    assert _refused(lambda: do(house, planning.change, other.id, Outline(7))) == "wave_planned"
    do(house, planning.remove, wave.id)
    do(house, planning.change, other.id, Outline(7))
    assert stages(house) == [(7, "planned")]


@ON_ONE
def test_what_has_begun_is_neither_changed_nor_taken_away(house: House):
    """It is stopped."""
    house.load(COURT, line("doe"))
    wave = plan(house, 7).wave
    to_day(house, 7)
    with house.database.writing() as unit:
        sending.begin(unit, COURT, wave.id, ISSUER)
    assert _refused(lambda: do(house, planning.change, wave.id, Outline(5))) == "wave_begun"
    assert _refused(lambda: do(house, planning.remove, wave.id)) == "wave_begun"
    do(house, planning.stop, wave.id)
    events = ["planned", "begun", "stopped"]
    assert [len(house.audited(f"filing:wave:{one}")) for one in events] == [1, 1, 1]


# ── A day that moves ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("day", ["2026-04-01", "2026-07-01"])
def test_whoever_was_reminded_of_a_day_is_told_of_the_new_one(
    house: House, day: str, monkeypatch: pytest.MonkeyPatch
):
    """Once each, by two processes at once and in several parts, also of a second wave's readers; not
    who has prepared (that has a mail of its own), unsubscribed, or was never told.
    """
    monkeypatch.setattr("signon.filing.cutover.waves.telling.PART", 2)
    house.load(COURT, *(line(name) for name in ("doe", "roe", "poe", "moe")))
    plan(house, 60, "not_prepared")
    plan(house, 59, "not_prepared")
    to_day(house, 60)
    assert look(house) == 4
    to_day(house, 59)
    assert look(house) == 4
    house.load(COURT, *(line(name) for name in ("doe", "roe", "poe", "moe", "late")))
    prepare(house, "roe")
    with house.database.writing() as unit:
        kept.unsubscribe(unit, COURT, "poe@court.example.com", unit.now)
    go_live(house, COURT, day)
    tell = [lambda: asyncio.run(moved.tell(house.database))] * 2
    _at_once(tell)
    tell[0]()
    told = [one for one in house.mails() if one["message"] == "cutover_moved"]
    assert sorted(one["to"] for one in told) == at("doe", "moe")
    assert {one["values"]["day"] for one in told} == {
        "2026-04-01": {"Apr 1, 2026"}, "2026-07-01": {"Jul 1, 2026"}
    }[day]  # fmt: skip
    with house.database.reading() as unit:
        assert kept.outdated(unit, unit.now) == []
