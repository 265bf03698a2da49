"""Training: what a role needs, what a certificate lets come into force, what its lapse takes."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from signon.accounts.directory import Account
from signon.audit.events import Event
from signon.courts import changes
from signon.courts.go_live import announced
from signon.errors import InputError, NotFoundError, RefusedError, SignonError
from signon.filing.certificates import certificate_file, certification, expiries
from signon.filing.certificates.certification import Certificate, WantedCertificate
from signon.filing.court import court_policy
from signon.filing.court.desk import EVERY, Desk
from signon.filing.models import certifications, efile_registrations
from signon.filing.models import rights as table
from signon.filing.readiness import readiness
from signon.filing.readiness.readiness_lines import BLOCKING
from signon.filing.rights import filing_status, reductions, rights, suspension, unlinking
from signon.filing.rights.training import CERTIFICATION, lacking
from signon.filing.roles import ROLES, Role
from signon.ids import new_id
from signon.outbox.models import outbox
from tests.filing.conftest import House, line
from tests.filing.test_life import claims, filer, reason
from tests.infra.databases import ON_ONE

TODAY = date(2026, 3, 2)
"""By the court's calendar, at the time of the tests."""


def desk(house: House) -> Desk:
    return Desk(house.court("casb"), "clerk", EVERY, house.settings)


def approved(house: House, role: str = "limited_creditor") -> Account:
    """Somebody whose registration was approved; the right waits for a certificate."""
    account = house.account()
    registration = {
        "id": new_id(),
        "account_id": account.id,
        "court_id": "casb",
        "kind": "non_attorney",
        "type": "non_attorney",
        "roles": [role],
        "answers": {},
        "state": "approved",
        "version": 2,
        "created_at": house.clock(),
        "updated_at": house.clock(),
        "submitted_at": house.clock(),
        "decided_at": house.clock(),
    }
    with house.database.writing() as unit:
        unit.execute(efile_registrations.insert(), registration)
        waits = lacking(unit, house.court("casb"), account.id, [role])
        right = rights.new(
            unit,
            account.id,
            "casb",
            roles=(role,),
            cases=None,
            admission=None,
            registration_id=registration["id"],
            pending_for=(CERTIFICATION,) if waits else (),
        )
        assert rights.make(unit, right, Event.RIGHT_CHANGED, actor="clerk")
    return account


def certify(house: House, account: Account, **given: Any) -> Certificate:
    """A clerk records a certificate."""
    wanted = {"role": "limited_creditor", "certified_on": TODAY, **given}
    where = desk(house)
    with house.database.writing() as unit:
        return certification.record(unit, where, WantedCertificate(account.number, **wanted))


def withdraw(house: House, one: Certificate) -> Certificate:
    """A clerk withdraws it."""
    where = desk(house)
    with house.database.writing() as unit:
        return certification.withdraw(unit, where, one.id, "Not attended")


def look(house: House) -> int:
    """The daily job."""
    return asyncio.run(expiries.look(house.database, house.settings))


def state(house: House, account: Account) -> str:
    """The claim."""
    with house.database.reading() as unit:
        return filing_status.find(unit, account.id, house.court("casb")).status.value


def told(house: House, message: str) -> list[dict[str, Any]]:
    """The mails of a kind."""
    return [one["values"] for one in house.mails() if one["message"] == message]


def test_an_approval_waits_for_the_certificate(house: House):
    """Pending until it is recorded, in force then, resting when it is withdrawn, and again."""
    account = approved(house)
    assert state(house, account) == "pending"
    first = certify(house, account)
    assert state(house, account) == "active"
    assert "in force" in told(house, "filing_right")[-1]["what"]
    gone = withdraw(house, first)
    assert (gone.reason, gone.withdrawn_at) == ("Not attended", house.clock())
    assert state(house, account) == "suspended"
    assert [row.kind for row in house.rows(outbox)].count(reductions.REDUCED) == 1
    with pytest.raises(RefusedError) as refused:
        withdraw(house, first)
    assert reason(refused) == certification.GONE
    certify(house, account)
    assert state(house, account) == "active"
    assert len(house.audited("filing:certificate:recorded")) == 2
    assert "Not attended" not in repr(house.audited("filing:certificate:withdrawn"))


def test_a_role_that_needs_none_does_not_wait(house: House):
    """The catalogue's default, and the court's own word instead of it."""
    assert {role for role, row in ROLES.items() if not row.training} == {
        Role.US_TRUSTEE, Role.MEDIATOR, Role.AUDITOR, Role.PRO_SE, Role.INTERESTED_PARTY,
    }  # fmt: skip
    with house.database.writing() as unit:
        court_policy.change(unit, "casb", actor="system", values={"training": "none"})
    assert state(house, approved(house)) == "active"


def test_an_expired_certificate_suspends_and_a_new_one_restores(house: House):
    """Good through its last day on the court's calendar; the daily look takes it the day after."""
    account = approved(house)
    certify(house, account, expires_on=TODAY + timedelta(days=40))
    house.clock.advance(days=40)
    look(house)
    assert state(house, account) == "active"
    house.clock.advance(days=1)
    assert look(house) == 1
    assert state(house, account) == "suspended"
    assert look(house) == 0
    certify(house, account, certified_on=TODAY + timedelta(days=41))
    assert state(house, account) == "active"
    assert look(house) == 0


def test_who_files_from_before_is_not_asked_for_one(house: House):
    """A linked filer without any certificate files on; what was recorded once and lapsed counts."""
    session = filer(house)
    look(house)
    assert claims(house, session)["ecf_status"] == "active"
    certify(house, session.account, role="attorney", expires_on=TODAY)
    house.clock.advance(days=1)
    look(house)
    assert claims(house, session)["ecf_status"] == "suspended"


def test_notices_go_thirty_and_seven_days_before(house: House):
    """Each once, to whoever needs it; a later certificate, or no need, and nobody is mailed."""
    account = approved(house)
    certify(house, account, expires_on=TODAY + timedelta(days=31))
    sent = []
    for _ in range(33):
        look(house)
        look(house)
        sent.append(len(told(house, "certificate_expires")))
        house.clock.advance(days=1)
    assert sent[0] == 0
    assert [day for day in range(1, 33) if sent[day] > sent[day - 1]] == [1, 24]
    assert told(house, "certificate_expires")[0]["expires_on"] == "Apr 2, 2026"


def test_a_late_look_mails_the_last_notice_only(house: House):
    """Whoever is certified for less than a week hears once."""
    account = approved(house)
    certify(house, account, expires_on=TODAY + timedelta(days=5))
    for _ in range(4):
        look(house)
        house.clock.advance(days=1)
    assert len(told(house, "certificate_expires")) == 1


def test_the_court_may_ask_for_less_later(house: House):
    """What waited or rested for want of a certificate goes on at the next look."""
    account = approved(house)
    with house.database.writing() as unit:
        court_policy.change(unit, "casb", actor="system", values={"training": "none"})
    assert look(house) == 1
    assert state(house, account) == "active"


def test_a_certificate_lifts_no_suspension_of_the_court(house: House):
    """Both must be gone; a restore says so and leaves the other."""
    account = approved(house)
    one = certify(house, account)
    where = desk(house)
    with house.database.writing() as unit:
        suspension.suspend(unit, where, account.number, "Fees unpaid")
    withdraw(house, one)
    certify(house, account)
    assert state(house, account) == "suspended"
    with house.database.writing() as unit:
        suspension.restore(unit, where, account.number)
    assert state(house, account) == "active"


@ON_ONE
def test_what_cannot_be_recorded(house: House):
    """Each with its field; whoever has nothing to do with the court is not found."""
    account = approved(house)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"role": "judge"}, "role"),
        ({"certified_on": TODAY + timedelta(days=1)}, "certified_on"),
        ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
    ]
    for given, field in wrong:
        with pytest.raises(InputError) as error:
            certify(house, account, **given)
        assert error.value.field == field
    certify(house, account)
    with pytest.raises(RefusedError) as refused:
        certify(house, account)
    assert reason(refused) == certification.ALREADY
    with pytest.raises(NotFoundError):
        certify(house, house.account("other.person"))
    other = Desk(house.court("cacd"), "clerk", EVERY, house.settings)
    with house.database.writing() as unit:
        unit.execute(update(table).values(ended_at=None))
        [row] = unit.execute(certifications.select()).all()
        with pytest.raises(NotFoundError):
            certification.withdraw(unit, other, row.id, "why")


def test_many_at_once_are_reported_line_by_line(house: House):
    """One that cannot be keeps nobody else's from being recorded; sent again, nothing doubles."""
    account = approved(house)
    data = (
        "account_number,role,certified_on,expires_on\r\n"
        f"{account.number},limited_creditor,2026-03-01,2027-03-01\r\n"
        "0000000,limited_creditor,2026-03-01,\r\n"
        f"{account.number},judge,2026-03-01,\r\n"
        f"{account.number},limited_creditor,yesterday,\r\n"
    ).encode()
    where = desk(house)
    outcomes = []
    for _ in range(2):
        with house.database.writing() as unit:
            lines = certificate_file.read(data)
            reports = certificate_file.record(unit, where, lines)
        outcomes.append([report.outcome for report in reports])
        assert [report.line for report in reports] == [2, 3, 4, 5]
    assert outcomes == [["recorded", *["refused"] * 3], ["already_recorded", *["refused"] * 3]]
    assert state(house, account) == "active"
    assert len(house.rows(certifications)) == 1
    for bad in (b"", b"account_number,role\n", b"account_number,role,certified_on\n"):
        with pytest.raises(InputError):
            certificate_file.read(bad)


@pytest.mark.parametrize(
    "csv",
    [
        # in place of the last comma the line ends: its certificate would never have expired
        "account_number,role,certified_on,expires_on\n{number},limited_creditor,2026-03-01\n",
        "account_number,role,certified_on\n{number},limited_creditor,2026-03-01,2027-03-01\n",
    ],
)
@ON_ONE
def test_a_line_of_another_length_is_refused(house: House, csv: str):
    """By line; the others are recorded."""
    account = approved(house)
    lines = certificate_file.read(csv.format(number=account.number).encode())
    with house.database.writing() as unit:
        [report] = certificate_file.record(unit, desk(house), lines)
    assert (report.line, report.outcome) == (2, "refused")
    assert "columns" in (report.reason or "")
    assert not house.rows(certifications)


def test_a_heading_stands_once():
    """Of two columns of one name nobody knows which counts."""
    with pytest.raises(InputError, match="each once"):
        certificate_file.read(
            b"account_number,role,certified_on,expires_on,expires_on\n1,attorney,2026-03-01,,\n"
        )


@pytest.mark.parametrize("expires_on", [None, TODAY + timedelta(days=40)])
def test_of_two_clerks_one_records_it(house: House, expires_on: date | None):
    """Both have looked and seen none: a constraint decides; what was withdrawn may come again."""
    account = approved(house)
    both = threading.Barrier(2)

    def record(_: int) -> str:
        both.wait()
        try:
            certify(house, account, expires_on=expires_on)
        except SignonError as error:
            return getattr(error, "reason", "busy")
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(record, range(2))) == ["", certification.ALREADY]
    [row] = house.rows(certifications)
    with house.database.writing() as unit:
        certification.withdraw(unit, desk(house), row.id, "Not attended")
    certify(house, account, expires_on=expires_on)
    assert len(house.rows(certifications)) == 2


def test_the_same_certificate_cannot_stand_twice(house: House):
    """Whatever a rule has looked at before."""
    account = approved(house)
    for expires_on in (None, TODAY):
        certify(house, account, expires_on=expires_on)
        row = dict(house.rows(certifications)[-1]._mapping)
        with pytest.raises(IntegrityError), house.database.writing() as unit:
            unit.execute(certifications.insert(), {**row, "id": new_id()})


@pytest.mark.parametrize(
    ("court", "hours"),
    # midnight in California (UTC-8, daylight saving has begun by then: UTC-7) and on Guam (UTC+10)
    [("casb", 7), ("gub", -10)],
)
def test_a_certificate_runs_out_at_its_hour(house: House, court: str, hours: int):
    """At midnight by the court's clock, before any job has come; the job then says so once."""
    with house.database.writing() as unit:
        changes.change(unit, court, actor="system", go_live=announced("2026-01-01"), values={})
    house.load(court, line("jdoe"))
    session = house.fresh()
    house.link(session, court, "jdoe")
    where = Desk(house.court(court), "clerk", EVERY, house.settings)
    last = TODAY + timedelta(days=14)
    wanted = WantedCertificate(session.account.number, "attorney", TODAY - timedelta(days=1), last)
    with house.database.writing() as unit:
        certification.record(unit, where, wanted)
    midnight = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(
        days=1, hours=hours
    )
    house.clock.advance(seconds=(midnight - house.clock()).total_seconds() - 1)

    def seen() -> tuple[str, list[str]]:
        with house.database.reading() as unit:
            found = filing_status.find(unit, session.account.id, house.court(court)).claims()
        return found["ecf_status"], found["ecf_roles"]

    assert seen() == ("active", ["attorney"])
    assert asyncio.run(expiries.look_for_lapsed(house.database, house.settings)) == 0
    house.clock.advance(seconds=1)
    assert seen() == ("suspended", [])
    assert not [row for row in house.rows(outbox) if row.kind == reductions.REDUCED]
    with house.database.reading() as unit:
        there = readiness.of(unit, house.settings, session.account.id, house.court(court))
    assert {one.name for one in there.lines if one.state in BLOCKING} >= {"training"}
    assert asyncio.run(expiries.look_for_lapsed(house.database, house.settings)) == 1
    assert len([row for row in house.rows(outbox) if row.kind == reductions.REDUCED]) == 1
    assert seen() == ("suspended", [])


@ON_ONE
def test_a_right_that_begins_later_knows_the_certificates(house: House):
    """Linked with a certificate that runs out; what the court no longer asks for suspends nobody."""
    session = filer(house)
    certify(house, session.account, role="attorney", expires_on=TODAY)
    with house.database.writing() as unit:
        unlinking.unlink(unit, desk(house), session.account.number, "Moved")
    house.link(session, "casb", "jdoe")
    assert state(house, session.account) == "active"
    house.clock.advance(days=1)
    assert state(house, session.account) == "suspended"
    with house.database.writing() as unit:
        court_policy.change(unit, "casb", actor="system", values={"training": "none"})
    assert state(house, session.account) == "active"
