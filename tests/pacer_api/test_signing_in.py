"""Signing in by a program: the results, their texts, and the rules that the pages have too."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import pytest
from sqlalchemy import select, update

from signon import config, opaque_tokens
from signon.accounts import repudiation, search, status
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF
from signon.accounts.models import AccountKind, accounts
from signon.audit.events import Event
from signon.audit.models import events
from signon.config import Settings
from signon.db import Database
from signon.errors import SettingsError
from signon.signin import factors, recovery_codes
from signon.signin.models import cso_sessions, sessions
from signon.web.visitor import Source
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_BOTH
from tests.infra.world import PASSWORD, World
from tests.pacer_api.conftest import AUTH, JSON, NAME, XML, Program

T1 = (
    "A required Client Code was not entered. You may continue to log in and perform other "
    "activities (e.g., e-file, request filing privileges), but you will not have PACER search "
    "privileges."
)
T2 = (
    "Although you have a PACER account, your current account has been disabled. If you have any "
    "questions or for further details on how to activate your search privileges contact the PACER "
    "Service Center at (800) 676-6856 between the hours of 8 AM and 6 PM CT Monday through Friday "
    "or by email pacer@psc.uscourts.gov. You may continue to log in and perform other activities "
    "(e.g., e-file, request filing privileges), but you will not have PACER search privileges."
)
T3 = (
    "All filers must redact: Social Security or taxpayer identification numbers; dates of birth; "
    "names of minor children; financial account numbers; and in criminal cases, home addresses in "
    "compliance with Fed. R. App. P. 25(a)(5), Fed. R. Civ. P. 5.2, Fed. R. Crim. P. 49.1, "
    "Fed. R. Bankr. P. 9037. This requirement applies to all documents, including attachments. "
    "Please verify that you have read and will comply with the redaction rules."
)
T4 = "Invalid username, password, or one-time passcode."
REFUSED = {"nextGenCSO": "", "loginResult": "13", "errorDescription": T4}
REDACT = {"nextGenCSO": "", "loginResult": "1", "errorDescription": T3}


def reasons(database: Database) -> list[str | None]:
    """Why somebody was refused, as the audit trail has it."""
    refused = (Event.SIGN_IN_REFUSED, Event.FACTOR_REFUSED)
    found = select(events.c.reason).where(events.c.event.in_(refused)).order_by(events.c.seq)
    with database.reading() as unit:
        return list(unit.execute(found).scalars())


@pytest.fixture
def codes(world: World, account: Account) -> tuple[str, ...]:
    """The account's recovery codes; it has no app."""
    new = recovery_codes.generate(world.settings)
    with world.database.writing() as unit:
        recovery_codes.keep(unit, account.id, new)
        factors.note(unit, account.id)
    return new.codes


def test_a_right_password_begins_a_session_of_its_own(program: Program, world: World):
    """128 letters and digits, of which the database has the digest; no browser is signed in."""
    found = program.auth()
    token = found.pop("nextGenCSO")
    assert found == {"loginResult": "0", "errorDescription": ""}
    assert len(token) == 128
    assert token.isascii()
    assert token.isalnum()
    with world.database.reading() as unit:
        (row,) = unit.execute(select(cso_sessions)).mappings().all()
        assert unit.execute(select(sessions)).all() == []
    assert row["digest"] == opaque_tokens.digest(token)
    assert token not in repr(dict(row))
    assert (row["searches"], row["files"], row["address"]) == (True, True, "")
    browser = world.browser()
    browser.http.cookies.set("signon_session", token)
    browser.get("/account")
    assert "Sign in" in browser.page.text


@pytest.mark.parametrize(
    "sent",
    [
        {"password": "wrong"},
        {"loginId": "nobody.here"},
        {"loginId": ""},
        {"password": ""},
        {"loginId": "n" * 5000},
        {"password": "p" * 5000},
    ],
)
def test_whoever_is_not_let_in_hears_the_same(program: Program, sent: dict[str, str]):
    """Code 13, one text, no token."""
    assert program.auth(**sent) == REFUSED


def test_nothing_tells_that_an_account_is_disabled(
    program: Program, world: World, account: Account
):
    """The reason stands in the trail."""
    with world.database.writing() as unit:
        status.disable(unit, account.number, reason="left", actor="command_line")
    assert program.auth() == REFUSED
    assert reasons(world.database) == ["account_disabled"]


def test_a_frozen_account_signs_in(program: Program, world: World, account: Account):
    """As on the pages: nothing about it can be changed and nothing is filed, and it may search."""
    with world.database.writing() as unit:
        repudiation.freeze(unit, account, unit.now, proof=NO_PROOF, source=Source())
    assert program.token()


@pytest.mark.parametrize("kind", [AccountKind.FIRM, AccountKind.OPERATOR])
def test_who_never_searches_has_no_use_for_it(program: Program, world: World, kind: AccountKind):
    """No password of a firm's or an operator's account is right here."""
    world.account("mighty.one", kind)
    assert program.auth(loginId="mighty.one") == REFUSED
    assert reasons(world.database) == ["programs_forbidden"]


def test_a_shared_account_searches(program: Program, world: World):
    """That is what it is for."""
    world.account("library.desk", AccountKind.SHARED)
    assert program.token(loginId="library.desk")


def test_a_wrong_password_runs_the_hashes_of_an_unknown_name(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
):
    """The same number, whatever is behind a name."""
    ran: Counter[str] = Counter()
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, stored: Any, password: Any) -> Any:
        ran["argon2"] += 1
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    world.account("mighty.one", AccountKind.FIRM)
    spent = []
    for sent in ({"password": "wrong"}, {"loginId": "nobody.here"}, {"loginId": "mighty.one"}):
        ran.clear()
        assert program.auth(**sent) == REFUSED
        spent.append(dict(ran))
    assert spent[0] == spent[1] == spent[2] != {}


def test_the_waits_are_those_of_the_page(program: Program, world: World):
    """Counted with the page's attempts; told with 200, and how long in a header that breaks nobody."""
    page = world.browser()
    for _ in range(3):
        page.get("/login")
        page.sign_in(NAME, "wrong")
    for _ in range(2):
        assert program.auth(password="wrong") == REFUSED
    answer = program.send(AUTH, json.dumps({"loginId": NAME, "password": PASSWORD}).encode())
    assert (answer.status_code, answer.json()) == (200, REFUSED)
    assert answer.headers["retry-after"] == "30"
    page.get("/login")
    page.sign_in(NAME, PASSWORD)
    assert page.response is not None
    assert page.response.status_code == 429


def test_an_address_that_was_used_is_not_held_up(program: Program, world: World):
    """An address from which a program of the owner's came counts as a known device."""
    assert program.token()
    page = world.browser()
    for _ in range(6):
        page.get("/login")
        page.sign_in(NAME, "wrong")
    assert program.token()


def test_a_right_password_forgets(program: Program):
    """As ever."""
    for _ in range(3):
        for _ in range(3):
            program.auth(password="wrong")
        assert program.token()


# ── The second factor ────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [None, "", "000000", "ABCD-EFGH-IJKL-MNOP", "x"])
def test_a_wrong_or_missing_code_is_code_13(program: Program, world: World, code: str | None):
    """The trail and the owner's activity know which it was."""
    world.enrol(NAME)
    assert program.auth(otpCode=code) == REFUSED
    assert reasons(world.database) == [
        {None: "no_code", "": "no_code", "000000": "wrong_totp"}.get(code, "no_such_code")
    ]


def test_an_apps_code_is_taken_once(program: Program, world: World, clock: FrozenClock):
    """And is recorded as two factors."""
    world.enrol(NAME)
    code = world.code()
    assert program.token(otpCode=f" {code[:3]} {code[3:]} ")
    assert program.auth(otpCode=code) == REFUSED
    clock.advance(seconds=30)
    assert program.token(otpCode=world.code())
    with world.database.reading() as unit:
        found = unit.execute(select(cso_sessions.c.acr, cso_sessions.c.amr)).all()
    assert [tuple(row) for row in found] == [
        ("http://idmanagement.gov/ns/assurance/aal/2", ["pwd", "otp", "mfa"])
    ] * 2
    assert world.audited().count(Event.FACTOR_ACCEPTED) == 2


def test_a_recovery_code_is_taken_once(program: Program, world: World, codes: tuple[str, ...]):
    """The owner is told."""
    assert program.token(otpCode=codes[0].lower())
    assert program.auth(otpCode=codes[0]) == REFUSED
    assert reasons(world.database) == ["wrong_recovery_code"]
    told = [mail["values"].get("change") for mail in world.queued("mail")]
    assert "A recovery code was used to sign in. 9 of them are left." in told


@ON_BOTH
def test_of_twenty_with_one_recovery_code_one_wins(
    program: Program, world: World, codes: tuple[str, ...]
):
    """However many processes they come to."""
    sent = json.dumps({"loginId": NAME, "password": PASSWORD, "otpCode": codes[0]})
    program.token(otpCode=codes[1])  # then none of the twenty has to wait for the others

    def ask(_: int) -> str:
        headers = {"content-type": JSON, "accept": JSON}
        answer = world.http.post(AUTH, content=sent, headers=headers)
        return str(answer.json()["loginResult"])

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(ask, range(20))) == {"0": 1, "13": 19}


def test_wrong_codes_wait_as_on_the_page(program: Program, world: World):
    """Counted for the account across all sign-ins."""
    world.enrol(NAME)
    for _ in range(5):
        assert program.auth(otpCode="000000") == REFUSED
    sent = {"loginId": NAME, "password": PASSWORD, "otpCode": world.code()}
    answer = program.send(AUTH, json.dumps(sent).encode())
    assert (answer.status_code, answer.json()) == (200, REFUSED)
    assert answer.headers["retry-after"] == "30"


# ── Client codes, search, redaction ──────────────────────────────────────────


def test_a_missing_client_code_costs_the_search(program: Program, world: World, account: Account):
    """T1, with a token."""
    world.change_account(account, client_code_required=True, client_code_pattern="####")
    for code in ({}, {"clientCode": "x"}, {"clientCode": "a b"}, {"clientCode": "9" * 33}):
        found = program.auth(**code)
        assert (found["loginResult"], found["errorDescription"]) == ("0", T1)
        assert len(found["nextGenCSO"]) == 128
    assert program.auth(clientCode=" 4711 ")["errorDescription"] == ""
    with world.database.reading() as unit:
        found_codes = unit.execute(select(cso_sessions.c.client_code, cso_sessions.c.searches))
        assert Counter(map(tuple, found_codes)) == {(None, False): 4, ("4711", True): 1}


def test_an_inactive_search_is_told(program: Program, world: World, account: Account):
    """T2, with a token, and before T1: a client code would not help."""
    with world.database.writing() as unit:
        search.switch_off(unit, account.number, reason="unpaid", actor="command_line")
    world.change_account(account, client_code_required=True)
    found = program.auth()
    assert (found["loginResult"], found["errorDescription"]) == ("0", T2)
    assert len(found["nextGenCSO"]) == 128


def test_a_filer_confirms_the_redaction_rules(program: Program, world: World, account: Account):
    """T3 without a token; with the flag a session, and an acknowledgement on record."""
    world.right(account)
    for flag in ({}, {"redactFlag": "0"}, {"redactFlag": ""}, {"redactFlag": None}):
        assert program.auth(**flag) == REDACT
    assert Event.REDACTION_CONFIRMED not in world.audited()
    assert program.token(redactFlag="1")
    assert program.token(redactFlag=1)
    with world.database.reading() as unit:
        found = select(events.c.detail).where(events.c.event == Event.REDACTION_CONFIRMED)
        assert list(unit.execute(found).scalars()) == [{"version": "2025-05"}] * 2


def test_others_may_send_the_flag_too(program: Program, world: World):
    """Juriscraper always does."""
    assert program.token(redactFlag="1")
    assert Event.REDACTION_CONFIRMED not in world.audited()


def test_nothing_is_told_before_password_and_factor_are_right(
    program: Program, world: World, account: Account
):
    """Neither T1 nor T2 nor T3."""
    world.right(account)
    world.enrol(NAME)
    world.change_account(account, client_code_required=True, search_status="inactive")
    assert program.auth(password="wrong") == REFUSED
    assert program.auth() == REFUSED
    assert program.auth(otpCode="000000") == REFUSED
    assert program.auth(otpCode=world.code()) == REDACT


def test_a_code_is_used_up_by_the_answer_that_it_was_right(
    program: Program, world: World, account: Account
):
    """RFC 6238 section 5.2; so programs send the flag at once."""
    world.right(account)
    world.enrol(NAME)
    code = world.code()
    assert program.auth(otpCode=code) == REDACT
    assert program.auth(otpCode=code, redactFlag="1") == REFUSED


# ── What an operator has set ─────────────────────────────────────────────────


@pytest.mark.parametrize("required", ["required", "offered"])
def test_who_must_have_a_second_factor_files_nothing_without(
    served: Settings, wired: Database, clock: FrozenClock, required: str
):
    """The token is for searching then."""
    strict = served.model_copy(update={"filer_second_factor": required})
    world = World.make(strict, wired, clock)
    with world.http:
        account = world.account(NAME)
        world.right(account)
        assert Program(world).token(redactFlag="1")
    with wired.reading() as unit:
        files = unit.scalar(select(cso_sessions.c.files))
    assert files == (required == "offered")


def test_by_default_a_token_is_for_searching(
    settings: Settings, wired: Database, clock: FrozenClock
):
    """The demonstration is on, every other deployment decides."""
    world = World.make(settings, wired, clock)
    with world.http:
        world.account(NAME)
        assert Program(world).token()
    with wired.reading() as unit:
        assert unit.scalar(select(cso_sessions.c.files)) is False


def test_it_can_be_off(settings: Settings, wired: Database, clock: FrozenClock):
    """Then there is no such address."""
    off = settings.model_copy(update={"cso_api": "off"})
    world = World.make(off, wired, clock)
    with world.http:
        assert Program(world).send(AUTH, b"{}").status_code == 404


def test_no_start_with_an_issuer_that_everybody_can_listen_to(settings: Settings):
    """Passwords travel to it."""
    with pytest.raises(SettingsError, match=r"SIGNON_ISSUER may be http only on a loopback host"):
        config.load(
            _env_file=None,
            cso_api="on",
            issuer="http://signon.example",
            database_url="sqlite:///signon.db",
            smtp_url="smtp://mail.example",
            secret_keys=settings.secret_keys[0].get_secret_value(),
        )


# ── Mails and the trail ──────────────────────────────────────────────────────


def test_the_owner_hears_of_a_program_at_a_new_address(program: Program, world: World):
    """The first time of all, too; once for each address."""
    assert program.token()
    assert program.token()
    names = [mail["message"] for mail in world.queued("mail")]
    assert names == ["program_signed_in"]
    assert world.audited().count(Event.PROGRAM_SIGNED_IN) == 2


def test_a_full_gate_says_so_in_the_requests_format(
    served: Settings, wired: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    """503 with Retry-After: that is no refusal."""
    from signon.accounts.hashing import HashingGate

    world = World.make(served, wired, clock)

    def full(self: HashingGate) -> Any:
        raise self._busy()

    with world.http:
        monkeypatch.setattr(HashingGate, "turn", full)
        body = f"<CsoAuth><loginId>{NAME}</loginId><password>x</password></CsoAuth>".encode()
        answer = Program(world).send(AUTH, body, XML, XML)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert "<loginResult>503</loginResult>" in answer.text


def test_a_changed_password_ends_the_sign_in_between_its_steps(
    program: Program,
    world: World,
    account: Account,
    codes: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
):
    """The account is looked at again after each hash."""
    digest = recovery_codes.digest

    def meanwhile(*given: Any) -> bytes:
        with world.database.writing() as unit:
            unit.execute(
                update(accounts).where(accounts.c.id == account.id).values(status="disabled")
            )
        return digest(*given)

    monkeypatch.setattr(recovery_codes, "digest", meanwhile)
    assert program.auth(otpCode=codes[0]) == REFUSED
    with world.database.reading() as unit:
        assert unit.execute(select(cso_sessions)).all() == []
