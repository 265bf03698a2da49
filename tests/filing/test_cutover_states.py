"""Who is ready: one state for each login, and what of it a court may see."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import update

from signon.accounts import unreachable
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.filing.cutover import listing, points, states
from signon.filing.cutover.listing import Wanted
from signon.filing.cutover.models import cutover_points
from signon.filing.cutover.states import OF_ACCOUNTS, Preparedness
from signon.filing.linking import preparing
from signon.notices.reports import Failed
from tests.filing.conftest import ORIGIN, House, line
from tests.filing.test_linking import go_live
from tests.filing.test_preparing import DAY, on_the_day, prepare
from tests.infra.databases import ON_ONE

LEGACY = date(2013, 1, 1)


@pytest.fixture(autouse=True)
def _scheduled(house: House) -> None:
    """The court goes live in two months."""
    go_live(house, "casd", DAY)


def counts(house: House) -> dict[str, int]:
    """The states that somebody is in."""
    with house.database.reading() as unit:
        return {one.value: number for one, number in states.counted(unit, "casd").items() if number}


def seen(house: House) -> dict[str, int]:
    """What the court sees of them now."""
    with house.database.reading() as unit:
        found = states.standings(unit, "casd")
    return {one.value: number for one, number in found.items() if number}


def verify(house: House, *known: Account) -> None:
    """Their addresses are confirmed."""
    with house.database.writing() as unit:
        for account in known:
            own = accounts.c.id == account.id
            unit.execute(update(accounts).where(own).values(email_verified=True))


def test_each_login_has_one_state(house: House):
    """The mix that courts have."""

    def at(username: str) -> str:
        return f"{username.upper()}@mail.example.com"

    upgraded = house.account("upgraded1")
    house.account("unverified")
    house.account("legacy1234", created_on=LEGACY)
    house.account("shared1234", AccountKind.SHARED)
    verify(house, upgraded)
    house.load(
        "casd",
        line("jdoe"),
        line("found", email=at("upgraded1")),
        line("unverified", email=at("unverified")),
        line("legacy", email=at("legacy1234")),
        line("shared", email=at("shared1234")),
        line("nobody"),
        line("closed", status="disabled"),
        line("locked", status="locked", email=at("upgraded1")),
        line("mute", email=""),
    )
    prepare(house)
    assert counts(house) == {
        "prepared": 1,
        "account_found": 1,
        "legacy_account": 1,
        "shared_only": 1,
        "no_account": 2,
        "unusable": 3,
    }
    assert seen(house) == {"prepared": 1, "not_prepared": 5, "unusable": 3}
    on_the_day(house)
    assert seen(house) == {"linked": 1, "not_prepared": 5, "unusable": 3}


def test_a_person_with_two_accounts_counts_once_and_by_the_better(house: House):
    """A shared account beside one's own is no obstacle."""
    own = house.account("upgraded1")
    house.account("shared1234", AccountKind.SHARED)
    verify(house, own)
    with house.database.writing() as unit:
        unit.execute(update(accounts).values(email=own.email, email_key=own.email))
    house.load("casd", line("jdoe", email=own.email))
    assert counts(house) == {"account_found": 1}


def test_an_address_that_mail_comes_back_from_is_none(house: House):
    """Until it works again; and whoever has prepared is ready all the same."""
    house.load("casd", line("jdoe"), line("roe"), line("poe"))
    prepare(house)
    with house.database.writing() as unit:
        for login in ("jdoe", "roe"):
            failed = Failed(f"{login}@Court.example.com", unit.now, None)
            unreachable.note(unit, failed, how=unreachable.REFUSED)
    assert seen(house) == {"prepared": 1, "not_prepared": 1, "unusable": 1}
    assert counts(house) == {"prepared": 1, "no_account": 1, "unusable": 1}
    with house.database.reading() as unit:
        court_id, unusable = house.court("casd").id, Wanted(standing="unusable")
        assert [(one.login, one.why) for one in listing.find(unit, court_id, unusable).lines] == [
            ("roe", "mail comes back")
        ]
    with house.database.writing() as unit:
        unreachable.works(unit, "roe@court.example.com")
    assert seen(house) == {"prepared": 1, "not_prepared": 2}


@ON_ONE
def test_whoever_proved_it_before_is_the_account_that_is_known(house: House):
    """The person named it; the address on file may be another one."""
    house.load("casd", line("jdoe"))
    session = prepare(house)
    with house.database.writing() as unit:
        preparing.undo(unit, session.account, house.court("casd"), source=ORIGIN)
    assert counts(house) == {"account_found": 1}


@ON_ONE
def test_a_proof_of_a_changed_login_is_none(house: House):
    """At once, before the job has written its end down."""
    house.load("casd", line("jdoe"))
    prepare(house)
    house.load("casd", line("jdoe", last_name="Roe"))
    assert seen(house) == {"not_prepared": 1}


# ── What is hidden ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((100, 50, 20, 300), (100, 50, 20, 300)),
        ((100, 50, 9, 300), (100, None, None, 300)),
        ((100, 50, 0, 300), (100, None, None, 300)),
        ((100, 6, 5, 300), (100, None, None, 300)),
        ((100, 4, 5, 300), (None, None, None, 300)),
        ((3, 4, 1, 0), (None, None, None, None)),
        ((0, 0, 0, 12), (None, None, None, None)),
        ((10, 10, 10, 10), (10, 10, 10, 10)),
    ],
)
def test_what_is_hidden_cannot_be_reckoned(
    numbers: tuple[int, ...], expected: tuple[int | None, ...]
):
    """None under ten, none alone, and ten people behind what is hidden."""
    told = states.told(dict(zip(OF_ACCOUNTS, numbers, strict=True)))
    assert tuple(told[state] for state in OF_ACCOUNTS) == expected


def test_a_court_sees_no_state_of_an_account(house: House):
    """The words for one person know none of them."""
    assert not {one.value for one in Preparedness} & {one.value for one in OF_ACCOUNTS}


# ── A point a day ────────────────────────────────────────────────────────────


def test_there_is_one_point_a_day_of_courts_with_a_day(house: House):
    """However often the job runs; what is loaded later counts on the next day."""
    house.load("casd", line("jdoe"))
    assert asyncio.run(points.keep(house.database)) == 1
    house.load("casd", line("jdoe"), line("roe"))
    assert asyncio.run(points.keep(house.database)) == 0
    house.clock.advance(days=1)
    assert asyncio.run(points.keep(house.database)) == 1
    with house.database.reading() as unit:
        found = points.of_court(unit, house.court("casd"))
    assert [(one.day, one.not_ready, one.ready) for one in found] == [
        (date(2026, 3, 2), 1, 0),
        (date(2026, 3, 3), 2, 0),
    ]
    assert {row.court_id for row in house.rows(cutover_points)} == {"casd"}


@ON_ONE
def test_the_points_end_a_month_after_the_day(house: House):
    """A court that went live long ago is not counted."""
    house.clock.advance(days=89)
    assert asyncio.run(points.keep(house.database)) == 1
    house.clock.advance(days=30)
    assert asyncio.run(points.keep(house.database)) == 0
