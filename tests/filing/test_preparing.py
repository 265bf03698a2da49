"""Preparing a link before the day: a proof that is kept, what ends it, and what the day makes of it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.courts import changes
from signon.courts.go_live import Announcement
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.cutover import going_live, today
from signon.filing.cutover.pages import hours
from signon.filing.linking import linking, preparing
from signon.filing.linking import prepared_links as statements
from signon.filing.linking.linking import Linked
from signon.filing.linking.models import prepared_links
from signon.filing.linking.prepared_links import Prepared
from signon.filing.models import rights
from signon.filing.readiness import readiness
from signon.signin.session import Session
from tests.filing.conftest import ORIGIN, Browse, House, argon2, line
from tests.filing.test_link_pages import fields, told
from tests.filing.test_linking import _at_once, go_live, reason
from tests.filing.test_lost_logins import link_of, post
from tests.infra.databases import ON_ONE
from tests.infra.refusals import caught

DAY = "2026-05-01"
FORM = "/courts/casd/link"


@pytest.fixture(autouse=True)
def _no_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens beside the tests."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])


@pytest.fixture(autouse=True)
def _scheduled(house: House) -> None:
    """The court goes live in two months."""
    go_live(house, "casd", DAY)


@caught
def confirm(house: House, session: Session, journey: str) -> Prepared:
    """What the button of the second page does."""
    with house.database.writing() as unit:
        return preparing.prepare(
            unit, session, house.court("casd"), journey, settings=house.settings, source=ORIGIN
        )


def prepare(house: House, login: str = "jdoe", username: str = "jane.doe1") -> Session:
    """A new account prepares a login."""
    session = house.fresh(username)
    made = confirm(house, session, house.proved(session, "casd", login))
    assert isinstance(made, Prepared), made
    return session


def look(house: House) -> int:
    """What the job of every minute does."""
    return asyncio.run(going_live.look(house.database, house.settings, house.hasher))


def on_the_day(house: House) -> int:
    """The clock passes the court's midnight, and the job looks."""
    house.clock.advance(days=60)
    return look(house)


def outcomes(house: House) -> list[str | None]:
    """How each prepared link ended."""
    return [row.outcome for row in house.rows(prepared_links)]


def letters(house: House) -> list[tuple[str, str]]:
    """What was mailed, and where to."""
    return [(one["message"], one["to"]) for one in house.mails()]


# ── Until the day ────────────────────────────────────────────────────────────


def test_what_was_proved_becomes_the_right_on_the_day(house: House):
    """A proof and no right until the court's midnight; then the right, once, with its mails."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    assert letters(house) == [
        ("link_prepared", "jane.doe1@mail.example.com"),
        ("link_prepared", "jdoe@court.example.com"),
    ]
    assert look(house) == 0
    assert not house.rows(rights)
    assert on_the_day(house) == 1
    [right] = house.rows(rights)
    assert (right.account_id, right.login, right.roles, right.status) == (
        session.account.id, "jdoe", ["attorney"], "active"
    )  # fmt: skip
    assert outcomes(house) == ["linked"]
    assert letters(house)[2:4] == [
        ("link_made", "jane.doe1@mail.example.com"),
        ("link_made", "jdoe@court.example.com"),
    ]
    assert look(house) == 0
    [made] = house.audited("filing:right:linked")
    assert made.actor == session.account.id
    assert len(house.rows(rights)) == 1


@ON_ONE
def test_a_button_pressed_twice_prepares_once(house: House):
    """The second click is answered as the first."""
    house.load("casd", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casd", "jdoe")
    assert confirm(house, session, journey) == confirm(house, session, journey)
    assert len(house.rows(prepared_links)) == 1


def test_one_of_many_accounts_prepares_a_login(house: House):
    """The constraint decides; the others are told."""
    house.load("casd", line("jdoe"))
    sessions = [house.fresh(f"racer-{number:03}") for number in range(8)]
    journeys = [house.proved(session, "casd", "jdoe") for session in sessions]
    answers = _at_once(
        [
            lambda session=session, journey=journey: confirm(house, session, journey)
            for session, journey in zip(sessions, journeys, strict=True)
        ]
    )
    lost = [one for one in answers if isinstance(one, RefusedError)]
    assert (len(answers), {one.reason for one in lost}, len(lost)) == (8, {"login_prepared"}, 7)
    assert len(house.rows(prepared_links)) == 1


@ON_ONE
def test_an_account_prepares_one_login_of_a_court(house: House):
    """The second is refused before anything is hashed."""
    house.load("casd", line("jdoe"), line("jdoe2"))
    session = prepare(house)
    assert reason(house.attempt(session, "casd", "jdoe2")) == "already_prepared"


@ON_ONE
def test_a_court_may_switch_it_off(house: House):
    """Then the refusal of a court that is not live is back; what is prepared stays."""
    house.load("casd", line("jdoe"), line("roe"))
    prepare(house)
    with house.database.writing() as unit:
        changes.change(unit, "casd", actor="system", values={"prepare": "off"})
    other = house.fresh("john.roe1")
    assert reason(house.attempt(other, "casd", "roe")) == "court_not_live"
    on_the_day(house)
    assert outcomes(house) == ["linked"]


def test_the_person_undoes_it(house: House):
    """Nothing becomes of it on the day, and the login can be prepared by somebody else."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    with house.database.writing() as unit:
        preparing.undo(unit, session.account, house.court("casd"), source=ORIGIN)
    with house.database.writing() as unit, pytest.raises(RefusedError) as refused:
        preparing.undo(unit, session.account, house.court("casd"), source=ORIGIN)
    assert refused.value.reason == "nothing_to_undo"
    prepare(house, username="john.roe1")
    assert on_the_day(house) == 1
    assert sorted(map(str, outcomes(house))) == ["linked", "undone"]


CHANGES: list[dict[str, str]] = [
    {"password_hash": argon2("another Secret 2")},
    {"last_name": "Roe"},
    {"email": "new@court.example.com"},
    {"status": "disabled"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_login_ends_it_with_a_mail(house: House, change: dict[str, str]):
    """Whose login it is may be another's now: it is proved once more."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    house.load("casd", line("jdoe", **change))
    with house.database.reading() as unit:
        found = readiness.of(unit, house.settings, session.account.id, house.court("casd"))
    [linked] = [one for one in found.lines if one.name == "linked_or_registered"]
    assert linked.state == "todo"
    assert (look(house), look(house)) == (1, 0)
    assert outcomes(house) == ["login_changed"]
    assert letters(house)[-1] == ("filing_right", session.account.email)
    assert "changed the filing login jdoe" in house.mails()[-1]["values"]["what"]
    on_the_day(house)
    assert not house.rows(rights)


@ON_ONE
def test_a_login_changed_just_now_can_be_prepared_again_at_once(house: House):
    """What the job has not ended yet is not in the way."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    house.load("casd", line("jdoe", last_name="Roe"))
    journey = house.proved(session, "casd", "jdoe")
    assert isinstance(confirm(house, session, journey), Prepared)
    assert sorted(map(str, outcomes(house))) == ["None", "login_changed"]


@ON_ONE
def test_the_same_list_once_more_changes_nothing(house: House):
    """Courts load their list every night; roles are those of the day."""
    house.load("casd", line("jdoe"))
    prepare(house)
    house.load("casd", line("jdoe", role="mediator"))
    on_the_day(house)
    [right] = house.rows(rights)
    assert right.roles == ["mediator"]


def test_a_password_that_is_hashed_anew_keeps_it(house: House):
    """Another salt is another hash of the same password; the password goes with the day."""
    house.load("casd", line("jdoe"))
    prepare(house)
    [row] = house.rows(prepared_links)
    assert row.password is not None
    assert b"Secret" not in row.password
    house.load("casd", line("jdoe", argon2()))
    assert look(house) == 0
    assert on_the_day(house) == 1
    assert len(house.rows(rights)) == 1
    [row] = house.rows(prepared_links)
    assert (row.outcome, row.password) == ("linked", None)


@ON_ONE
def test_a_login_that_was_closed_for_a_while_is_proved_anew(house: House):
    """What stands there proves the same, but somebody else may have had it meanwhile."""
    house.load("casd", line("jdoe"))
    prepare(house)
    house.load("casd", line("jdoe", status="disabled"))
    house.load("casd", line("jdoe"))
    assert look(house) == 1
    assert outcomes(house) == ["login_changed"]


@ON_ONE
def test_a_list_of_the_day_itself_is_looked_at_first(house: House):
    """A change that the job has not judged yet keeps the right waiting, not for good."""
    house.load("casd", line("jdoe"))
    prepare(house)
    [row] = house.rows(prepared_links)
    house.load("casd", line("jdoe", argon2()))
    house.clock.advance(days=60)
    with house.database.writing() as unit:
        assert not going_live.become(unit, house.settings, row.id)
    assert look(house) == 1
    assert outcomes(house) == ["linked"]


def test_a_moved_date_moves_it(house: House):
    """The old day brings nothing, the new one the right."""
    house.load("casd", line("jdoe"))
    prepare(house)
    go_live(house, "casd", "2026-07-01")
    assert on_the_day(house) == 0
    go_live(house, "casd", "2026-04-30")
    assert look(house) == 1
    assert outcomes(house) == ["linked"]


def test_a_moved_date_is_told_to_everybody_who_knows_the_old_one(house: House):
    """Both addresses, once for each day, and nobody whose preparation has ended."""
    house.load("casd", line("jdoe"), line("roe"))
    prepare(house)
    other = prepare(house, "roe", "john.roe1")
    with house.database.writing() as unit:
        preparing.undo(unit, other.account, house.court("casd"), source=ORIGIN)
    before = len(house.mails())
    go_live(house, "casd", "2026-07-01")
    _at_once([lambda: look(house)] * 2)
    look(house)
    told = house.mails()[before:]
    assert sorted(one["to"] for one in told) == [
        "jane.doe1@mail.example.com",
        "jdoe@court.example.com",
    ]
    assert {one["values"]["day"] for one in told} == {"Jul 1, 2026"}
    assert {one["values"]["is_moved"] for one in told} == {1}
    with house.database.writing() as unit:
        changes.change(unit, "casd", actor="system", go_live=Announcement(None))
    look(house)
    assert len(house.mails()) == before + 4
    assert house.mails()[-1]["values"]["day"] == "a day that the court has yet to name"


@pytest.mark.parametrize("day", ["2026-04-01", "2026-06-01"])
def test_many_are_told_of_a_day_that_moves_either_way(
    house: House, day: str, monkeypatch: pytest.MonkeyPatch
):
    """In as many units as it takes, by two processes at once, and nobody twice."""
    monkeypatch.setattr("signon.filing.cutover.moved.BATCH", 2)
    house.load("casd", *(line(f"jdoe{n}") for n in range(5)))
    for n in range(5):
        prepare(house, f"jdoe{n}", f"jane.doe{n}")
    before = len(house.mails())
    go_live(house, "casd", day)
    _at_once([lambda: look(house)] * 2)
    look(house)
    told = [one["to"] for one in house.mails()[before:]]
    assert len(told) == len(set(told)) == 10


# ── On the day ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"status": "disabled"}, "account_disabled"),
        ({"upgraded_at": None}, "account_not_upgraded"),
        ({"frozen_at": True}, "frozen"),
    ],
)
def test_the_day_asks_what_a_link_asks(house: House, values: dict[str, Any], expected: str):
    """An account that could not link that day gets nothing, and is told why."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    with house.database.writing() as unit:
        said = {name: unit.now if value is True else value for name, value in values.items()}
        unit.execute(update(accounts).values(**said))
    assert on_the_day(house) == 1
    assert not house.rows(rights)
    assert outcomes(house) == [expected]
    assert letters(house)[-1] == ("filing_right", session.account.email)
    [refused] = house.audited("filing:legacy_login:refused")
    assert refused.reason == expected


@ON_ONE
def test_names_that_differ_wait_for_the_court(house: House):
    """As a link of that day would."""
    house.load("casd", line("jdoe", last_name="Smith"))
    with house.database.writing() as unit:
        changes.change(unit, "casd", actor="system", values={"name_mismatch": "review"})
    prepare(house)
    on_the_day(house)
    [right] = house.rows(rights)
    assert (right.status, right.pending_for) == ("pending", ["review"])


def test_what_would_happen_now_writes_nothing(house: House):
    """Rights, reviews and refusals as the day would bring them."""
    house.load("casd", line("jdoe"), line("roe", last_name="Roe"), line("smith"), line("poe"))
    with house.database.writing() as unit:
        changes.change(unit, "casd", actor="system", values={"name_mismatch": "review"})
    prepare(house)
    prepare(house, "roe", "john.roe1")
    prepare(house, "smith", "jane.smith")
    frozen = prepare(house, "poe", "edgar.poe1").account.id
    with house.database.writing() as unit:
        own = accounts.c.id == frozen
        unit.execute(update(accounts).where(own).values(frozen_at=unit.now))
    house.load("casd", line("smith", first_name="John"))
    with house.database.reading() as unit:
        told = going_live.foretell(unit, house.court("casd"))
    assert (told.rights, told.reviews) == (2, 1)
    assert told.refused == {"frozen": 1, "login_changed": 1}
    assert not house.rows(rights)
    assert on_the_day(house) == 4
    assert len(house.rows(rights)) == 2


def test_the_day_is_told_hour_by_hour(house: House):
    """By the court's clock: links, refusals by their reason, and who came and is not linked."""
    house.load("casd", line("jdoe"), line("roe"), line("poe"))
    prepare(house)
    frozen = prepare(house, "roe", "john.roe1").account.id
    with house.database.writing() as unit:
        own = accounts.c.id == frozen
        unit.execute(update(accounts).where(own).values(frozen_at=unit.now))
    with house.database.reading() as unit:
        assert today.of(unit, house.court("casd")) is None
    house.clock.set(datetime(2026, 5, 1, 7, 1, tzinfo=UTC))
    came = house.fresh("edgar.poe1")
    assert reason(house.prove(came, "casd", "poe", "wrong")) == "wrong_login"
    look(house)
    house.clock.advance(hours=2)
    came = house.session(house.sign_in(came.account))
    assert reason(house.prove(came, "casd", "poe", "wrong")) == "wrong_login"
    with house.database.writing() as unit:
        for account in (came.account.id, house.rows(rights)[0].account_id):
            signed_in = Event.SIGN_IN_SUCCEEDED
            trail.record(unit, signed_in, actor=account, account_id=account, court_id="casd")
    with house.database.reading() as unit:
        found = today.of(unit, house.court("casd"))
    assert found is not None
    assert [(one.at.hour, one.links, one.refusals) for one in found.hours] == [
        (0, 1, 2),
        (1, 0, 0),
        (2, 0, 1),
    ]
    assert found.hours[0].refused == {"frozen": 1, "wrong_login": 1}
    assert found.refused == {"frozen": 1, "wrong_login": 2}
    drawn = hours(found)
    assert [one.name for one in drawn.series[1:]] == [
        "The login or its password was wrong",
        "Changes to the account are stopped",
        "Other refusals",
    ]
    assert [row for _hour, row in drawn.rows] == [[1, 1, 1, 0], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert found.not_linked == 1
    house.clock.advance(days=3)
    with house.database.reading() as unit:
        assert today.of(unit, house.court("casd")) is None


@ON_ONE
def test_whoever_is_faster_than_the_job_links_by_hand(house: House):
    """The day has begun and the job has not looked yet: the link ends what was prepared."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    house.clock.advance(days=60)
    session = house.session(house.sign_in(session.account))
    assert isinstance(house.link(session, "casd", "jdoe"), Linked)
    assert look(house) == 0
    assert outcomes(house) == ["linked"]


@ON_ONE
def test_a_login_that_somebody_else_links_first_is_theirs(house: House):
    """The one who had prepared it is told."""
    house.load("casd", line("jdoe"))
    first = prepare(house)
    house.clock.advance(days=60)
    house.link(house.fresh("john.roe1"), "casd", "jdoe")
    assert look(house) == 1
    assert outcomes(house) == ["login_taken"]
    assert letters(house)[-1] == ("filing_right", first.account.email)


@ON_ONE
def test_one_that_fails_keeps_nobody_waiting(house: House, monkeypatch: pytest.MonkeyPatch):
    """Its turn comes again."""
    house.load("casd", line("jdoe"), line("roe"))
    first = prepare(house)
    prepare(house, "roe", "john.roe1")
    make = linking.make

    def failing(unit: Unit, account: Account, *rest: Any, **how: Any) -> Any:
        if account.id == first.account.id:
            raise KeyError
        return make(unit, account, *rest, **how)

    with monkeypatch.context() as broken:
        broken.setattr(linking, "make", failing)
        assert on_the_day(house) == 1
    assert sorted(map(str, outcomes(house))) == ["None", "linked"]
    assert look(house) == 1
    assert outcomes(house) == ["linked", "linked"]


def test_it_is_taken_once_and_only_where_the_court_is_live(house: House):
    """Whatever was read before: the statement itself says so."""
    house.load("casd", line("jdoe"))
    prepare(house)
    [row] = house.rows(prepared_links)

    def take() -> bool:
        with house.database.writing() as unit:
            return statements.take(unit, row.id, unit.now) is not None

    assert not take()
    house.clock.advance(days=60)
    assert take()
    assert not take()


def test_two_processes_make_each_right_once(house: House):
    """Both look at the same moment."""
    logins = [f"login{number}" for number in range(6)]
    house.load("casd", *(line(login) for login in logins))
    for number, login in enumerate(logins):
        prepare(house, login, f"person-{number:03}")
    house.clock.advance(days=60)
    _at_once([lambda: look(house)] * 3)
    look(house)
    assert len(house.rows(rights)) == 6
    assert len(house.audited("filing:right:linked")) == 6
    assert outcomes(house) == ["linked"] * 6
    assert len([one for one in letters(house) if one[0] == "link_made"]) == 12


# ── Pages ────────────────────────────────────────────────────────────────────


@ON_ONE
def test_the_pages_say_when_it_becomes_the_account(house: House, browse: Browse):
    """Form → whose login it is → ready; and back, by the undo page."""
    house.load("casd", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    page = browser.get(browser.get(FORM).headers["location"])
    assert "This court goes live on May 1, 2026 ." in told(page.text)
    typed = {"ecf_login": "jdoe", "ecf_password": "old Secret 1"}
    second = browser.post(FORM, data={**fields(page.text), **typed}).headers["location"]
    page = browser.get(second)
    assert "Yes, prepare this login" in page.text
    done = browser.post(f"{FORM}/confirm", data=fields(page.text))
    assert (done.status_code, done.headers["location"]) == (303, second)
    ready = "Ready: on May 1, 2026 it becomes your filing account"
    assert ready in told(browser.get(second).text)
    assert ready in told(browser.get(browser.get(FORM).headers["location"]).text)
    listed = told(browser.get("/courts/casd/ready").text)
    assert "The filing login jdoe is ready: on May 1, 2026" in listed
    page = browser.get(f"{FORM}/undo")
    assert "Nothing becomes of the login on May 1, 2026." in told(page.text)
    answer = browser.post(f"{FORM}/undo", data=fields(page.text))
    assert answer.headers["location"] == f"{FORM}/undo/done"
    assert outcomes(house) == ["undone"]


@ON_ONE
def test_a_mailed_link_prepares_too(house: House, browse: Browse):
    """Whoever lost the password does not wait for the day either."""
    house.load("casd", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    page = browser.get(browser.get(FORM).headers["location"])
    form = fields(page.text)
    answer = browser.post(f"{FORM}/lost", data={**form, "known": "jdoe"})
    assert answer.status_code == 303
    [sent] = post(house)
    page = browser.get(browser.get(link_of(sent)).headers["location"])
    second = browser.post(f"{FORM}/proof", data=fields(page.text)).headers["location"]
    page = browser.get(second)
    assert browser.post(f"{FORM}/confirm", data=fields(page.text)).status_code == 303
    assert [row.ended_at for row in house.rows(prepared_links)] == [None]
