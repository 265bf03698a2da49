"""A form that is sent twice is answered once, whatever the first one has changed on its way."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

import httpx2
import pyotp
import pytest
from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.app import wire
from signon.config import Settings
from signon.courts import staff
from signon.courts.staff import StaffRole
from signon.db import Database
from signon.drivers import COMMIT, PostgresqlDriver
from signon.limits.models import counters
from signon.recovery import answering
from signon.registration.models import registrations
from signon.signin.models import authenticators, half_sign_ins, recovery_codes, sessions
from signon.web import repeats
from tests.filing.conftest import HEADER, line
from tests.infra.asked import asked
from tests.infra.browser import ACCEPT, Browser, Form, Page
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.registration.newcomer import ABOUT, ADDRESS, Newcomer
from tests.upgrade import conftest as upgrading

LASTS = timedelta(minutes=30)
NEW = "seventeen purple lanterns"


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A provider whose background does nothing by itself."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    strict = settings.model_copy(update={"filer_second_factor": "required", "cso_api": "on"})
    made = World.make(strict, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def person(world: World) -> Account:
    """Somebody with an authenticator app."""
    account = world.account()
    world.enrol(account.username)
    return account


def _send(browser: Browser, form: Form, **typed: str) -> httpx2.Response:
    """Send a form of the page that is shown, and follow nothing."""
    assert browser.response is not None
    return browser.http.post(
        urljoin(str(browser.response.url), form.action),
        data={**form.fields, **typed},
        headers={"accept": ACCEPT, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


def _twice(browser: Browser, **typed: str) -> tuple[httpx2.Response, httpx2.Response]:
    """The first form of the page that is shown, and the same once more."""
    form = browser.page.forms[0]
    return _send(browser, form, **typed), _send(browser, form, **typed)


def _same(first: httpx2.Response, second: httpx2.Response) -> None:
    """The second answer is the first one's, cookies and all, but for the request's number."""
    shown = [
        (
            one.status_code,
            one.text,
            [pair for pair in one.headers.multi_items() if pair[0] != "x-request-id"],
        )
        for one in (first, second)
    ]
    assert first.status_code < 400, first.text
    assert shown[0] == shown[1]


def _count(world: World, table: type | object, *where: object) -> int:
    with world.database.reading() as unit:
        found = unit.scalar(select(func.count()).select_from(table).where(*where))  # type: ignore[arg-type]
    assert found is not None
    return int(found)


def _at_once(world: World, browser: Browser, form: Form, **typed: str) -> set[tuple[int, str, str]]:
    """The form ten times at the same moment, at two processes: what was answered."""
    assert browser.response is not None
    address, cookies = str(browser.response.url), dict(browser.http.cookies)

    with world.another_process() as other:

        def send(at: int) -> tuple[int, str, str]:
            served = (world.http, other)[at % 2]
            http = TestClient(served.app, base_url=world.settings.issuer, cookies=cookies)
            mine = Browser(http)
            mine.response = httpx2.Response(200, request=httpx2.Request("GET", address))
            answer = _send(mine, form, **typed)
            told = answer.headers.get("location", answer.text)
            return answer.status_code, told, answer.headers.get("set-cookie", "")

        with ThreadPoolExecutor(10) as pool:
            return set(pool.map(send, range(10)))


def _at_second_step(world: World, person: Account) -> Browser:
    browser = world.browser()
    browser.get("/login")
    browser.sign_in(person.username, PASSWORD)
    assert "otp" in browser.page.ids
    return browser


def _signed_in(world: World, person: Account) -> Browser:
    browser = _at_second_step(world, person)
    browser.submit(browser.page.forms[0], otp=world.code())
    return browser


# ── Signing in ───────────────────────────────────────────────────────────────


def test_the_password(world: World):
    """One session, one cookie, one place."""
    person = world.account()
    browser = world.browser()
    browser.get("/login")
    _same(*_twice(browser, username=person.username, password=PASSWORD))
    assert _count(world, sessions) == 1
    assert "Welcome" in browser.get("/").text


def test_a_repeat_whose_answer_ends_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch):
    """It was one when it came; what could not be committed beside the first is no fault of ours."""
    person = world.account()
    browser = world.browser()
    browser.get("/login")
    find = repeats.Sent.answer

    async def late(self: repeats.Sent) -> Response | None:
        world.clock.advance(seconds=2)
        return await find(self)

    monkeypatch.setattr(repeats.Sent, "answer", late)
    form, typed = browser.page.forms[0], {"username": person.username, "password": PASSWORD}
    first = _send(browser, form, **typed)
    world.clock.advance(seconds=repeats.LASTS.total_seconds() - 1)
    _same(first, _send(browser, form, **typed))
    assert _count(world, sessions) == 1


def test_the_password_before_a_second_factor(world: World, person: Account):
    """One half of a sign-in."""
    browser = world.browser()
    browser.get("/login")
    first, second = _twice(browser, username=person.username, password=PASSWORD)
    _same(first, second)
    assert first.headers["location"].startswith("/login/mfa?half=")
    assert _count(world, half_sign_ins) == 1


def test_an_apps_code(world: World, person: Account):
    """The repeat does not find the code spent, and counts for no wrong one."""
    browser = _at_second_step(world, person)
    _same(*_twice(browser, otp=world.code()))
    assert _count(world, sessions) == 1
    assert "signin:factor:refused" not in world.audited()
    assert _count(world, counters, counters.c.bucket == "factor_failures", counters.c.hits > 0) == 0
    assert "Welcome" in browser.get("/").text


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", ["password", "code"])
def test_a_sign_in_pays_no_round_trip(
    world: World, person: Account, monkeypatch: pytest.MonkeyPatch, step: str
):
    """What is kept for a repeat goes with a COMMIT that is sent anyway."""
    browser = world.browser()
    browser.get("/login")
    typed = {"username": person.username, "password": PASSWORD}
    if step == "code":
        browser.sign_in(**typed)
        typed = {"otp": world.code()}
    trips: list[tuple[object, ...]] = []
    send = PostgresqlDriver._round_trip

    def counted(self: PostgresqlDriver, *wanted: Any) -> Any:
        trips.append(tuple(one for one, _ in wanted))
        return send(self, *wanted)

    monkeypatch.setattr(PostgresqlDriver, "_round_trip", counted)
    with asked() as statements:
        assert _send(browser, browser.page.forms[0], **typed).status_code == 303
    commits = [trip for trip in trips if trip[-1] is COMMIT]
    assert len(trips) == len(statements) + len(commits)
    assert [len(trip) for trip in commits].count(2) == 1
    assert not [one for one in statements if one.startswith("web.repeats")]


def test_an_apps_code_at_the_same_moment(world: World, person: Account):
    """Ten, at two processes: one session, and all are answered alike."""
    browser = _at_second_step(world, person)
    answers = _at_once(world, browser, browser.page.forms[0], otp=world.code())
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 303
    assert _count(world, sessions) == 1
    assert "signin:factor:refused" not in world.audited()


def test_a_code_is_single_for_everybody_else(world: World, person: Account, clock: FrozenClock):
    """Another page of the same browser, another browser, another field, another time: nothing."""
    browser = _at_second_step(world, person)
    other = _at_second_step(world, person)
    form, code = browser.page.forms[0], world.code()
    first = _send(browser, form, otp=code)
    assert first.status_code == 303
    refused = other.submit(other.page.forms[0], otp=code)
    assert refused.status_code == 403
    # the other browser sends the very form, which is not its own
    assert _send(other, form, otp=code).status_code == 400
    assert _send(browser, form, otp=code, journey="x").headers["location"] == "/login"
    clock.advance(seconds=16)
    assert _send(browser, form, otp=code).headers["location"] == "/login"


def test_a_refusal_is_no_answer_to_keep(world: World, person: Account):
    """Whoever is refused may try again, and every try counts."""
    browser = _at_second_step(world, person)
    first, second = _twice(browser, otp="000000")
    assert (first.status_code, second.status_code) == (403, 403)
    assert world.audited().count("signin:factor:refused") == 2
    assert browser.submit(browser.page.forms[0], otp=world.code()).status_code == 200


# ── Everything else ──────────────────────────────────────────────────────────


def test_registering_to_the_last_step(world: World):
    """One registration, one mail, one account."""
    newcomer = Newcomer(world, world.browser())
    browser = newcomer.browser
    newcomer.get("/register")
    for typed in (ABOUT, ADDRESS, {"username": "nora.quill", "new_password": NEW}, {}):
        first, second = _twice(browser, **typed)
        _same(first, second)
        browser.get(first.headers["location"])
    assert _count(world, registrations) == 1
    assert len(newcomer.mails()) == 1
    newcomer.get(newcomer.link())
    first, second = _twice(browser)
    _same(first, second)
    assert "Your account is open" in browser.get(first.headers["location"]).text


def test_every_other_form_at_the_same_moment(world: World):
    """Ten first steps of one registration, at two processes: one begins, all are led to it."""
    browser = world.browser()
    browser.get("/register")
    answers = _at_once(world, browser, browser.page.forms[0], **ABOUT)
    assert len(answers) == 1, answers
    assert _count(world, registrations) == 1


def test_a_new_password_by_mail(world: World, person: Account):
    """The repeat does not say that nothing was changed."""
    browser = world.browser()
    with world.database.writing() as unit:
        url = answering.link_address(unit, "", person, LASTS)
    browser.get(url)
    first, second = _twice(browser, new_password=NEW)
    _same(first, second)
    assert "Your password is changed" in browser.get(first.headers["location"]).text


def test_asking_for_a_new_password(world: World, person: Account):
    """It is asked once."""
    browser = world.browser()
    browser.get("/forgot-password")
    _same(*_twice(browser, username=person.username))
    assert len(world.queued("recovery:asked")) == 1


def test_an_upgrade(world: World):
    """The first one has renewed the session and ended the old name; the repeat is led on too."""
    world.account(upgrading.OLD_NAME, created_on=date(2009, 5, 4))
    browser = upgrading.signed_in(world)
    upgrading.to_confirm(browser)
    first, second = _twice(browser)
    _same(first, second)
    assert "Your account is upgraded" in browser.get(first.headers["location"]).text


def test_linking(world: World, person: Account):
    """Both steps: the old password is compared once, the right is made once."""
    world.go_live("casb", world.clock())
    world.legacy_logins("casb", ["jdoe"])
    browser = _signed_in(world, person)
    browser.get("/courts/casb/link")
    first, second = _twice(browser, ecf_login="jdoe", ecf_password=PASSWORD)
    _same(first, second)
    browser.get(first.headers["location"])
    first, second = _twice(browser)
    _same(first, second)
    assert "Your filing login is linked" in browser.get(first.headers["location"]).text


def test_enrolling(world: World):
    """One mail, one app, one set of codes: the codes are shown to whoever clicked twice."""
    person = world.account()
    browser = world.browser()
    browser.get("/login")
    browser.sign_in(person.username, PASSWORD)

    def begin(addition: str) -> None:
        browser.get("/account/factors")
        form = next(one for one in browser.page.forms if one.action == "/account/factors/add")
        first, second = (_send(browser, form, add=addition) for _ in range(2))
        _same(first, second)
        browser.get(first.headers["location"])
        code = world.queued("mail")[-1]["values"]["code"]
        first, second = _twice(browser, mail_code=code)
        _same(first, second)
        browser.get(first.headers["location"])

    begin("app")
    (secret,) = re.findall(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", browser.page.text)
    code = pyotp.TOTP(secret.replace(" ", "")).generate_otp(int(world.clock().timestamp()) // 30)
    first, second = _twice(browser, nickname="Phone", otp=str(code))
    _same(first, second)
    assert _count(world, authenticators) == 1
    browser.get(first.headers["location"])
    begin("recovery_codes")
    _same(*_twice(browser))
    assert _count(world, recovery_codes) == 10
    mails = [one["message"] for one in world.queued("mail")]
    assert mails.count("factor_code") == 2


def test_putting_a_factor_off_counts_once(world: World):
    """A filer has so many times, and a double click is one."""
    person = world.account()
    world.right(person)
    browser = world.browser()
    browser.get("/login")
    browser.sign_in(person.username, PASSWORD)
    browser.get("/login/second-factor")
    _same(*_twice(browser, skip="1"))
    with world.database.reading() as unit:
        assert unit.scalar(select(accounts.c.factor_skips)) == 1


@ON_ONE
def test_a_courts_list(world: World):
    """What is uploaded is known by its digest: imported once, and not looked at once more."""
    world.go_live("casb", world.clock())
    clerk = world.account("clerk.of.casb")
    world.enrol(clerk.username)
    with world.database.writing() as unit:
        staff.add(unit, "casb", clerk.username, StaffRole.ADMINISTRATOR, actor="system")
    browser = _signed_in(world, clerk)
    at = "/court/casb/logins/import"
    data = "\n".join([HEADER, line("jdoe")]).encode()

    def send(form: Form) -> httpx2.Response:
        sent = {"list": ("list.csv", data, "text/csv")}
        headers = {"accept": ACCEPT, "sec-fetch-site": "same-origin"}
        return browser.http.post(at, data=form.fields, files=sent, headers=headers)

    def form(page: str) -> Form:
        return next(one for one in Page(page).forms if one.action.endswith("/import"))

    looked = send(form(browser.get(at).text))
    imports = form(looked.text)
    first, second = send(imports), send(imports)
    _same(first, second)
    assert "The list is imported" in second.text
    assert world.audited().count("filing:legacy_logins:imported") == 1


@ON_ONE
def test_what_programs_send_is_no_form(world: World):
    """Neither the protocol nor the sign-in of programs stands behind the guard."""
    routes = [one for one in world.http.app.routes if isinstance(one, Route)]  # type: ignore[attr-defined]
    guarded = {one.path for one in routes if one.endpoint.__module__ == repeats.__name__}
    assert {"/login", "/login/mfa", "/courts/{court}/acting-for", "/court/{court}/find"} <= guarded
    assert {"/oauth2/token", "/services/cso-auth"} <= {one.path for one in routes} - guarded


@ON_ONE
def test_what_fails_may_be_sent_again(
    world: World, person: Account, monkeypatch: pytest.MonkeyPatch
):
    """A fault of ours is no answer: the claim is given back, and the next try does it."""
    browser = _signed_in(world, person)
    browser.get("/account/phone")
    form = browser.page.forms[0]
    with monkeypatch.context() as broken:
        broken.setattr("signon.accounts.history.record", None)
        assert _send(browser, form, phone="+16195550100").status_code == 500
    assert _send(browser, form, phone="+16195550100").status_code == 303
