"""Programs' sessions: how long they live, who ends them, and what courts are told of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from signon import opaque_tokens
from signon.accounts import credentials, memberships, programs, repudiation, sign_outs, status
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF
from signon.accounts.models import AccountKind
from signon.app import create_app
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Database, Unit
from signon.signin import cso_sessions
from signon.signin.models import cso_sessions as table
from signon.web.visitor import Source
from tests.infra.asked import asked
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_BOTH
from tests.infra.world import PASSWORD, World
from tests.pacer_api.conftest import LOGOUT, NAME, Program

MINUTE = 60
HOUR = 60 * MINUTE


@pytest.fixture
def court(world: World) -> str:
    """The secret of a court's client, which is handed new tokens."""
    secret = world.client(cso_tokens=True)
    assert secret
    return secret


@pytest.fixture
def lives(program: Program, court: str) -> Callable[[str], bool]:
    """Whether the court is told that a token lives."""
    return lambda token: bool(program.introspect(token, court)["active"])


# ── How long ─────────────────────────────────────────────────────────────────


def test_it_ends_an_hour_after_its_last_use(
    program: Program, world: World, account: Account, clock: FrozenClock
):
    """A client that is not marked uses it, too; nobody gets another token by that."""
    secret = world.client()
    assert secret
    token = program.token()
    for _ in range(3):
        clock.advance(seconds=59 * MINUTE)
        found = program.introspect(token, secret)
        assert found["active"]
        assert "next_gen_cso" not in found
    clock.advance(seconds=61 * MINUTE)
    assert program.introspect(token, secret) == {"active": False}


def test_it_ends_twelve_hours_after_its_sign_in(
    program: Program, world: World, account: Account, clock: FrozenClock
):
    """Whatever its use."""
    secret = world.client()
    assert secret
    token = program.token()
    for _ in range(13):
        clock.advance(seconds=55 * MINUTE)
        assert program.introspect(token, secret)["active"]
    clock.advance(seconds=6 * MINUTE)
    assert not program.introspect(token, secret)["active"]


def test_a_marked_client_is_handed_a_new_token_after_half_its_idle_time(
    program: Program, court: str, clock: FrozenClock, lives: Callable[[str], bool]
):
    """The old one goes on for two minutes, and is answered without another one."""
    old = program.token()
    clock.advance(seconds=29 * MINUTE)
    assert "next_gen_cso" not in program.introspect(old, court)
    clock.advance(seconds=MINUTE)
    new = program.introspect(old, court)["next_gen_cso"]
    assert new != old
    assert opaque_tokens.looks_like_cso(new)
    clock.advance(seconds=119)
    assert lives(old)
    assert "next_gen_cso" not in program.introspect(old, court)
    assert lives(new)
    clock.advance(seconds=1)
    assert not lives(old)
    assert lives(new)


@ON_BOTH
def test_of_twenty_that_ask_at_once_one_gets_the_new_token(
    program: Program, court: str, world: World, clock: FrozenClock
):
    """All are told that it lives."""
    token = program.token()
    clock.advance(seconds=30 * MINUTE)

    def ask(_: int) -> dict[str, Any]:
        data = {"token": token}
        answer = world.http.post("/oauth2/introspect", data=data, auth=("casb-cmecf", court))
        return dict(answer.json())

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(ask, range(20)))
    assert [one["active"] for one in found] == [True] * 20
    assert sum("next_gen_cso" in one for one in found) == 1


def test_a_token_of_before_signs_out_too(
    program: Program, court: str, clock: FrozenClock, lives: Callable[[str], bool]
):
    """A program that has missed the new one ends what there is."""
    old = program.token()
    clock.advance(seconds=30 * MINUTE)
    new = program.introspect(old, court)["next_gen_cso"]
    program.send(LOGOUT, f'{{"nextGenCSO": "{old}"}}'.encode())
    assert not lives(old)
    assert not lives(new)


def test_asking_is_one_statement(program: Program, court: str, clock: FrozenClock):
    """Once a minute there is another one, that it was used."""
    token = program.token()
    program.introspect(token, court)
    with asked() as statements:
        program.introspect(token, court)
    own = [one for one in statements if not one.startswith(("clients.", "courts."))]
    assert own == ["oidc.cso_tokens._at_court"]
    clock.advance(seconds=MINUTE)
    with asked() as statements:
        program.introspect(token, court)
    own = [one for one in statements if not one.startswith(("clients.", "courts."))]
    assert own == ["oidc.cso_tokens._at_court", "signin.cso_sessions._touch"]


# ── Who ends it ──────────────────────────────────────────────────────────────


def test_signing_out(program: Program, world: World, lives: Callable[[str], bool]):
    """Only this one."""
    token, other = program.token(), program.token()
    program.send(LOGOUT, f'{{"nextGenCSO": " {token} "}}'.encode())
    assert not lives(token)
    assert lives(other)
    assert world.audited().count(Event.PROGRAM_SIGNED_OUT) == 1


def _sign_out(unit: Unit, world: World, account: Account) -> None:
    sign_outs.sign_out_everywhere(unit, account.id)


def _disable(unit: Unit, world: World, account: Account) -> None:
    status.disable(unit, account.number, reason="left", actor="command_line")


def _disable_and_enable(unit: Unit, world: World, account: Account) -> None:
    _disable(unit, world, account)
    status.enable(unit, world.ring, account.number, actor="command_line")


def _change_password(unit: Unit, world: World, account: Account) -> None:
    credentials.replace_password(unit, world.ring, account, "$argon2id$x", actor="system")


def _freeze(unit: Unit, world: World, account: Account) -> None:
    repudiation.freeze(unit, account, unit.now, proof=NO_PROOF, source=Source())


def _forbid(unit: Unit, world: World, account: Account) -> None:
    programs.allow(unit, account.id, is_allowed=False)


@pytest.mark.parametrize(
    "act", [_sign_out, _disable, _disable_and_enable, _change_password, _freeze, _forbid]
)
def test_what_ends_it_at_once(
    program: Program,
    world: World,
    account: Account,
    clock: FrozenClock,
    lives: Callable[[str], bool],
    act: Callable[[Unit, World, Account], None],
):
    """State that is read at its use, so that nothing has to be found and ended."""
    token = program.token()
    assert lives(token)
    clock.advance(seconds=1)
    with world.database.writing() as unit:
        act(unit, world, account)
    assert not lives(token)


def test_its_owner_sees_it_and_ends_it(
    program: Program, world: World, lives: Callable[[str], bool], clock: FrozenClock
):
    """As a program at an address, beside the browsers."""
    token, other = program.token(), program.token()
    browser = world.browser()
    browser.get("/login")
    browser.sign_in(NAME, PASSWORD)
    browser.get("/account/security")
    assert browser.page.text.count("A program at an unknown address") >= 2
    ids = [form.fields["session"] for form in browser.page.forms if "session" in form.fields]
    with world.database.reading() as unit:
        digest = opaque_tokens.digest(token)
        session_id = unit.scalar(select(table.c.id).where(table.c.digest == digest))
    assert session_id in ids
    form = next(one for one in browser.page.forms if one.fields.get("session") == session_id)
    browser.submit(form)
    assert not lives(token)
    assert lives(other)
    form = next(one for one in browser.page.forms if one.action.endswith("/end-others"))
    browser.submit(form)
    assert not lives(other)
    assert "You signed in" not in browser.page.text


def test_its_owner_forbids_programs(
    program: Program, world: World, lives: Callable[[str], bool], account: Account
):
    """At once, and until they are allowed again; a mail says so."""
    token = program.token()
    browser = world.browser()
    browser.get("/login")
    browser.sign_in(NAME, PASSWORD)
    browser.get("/account/security")
    form = next(one for one in browser.page.forms if one.action.endswith("/account/programs"))
    browser.submit(form)
    assert "The rule for programs is changed." in browser.page.text
    assert not lives(token)
    assert program.auth()["loginResult"] == "13"
    told = [mail["values"].get("change") for mail in world.queued("mail")]
    assert told.count("Programs may no longer sign in with your password.") == 1
    form = next(one for one in browser.page.forms if one.action.endswith("/account/programs"))
    browser.submit(form)
    assert not lives(token)  # what was ended stays so
    assert program.token()
    assert Event.PROGRAMS_FORBIDDEN in world.audited()
    assert Event.PROGRAMS_ALLOWED in world.audited()


def test_a_firm_forbids_it_for_its_members(
    program: Program, world: World, lives: Callable[[str], bool], account: Account
):
    """Its own sign-in does not come into it: a firm never searches."""
    firm = world.account("the.office", AccountKind.FIRM)
    with world.database.writing() as unit:
        assert memberships.join(unit, account.id, firm.number, expected=None, cost_center_id=None)
    token = program.token()
    with world.database.writing() as unit:
        assert programs.allow(unit, firm.id, is_allowed=False)
    assert not lives(token)
    assert program.auth()["loginResult"] == "13"
    with world.database.writing() as unit:
        assert cso_sessions.end_of_members(unit, firm.number) == 1
        assert programs.allow(unit, firm.id, is_allowed=True)
    assert not lives(token)
    assert program.token()


# ── What others are told ─────────────────────────────────────────────────────


def test_a_court_is_told_what_its_scopes_allow(
    program: Program, world: World, account: Account, court: str
):
    """Of itself and nothing of others; nothing personal that UserInfo would be asked for."""
    world.right(account)
    world.right(account, "cacd", login="elsewhere")
    token = program.token(redactFlag="1", clientCode="4711")
    found = dict(program.introspect(token, court))
    assert found["token_type"] == "urn:signon:token-type:cso"
    assert found["sub"] == account.id
    assert found["pacer_account_number"] == account.number
    assert found["pacer_client_code"] == "4711"
    assert (found["ecf_court"], found["ecf_login"]) == ("casb", "aattorney")
    assert found["acr"].endswith("aal/1")
    assert "elsewhere" not in str(found)
    assert "email" not in found
    narrow = world.client("casb-narrow", scopes=["openid"])
    assert narrow
    assert set(program.introspect(token, narrow, "casb-narrow")) == {
        *("active", "token_type", "scope", "sub", "iat", "exp", "auth_time", "acr", "amr", "sid"),
    }


def test_a_token_permits_what_was_confirmed_for_it(
    program: Program, world: World, account: Account, court: str
):
    """The flag of its sign-in confirms the redaction rules; a right that came later waits for the
    next sign-in.
    """
    before = program.token()
    world.right(account)
    found = program.introspect(before, court)
    assert (found["ecf_status"], found["ecf_permissions"]) == ("active", [])
    assert found["ecf_redaction_due"] is True
    found = program.introspect(program.token(redactFlag="1"), court)
    assert found["ecf_permissions"] == ["all_documents"]
    assert "ecf_redaction_due" not in found


def test_a_lost_search_is_told(program: Program, world: World, account: Account, court: str):
    """After T1, whatever the account's own status is."""
    world.change_account(account, client_code_required=True)
    found = program.introspect(program.token(), court)
    assert found["pacer_search_status"] == "inactive"
    found = program.introspect(program.token(clientCode="x"), court)
    assert found["pacer_search_status"] == "active"


@pytest.mark.parametrize(
    ("registered", "may"),
    [
        ({}, True),
        ({"court_id": None, "cso_tokens": True, "scopes": ["pacer"]}, True),
        ({"court_id": None, "scopes": ["openid"]}, False),
        ({"court_id": None, "scopes": ["openid"], "trusted": True}, False),
    ],
)
def test_courts_and_the_gateway_may_ask(
    program: Program, world: World, registered: dict[str, Any], may: bool
):
    """Whoever else has a client learns nothing, not even that a token lives."""
    secret = world.client("some-client", **registered)
    assert secret
    assert program.introspect(program.token(), secret, "some-client")["active"] is may


def test_a_firms_client_may_not(program: Program, world: World):
    """Whatever it is marked with."""
    firm = world.account("the.office", AccountKind.FIRM)
    secret = world.client("firm-x", court_id=None, firm_id=firm.id, scopes=[], cso_tokens=True)
    assert secret
    assert program.introspect(program.token(), secret, "firm-x") == {"active": False}


def test_a_token_for_searching_serves_the_gateway_only(
    settings: Settings, wired: Database, clock: FrozenClock
):
    """No court takes it, so nothing is filed with it."""
    world = World.make(settings, wired, clock)
    with world.http:
        world.account(NAME)
        program = Program(world)
        court = world.client()
        gateway = world.client("pcl-gw", court_id=None, cso_tokens=True, scopes=["pacer"])
        assert court
        assert gateway
        token = program.token()
        assert program.introspect(token, court) == {"active": False}
        assert program.introspect(token, gateway, "pcl-gw")["active"]


def test_a_filer_without_a_second_factor_is_no_filer_at_a_court(
    served: Settings, wired: Database, clock: FrozenClock
):
    """Whoever must have one and shows none searches; with one a court takes the token."""
    strict = served.model_copy(update={"filer_second_factor": "required"})
    world = World.make(strict, wired, clock)
    with world.http:
        world.right(world.account(NAME))
        program, court = Program(world), world.client()
        assert court
        token = program.token(redactFlag="1")
        assert program.introspect(token, court) == {"active": False}
        world.enrol(NAME)
        token = program.token(redactFlag="1", otpCode=world.code())
        assert program.introspect(token, court)["ecf_status"] == "active"


def test_what_an_operator_sets_holds_for_tokens_of_before(
    program: Program, world: World, account: Account, clock: FrozenClock
):
    """Another process with other settings tells so: a court loses them, then everybody."""
    court = world.client()
    gateway = world.client("pcl-gw", court_id=None, cso_tokens=True, scopes=["pacer"])
    token = program.token()
    expected = {"on": (True, True), "search_only": (False, True), "off": (False, False)}
    for setting, (at_court, at_gateway) in expected.items():
        changed = world.settings.model_copy(update={"cso_api": setting})
        http = TestClient(create_app(changed, clock=clock), base_url=changed.issuer)
        served = World(changed, world.database, world.ring, clock, http)
        with http:
            asking = Program(served)
            assert asking.introspect(token, court or "")["active"] is at_court
            assert asking.introspect(token, gateway or "", "pcl-gw")["active"] is at_gateway


def test_a_court_that_wants_two_factors_takes_nothing_less(
    program: Program, world: World, court: str
):
    """As on the way through the pages."""
    world.court_policy("casb", sign_in_level="aal2")
    assert program.introspect(program.token(), court) == {"active": False}
    world.enrol(NAME)
    assert program.introspect(program.token(otpCode=world.code()), court)["active"]


def test_a_clients_own_tokens_are_answered_as_ever(program: Program, court: str):
    """And whatever looks like none of ours is inactive."""
    for token in ("x" * 128, "x" * 127, "a.b.c", "-" * 128):
        assert program.introspect(token, court) == {"active": False}
