"""A rehearsal of a court's day: who is invented, what never leaves, and that it goes again."""

import asyncio
import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from signon.accounts import email_changes
from signon.accounts.hashing import Hasher
from signon.accounts.history import NO_PROOF
from signon.accounts.models import accounts
from signon.clients.models import dynamic_registrations, invitations
from signon.clients.registry import read_client
from signon.courts import changes, staff
from signon.courts.go_live import announced
from signon.courts.registry import Court, read_one
from signon.courts.staff import StaffRole
from signon.db import metadata
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.cutover import (
    casting,
    checks,
    desk,
    going_live,
    held_mails,
    inventing,
    points,
    rehearsing,
    states,
)
from signon.filing.cutover.inventing import Playing
from signon.filing.cutover.models import held_mails as held
from signon.filing.cutover.rehearsing import Plan
from signon.filing.cutover.states import LoginState, Preparedness
from signon.filing.linking import conditions
from signon.filing.linking.models import prepared_links
from signon.filing.models import legacy_logins
from signon.filing.registrations import conditions as registering
from signon.notices import mail, rehearsals
from signon.notices.delivery import Mailer
from signon.notices.message import kinds
from signon.outbox import events
from signon.pruning import declared
from signon.web.visitor import Source
from tests.court.conftest import CourtHouse
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.notices import mail_server
from tests.notices.mail_server import MailServer
from tests.notices.samples import VALUES, values_of
from tests.oidc.relying_party import RelyingParty
from tests.operation.rows import add

COURT, TRAIN = "casd", "casd-train"
PASSWORD = "everybody who plays"
CALLBACK = "https://ecf-train.casd.test/callback"
PEOPLE = 24
SOURCE = Source("192.0.2.1", "test", "request")


@pytest.fixture
def scheduled(world: World) -> World:
    """A court that goes live in 60 days, with logins of which some are closed or prepared."""
    with world.database.writing() as unit:
        changes.change(unit, COURT, actor="system", go_live=announced("2026-05-01"))
        changes.change(unit, COURT, actor="system", values={"help_phone": "619-555-0100"})
    world.legacy_logins(COURT, [f"doe{number:02}" for number in range(40)])
    with world.database.writing() as unit:
        closed = legacy_logins.c.login.in_([f"doe{number:02}" for number in range(10)])
        unit.execute(update(legacy_logins).where(closed).values(status="disabled"))
    return world


def plan(world: World, when: str = "+1h", people: int = PEOPLE) -> Plan:
    """What the command looks at first."""
    with world.database.reading() as unit:
        return rehearsing.plan(unit, COURT, when, people)


def make(world: World, **how: Any) -> Court:
    """What the command does."""
    wanted = plan(world, **how)
    with world.database.writing() as unit:
        court = rehearsing.stage(unit, wanted)
    means = Playing(world.database, Hasher(world.settings), PASSWORD)
    inventing.invent(means, court, wanted.people, lambda _steps: None)
    return court


def counted(world: World) -> dict[str, int]:
    """How many rows each table has, but for the record."""
    with world.database.reading() as unit:
        return {
            table.name: unit.execute(select(func.count()).select_from(table)).scalar() or 0
            for table in metadata.sorted_tables
            if not table.name.startswith("audit_")
        }


def someone(world: World, state: LoginState) -> Any:
    """Somebody invented in that state, and the account."""
    role = next(one for one in plan(world).people if one.state is state)
    return role, world.find(role.username)


# ── Who is invented ──────────────────────────────────────────────────────────


def test_as_many_of_each_state_are_invented_as_a_court_may_know(scheduled: World):
    """The court's settings, its policy, its shares; at its desk and in its check."""
    court = make(scheduled)
    assert court.name == f"Rehearsal: {plan(scheduled).source.name}"
    assert (court.rehearsal_of, court.policy.help_phone) == (COURT, "619-555-0100")
    with scheduled.database.reading() as unit:
        real, found = desk.of(unit, COURT), desk.of(unit, TRAIN)
        assert states.counted(unit, TRAIN) == plan(scheduled).shares
        assert found.points
    # a quarter of the court's logins is closed
    assert (real.standings[Preparedness.UNUSABLE], found.standings[Preparedness.UNUSABLE]) == (
        10,
        6,
    )
    shares = plan(scheduled).shares
    # nobody has counted the court's accounts yet, so they are told in equal parts
    assert Counter(shares[state] for state in states.OF_ACCOUNTS) == {4: 2, 5: 2}


@ON_ONE
def test_hidden_numbers_stay_hidden(scheduled: World):
    """A rehearsal is made of what the court's desk shows: equal parts of what is hidden."""
    scheduled.account("ada.attorney", email="a.attorney@court.example.com")
    asyncio.run(points.keep(scheduled.database))
    with scheduled.database.reading() as unit:
        counts = states.counted(unit, COURT)
        assert set(desk.of(unit, COURT).why.values()) == {None}
    assert counts[LoginState.NO_ACCOUNT] == 30
    shares = plan(scheduled).shares
    assert max(shares[state] for state in states.OF_ACCOUNTS) == 5


@ON_ONE
def test_everybody_who_is_few_is_there(scheduled: World):
    """One of each state that the court has, however small the cast."""
    with scheduled.database.reading() as unit:
        found = desk.of(unit, COURT)
    for people in range(5, 40):
        shares = casting.shares(found, people)
        assert sum(shares.values()) == people
        assert set(shares) == {*states.OF_ACCOUNTS, LoginState.UNUSABLE}


@ON_ONE
def test_a_rehearsal_goes_live_by_its_own_clock(scheduled: World):
    """What is prepared there becomes rights; the court itself stays as it is."""
    account = scheduled.account()
    with scheduled.database.writing() as unit:
        everybody = legacy_logins.c.court_id == COURT
        login = unit.execute(select(legacy_logins.c.id).where(everybody)).scalars().first()
        unit.execute(
            prepared_links.insert(),
            {
                "id": "p" * 26,
                "account_id": account.id,
                "court_id": COURT,
                "legacy_login_id": login,
                "login_version": 1,
                "prepared_at": unit.now,
                "login_mac": b"m" * 32,
                "told_day": read_one(unit, COURT).go_live,
            },
        )
    court = make(scheduled)
    prepared = plan(scheduled).shares[LoginState.PREPARED]
    assert prepared
    look = partial(
        going_live.look, scheduled.database, scheduled.settings, Hasher(scheduled.settings)
    )
    assert asyncio.run(look()) == 0
    scheduled.clock.advance(seconds=3601)
    assert asyncio.run(look()) == prepared
    with scheduled.database.reading() as unit:
        assert states.standings(unit, court.id)[Preparedness.LINKED] == prepared
        assert states.standings(unit, COURT)[Preparedness.LINKED] == 0


# ── What keeps it apart ──────────────────────────────────────────────────────


@ON_ONE
def test_the_public_list_is_of_real_courts(scheduled: World):
    """A rehearsal stands in it when it is asked for, and says what it is."""
    make(scheduled)
    asked = {"accept": "application/json"}
    usual = scheduled.http.get("/courts?q=casd", headers=asked).json()["courts"]
    assert [one["id"] for one in usual] == [COURT]
    whole = scheduled.http.get("/courts?q=casd&rehearsals=yes", headers=asked).json()["courts"]
    assert [one["id"] for one in whole] == [COURT, TRAIN]
    assert whole[1]["name"].startswith("Rehearsal: ")
    assert "Rehearsal: " in scheduled.http.get(f"/courts/{TRAIN}").text


@ON_ONE
def test_its_people_open_nothing_else(scheduled: World):
    """No other court's program, no login and no registration at another court, no firm's mail."""
    make(scheduled)
    role, account = someone(scheduled, LoginState.ACCOUNT_FOUND)
    trusted = {"redirect_uris": [CALLBACK], "trusted": True}
    secret = scheduled.client("train-cmecf", court_id=TRAIN, **trusted)
    browser = scheduled.browser()
    party = RelyingParty(browser, scheduled.clock, "train-cmecf", secret, CALLBACK)
    party.begin()
    browser.sign_in(role.username, PASSWORD)
    claims = party.tokens().claims
    assert (claims["ecf_court"], claims["sub"]) == (TRAIN, account.id)
    other = scheduled.client("casd-cmecf", court_id=COURT)
    there = RelyingParty(
        browser, scheduled.clock, "casd-cmecf", other, "https://ecf.casb.test/callback"
    )
    page = there.begin()
    assert "This account is for a rehearsal" in page.text
    with scheduled.database.reading() as unit:
        casb = read_one(unit, "casb")
        refusals = [
            conditions.refuse_account(unit, account, casb),
            registering.refuse(unit, account, casb),
        ]
        assert {one and one.reason for one in refusals} == {"account_of_a_rehearsal"}
        assert conditions.refuse_account(unit, account, read_one(unit, TRAIN)) is None


@ON_ONE
def test_an_address_stays_on_its_side(scheduled: World):
    """Nobody invented takes an address that mail would reach, and nobody else one of theirs."""
    make(scheduled)
    _role, invented = someone(scheduled, LoginState.ACCOUNT_FOUND)
    real = scheduled.account()
    for account, wanted in ((invented, "ada@example.org"), (real, invented.email)):
        with pytest.raises(InputError), scheduled.database.writing() as unit:
            email_changes.ask(
                unit, scheduled.settings, account, wanted, proof=NO_PROOF, source=SOURCE
            )


def test_no_mail_of_a_rehearsal_leaves(scheduled: World):
    """Every kind, to its people; and every kind that names a court, to anybody."""
    court = make(scheduled)
    inside = rehearsals.address("ada", TRAIN)
    about = {"court": court.name}
    letters: list[tuple[str, Any]] = [
        (inside, kind(**values_of(name, {}))) for name, kind in kinds().items()
    ]
    of_courts = {name: kind for name, kind in kinds().items() if "court" in values_of(name, {})}
    letters += [
        ("real@example.org", kind(**values_of(name, about))) for name, kind in of_courts.items()
    ]
    letters.append(("real@example.org", kinds()["filing_right"](**values_of("filing_right", {}))))
    with scheduled.database.writing() as unit:
        for to, letter in letters:
            mail.send(unit, letter, to=to)
    with mail_server.running(MailServer()) as server:
        deliver(scheduled, f"smtp://127.0.0.1:{server.port}")
    assert [one.rcpt_tos for one in server.arrived] == [["real@example.org"]]
    with scheduled.database.reading() as unit:
        kept = unit.execute(select(held.c.court_id, held.c.recipient)).all()
    assert len(kept) == len(letters) - 1
    assert {row.court_id for row in kept} == {TRAIN}


def test_every_mail_about_a_court_names_it():
    """By that name a rehearsal's are known."""
    for name in kinds():
        known = values_of(name, {})
        assert "court" in known or not {"court_id", "login", "role", "help_desk"} & set(known), name


def deliver(world: World, url: str) -> None:
    """What the outbox does, with a mail server."""
    settings = type(world.settings)(
        _env_file=None, **world.settings.model_dump() | {"smtp_url": url}
    )

    async def once() -> None:
        mailer = Mailer(settings, held=lambda *kept: world.database.write(held_mails.keep, *kept))
        try:
            await events.deliver_due(world.database, {mail.KIND: mailer.deliver})
        finally:
            mailer.close()

    asyncio.run(once())


@ON_ONE
def test_the_staff_reads_what_was_held(courthouse: CourtHouse, scheduled: World):
    """On pages that a real court does not have."""
    courthouse.staff("clerk", COURT)
    make(scheduled)
    inside = rehearsals.address("ada", TRAIN)
    letter = kinds()["filing_right"](**values_of("filing_right", {}))
    with scheduled.database.writing() as unit:
        mail.send(unit, letter, to=inside)
    deliver(scheduled, "smtp://localhost:9")
    clerk = courthouse.sign_in("clerk.casd")
    listed = clerk.get(f"/court/{TRAIN}/cutover/mails")
    assert inside in listed.text
    with scheduled.database.reading() as unit:
        [one] = held_mails.newest(unit, TRAIN, inside)
    shown = clerk.get(f"/court/{TRAIN}/cutover/mails/{one.id}")
    assert VALUES["what"] in shown.text
    assert "Mails of the rehearsal" in clerk.get(f"/court/{TRAIN}/cutover").text
    assert "Mails of the rehearsal" not in clerk.get(f"/court/{COURT}/cutover").text
    for path in (f"/court/{COURT}/cutover/mails", f"/court/{TRAIN}/cutover/mails/{'x' * 26}"):
        assert clerk.get(path).status_code == 404


# ── The command ──────────────────────────────────────────────────────────────


@pytest.fixture
def signon(
    scheduled: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """The command line on the court's database."""
    return CommandLine(scheduled.settings, tmp_path, monkeypatch, capsys)


def test_a_rehearsal_is_made_replaced_and_removed(
    scheduled: World, signon: CommandLine, tmp_path: Path
):
    """Nothing of it is left, whatever its people have done meanwhile."""
    before = counted(scheduled)
    asked = ("courts", "rehearse", COURT, "--people", "12", "--redirect-uri", CALLBACK, "--json")
    told = json.loads(signon(*asked, "--people-file", "people.csv").out)
    assert (told["court"], told["people"]) == (TRAIN, 12)
    assert told["client_id"].startswith(TRAIN)
    assert len((tmp_path / "people.csv").read_text().splitlines()) == 13
    assert (tmp_path / "people.csv").stat().st_mode & 0o077 == 0
    with scheduled.database.reading() as unit:
        found = {one.name: one for one in checks.of(unit, read_one(unit, COURT))}
        assert found["rehearsal"].is_met
    role = next(one for one in plan(scheduled, people=12).people if one.has_account)
    person = scheduled.browser()
    person.get("/login")
    person.sign_in(role.username, told["password"])
    assert person.get("/account").status_code == 200
    assert signon(*asked).status != 0
    again = json.loads(signon(*asked, "--replace").out)
    assert "client_id" not in again
    assert again["password"] != told["password"]
    with scheduled.database.reading() as unit:
        assert sum(states.counted(unit, TRAIN).values()) == 12
        people = unit.execute(
            select(func.count()).where(accounts.c.email.like(f"%@{TRAIN}.%"))
        ).scalar()
        assert people == sum(one.has_account for one in plan(scheduled, people=12).people)
    gone = json.loads(signon("courts", "rehearse", COURT, "--remove", "--json").out)
    assert gone == {"court": TRAIN, "removed_people": people}
    after = counted(scheduled)
    left = {name for name, number in after.items() if number > before[name]}
    # what limits guesses and where a browser stood goes by its own age
    assert left <= {"idempotent_answers", "journeys", "limit_counters"}, left


@ON_ONE
def test_a_program_that_registered_itself_is_known_as_such_to_new_people(scheduled: World):
    """It stays when they change, and goes on asking for consent: nobody has reviewed it."""
    court = make(scheduled)
    scheduled.client("train-app", court_id=TRAIN)
    with scheduled.database.writing() as unit:
        invited = add(unit, invitations, court_id=TRAIN)["id"]
        add(unit, dynamic_registrations, client_id="train-app", invitation_id=invited)
    rehearsing.clear(scheduled.database, court)
    with scheduled.database.reading() as unit:
        client = read_client(unit, "train-app")
    assert client
    assert client.asks_consent
    assert rehearsing.clear(scheduled.database, court, whole=True) == 0


@ON_ONE
def test_what_is_no_rehearsal_is_left_alone(scheduled: World, signon: CommandLine):
    """A court of the registry with such an id, and a court without a list."""
    with pytest.raises(RefusedError), scheduled.database.reading() as unit:
        rehearsing.plan(unit, "casb", "+1h")
    make(scheduled)
    with scheduled.database.reading() as unit:
        with pytest.raises(RefusedError):
            rehearsing.plan(unit, TRAIN, "+1h")
        for wrong in ("tomorrow", "+1w"):
            with pytest.raises(InputError):
                rehearsing.plan(unit, COURT, wrong)
        with pytest.raises(NotFoundError):
            rehearsing.require(unit, "casb")
    with scheduled.database.writing() as unit:
        courts = read_one(unit, TRAIN)
        assert courts.rehearsal_of
    assert signon("courts", "rehearse", "casb", "--remove").status != 0


@ON_ONE
def test_held_mails_go_after_a_month(scheduled: World):
    """They are played with, and nobody's record."""
    assert "held_mails" in declared(metadata, scheduled.settings)


@ON_ONE
def test_the_staff_comes_along(courthouse: CourtHouse, scheduled: World):
    """Whoever works at the court's desk works at its rehearsal's."""
    courthouse.staff("administrator", COURT)
    make(scheduled)
    account = scheduled.find("administrator.casd")
    with scheduled.database.reading() as unit:
        assert staff.role_of(unit, TRAIN, account.id) is StaffRole.ADMINISTRATOR
