"""The answer first, and what spends last: what came between the look and the last act is seen there.

The code and the refresh token are found, the answer is made, and one statement spends it (decision
23). Nothing is held meanwhile, so that statement looks once more.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import httpx2
import pytest
from sqlalchemy import create_engine, func, select, text

from signon.accounts import sign_outs, status
from signon.clients import life
from signon.clients.registry import Client, read_client
from signon.courts.registry import read_one
from signon.db import Unit
from signon.drivers import SpendingDriver
from signon.oidc import codes, refreshing
from signon.oidc.models import codes as codes_table
from signon.signin import session as sessions
from signon.signin.models import sessions as sessions_table
from signon.tokens import grants
from signon.tokens.models import grants as grants_table
from signon.tokens.models import refresh_tokens
from signon.web.visitor import Source
from tests.infra.databases import is_postgresql
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

Act = Callable[[Unit, World, sessions.Session], object]


def sign_out(unit: Unit, _world: World, session: sessions.Session) -> None:
    sessions.end(unit, session, reason="signed_out", source=Source())


def sign_out_everywhere(unit: Unit, _world: World, session: sessions.Session) -> None:
    sign_outs.sign_out_everywhere(unit, session.account.id)


def disable_account(unit: Unit, _world: World, session: sessions.Session) -> None:
    status.disable(unit, session.account.number, reason="test", actor="system")


def disable_client(unit: Unit, _world: World, _session: sessions.Session) -> None:
    life.disable(unit, "casb-cmecf")


def bill_another(unit: Unit, _world: World, session: sessions.Session) -> None:
    sessions.bill_under(unit, session, "4711.x")
    grants.bill_under(unit, session.id, "4711.x")


ENDS: list[Act] = [sign_out, sign_out_everywhere, disable_account, disable_client]


def do(world: World, session: sessions.Session, act: Act) -> None:
    """Let it happen, in a unit of its own, a second later than all before."""
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        act(unit, world, session)


def count(world: World, table: Any, *conditions: Any) -> int:
    with world.database.reading() as unit:
        return unit.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


@pytest.fixture
def session(signed_in: RelyingParty, world: World) -> sessions.Session:
    """The session of the person who is signed in."""
    token = signed_in.browser.http.cookies["signon_session"]
    with world.database.reading() as unit:
        found = sessions.current(unit, token, world.settings)
    assert found is not None
    return found


def client_of(unit: Unit, rp: RelyingParty) -> Client:
    client = read_client(unit, rp.client_id)
    assert client is not None
    return client


# ── Between the look and the last act ────────────────────────────────────────


@pytest.mark.parametrize("act", [*ENDS, bill_another])
def test_no_grant_begins_in_what_has_ended(
    signed_in: RelyingParty, world: World, session: sessions.Session, act: Act
):
    """Nothing is spent, nothing begins, and nobody takes it for a replay."""
    signed_in.begin()
    code = signed_in.code()
    with world.database.reading() as unit:
        found = codes.find(unit, code, client_of(unit, signed_in), court=read_one(unit, "casb"))
    assert found is not None
    do(world, session, act)
    assert not asyncio.run(world.database.spend(codes.redeem, found, refresh_token="a"))
    assert count(world, grants_table) == count(world, refresh_tokens) == 0
    assert count(world, codes_table, codes_table.c.used_at.is_not(None)) == 0
    assert "oidc:code:replayed" not in world.audited()


@pytest.mark.parametrize("act", ENDS)
def test_no_token_is_spent_for_a_grant_that_has_ended(
    signed_in: RelyingParty, world: World, session: sessions.Session, act: Act
):
    """The same for refreshing."""
    signed_in.begin()
    token = signed_in.tokens().refresh_token
    with world.database.reading() as unit:
        client = client_of(unit, signed_in)
        found = refreshing.find(unit, token, court=read_one(unit, "casb"))
    assert found is not None
    do(world, session, act)
    spend = world.database.spend(refreshing.spend, found, "a", client, ring=world.ring)
    assert not asyncio.run(spend)
    assert count(world, refresh_tokens) == 1
    assert count(world, refresh_tokens, refresh_tokens.c.used_at.is_not(None)) == 0
    assert "tokens:refresh_token:replayed" not in world.audited()


# ── The same in the middle of a request ──────────────────────────────────────


class Meanwhile:
    """Lets something happen when a request has made its answer and not spent anything yet.

    On PostgreSQL it is over before the last act. SQLite's one writer lets it wait until after.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
        self._act = act
        self.happens: Future[Any] | None = None
        self.pool = ThreadPoolExecutor(1)
        for module, name in ((codes, "redeem"), (refreshing, "spend")):
            self._interrupt(monkeypatch, module, name)

    def _interrupt(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        last_act = getattr(module, name)

        def interrupted(*args: Any, **named: Any) -> Any:
            if self.happens is None:
                self.happens = self.pool.submit(self._act)
                wait([self.happens], timeout=0.5)
            return last_act(*args, **named)

        monkeypatch.setattr(module, name, interrupted)

    def result(self) -> Any:
        """What came of it."""
        assert self.happens is not None, "nothing was about to be spent"
        done = self.happens.result(timeout=60)
        self.pool.shutdown()
        return done


def is_refused(answer: httpx2.Response) -> bool:
    return answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("act", ENDS)
@pytest.mark.parametrize("grant", ["code", "refresh_token"])
def test_an_answer_is_thrown_away_when_it_is_worth_nothing(
    signed_in: RelyingParty,
    world: World,
    session: sessions.Session,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    grant: str,
    act: Act,
):
    """Or it was sent before, and what it told ends with the rest."""
    signed_in.begin()
    token = signed_in.tokens().refresh_token if grant == "refresh_token" else None
    if token is None:
        signed_in.begin()
    meanwhile = Meanwhile(monkeypatch, lambda: do(world, session, act))
    answer = signed_in.refresh(token) if token else signed_in.redeem()
    meanwhile.result()
    if is_postgresql(database_url):
        assert is_refused(answer)
        return
    told = answer.json()
    assert signed_in.userinfo(told["access_token"]).status_code == 401
    # a disabled client is not even let in; it may be known for a second longer
    assert signed_in.refresh(told["refresh_token"]).status_code in {400, 401}


def test_an_answer_never_names_the_client_code_of_before(
    signed_in: RelyingParty,
    world: World,
    session: sessions.Session,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
):
    """A grant that begins after the person gave another code is billed under that."""
    signed_in.begin()
    meanwhile = Meanwhile(monkeypatch, lambda: do(world, session, bill_another))
    tokens = signed_in.tokens()
    meanwhile.result()
    if is_postgresql(database_url):
        assert tokens.claims["pacer_client_code"] == "4711.x"
    again = signed_in.checked(signed_in.refresh(tokens.refresh_token), nonce=None)
    assert again.claims["pacer_client_code"] == "4711.x"


def test_of_two_that_have_made_their_answer_one_sends_it(
    signed_in: RelyingParty, world: World, monkeypatch: pytest.MonkeyPatch
):
    """The other's is thrown away, and in a unit of its own the family ends, with its event."""
    signed_in.begin()
    code = signed_in.code()
    meanwhile = Meanwhile(monkeypatch, lambda: signed_in.redeem(code))
    first, second = signed_in.redeem(code), meanwhile.result()
    assert sorted([first.status_code, second.status_code]) == [200, 400]
    told = next(each.json() for each in (first, second) if each.status_code == 200)
    assert world.audited().count("oidc:code:replayed") == 1
    assert signed_in.userinfo(told["access_token"]).status_code == 401
    assert is_refused(signed_in.refresh(told["refresh_token"]))
    assert count(world, grants_table, grants_table.c.revoked_reason == "code_replayed") == 1


def test_of_two_that_refresh_one_sends_its_answer(
    signed_in: RelyingParty, world: World, monkeypatch: pytest.MonkeyPatch
):
    """The same for refreshing, without a grace."""
    signed_in.begin()
    token = signed_in.tokens().refresh_token
    meanwhile = Meanwhile(monkeypatch, lambda: signed_in.refresh(token))
    first, second = signed_in.refresh(token), meanwhile.result()
    assert sorted([first.status_code, second.status_code]) == [200, 400]
    told = next(each.json() for each in (first, second) if each.status_code == 200)
    assert world.audited().count("tokens:refresh_token:replayed") == 1
    assert signed_in.userinfo(told["access_token"]).status_code == 401
    assert is_refused(signed_in.refresh(told["refresh_token"]))


def test_within_the_grace_both_send_the_same(
    world: World, party: MakeParty, monkeypatch: pytest.MonkeyPatch
):
    """The one that lost makes its answer anew, with the successor that the other has made."""
    world.account()
    rp = party(refresh_grace_seconds=5)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    token = rp.tokens().refresh_token
    meanwhile = Meanwhile(monkeypatch, lambda: rp.refresh(token))
    first, second = rp.refresh(token), meanwhile.result()
    assert first.json()["refresh_token"] == second.json()["refresh_token"]
    assert rp.refresh(first.json()["refresh_token"]).status_code == 200
    assert "tokens:refresh_token:replayed" not in world.audited()


# ── What it costs ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_each_answer_costs_two_round_trips(
    signed_in: RelyingParty, world: World, monkeypatch: pytest.MonkeyPatch
):
    """A look and a last act, without a transaction: authorization, redemption, refresh."""
    sent: list[bool] = []
    run, spend = SpendingDriver.run, world.database.spend

    def counted(driver: SpendingDriver, statement: Any, values: Any) -> Any:
        sent.append(statement.changes)
        return run(driver, statement, values)

    async def only_spent(*given: Any, **named: Any) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(world.database, "write", None)
            return await spend(*given, **named)

    monkeypatch.setattr(SpendingDriver, "run", counted)
    monkeypatch.setattr(world.database, "spend", only_spent)
    signed_in.begin()
    signed_in.refresh(signed_in.tokens().refresh_token)
    assert sent == [False, True] * 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_session_is_touched_once_a_minute(
    signed_in: RelyingParty, world: World, session: sessions.Session
):
    """That is one statement more, so it has a transaction; and the code is as good."""
    world.clock.advance(seconds=90)
    signed_in.begin()
    assert signed_in.tokens().refresh_token
    with world.database.reading() as unit:
        seen = select(sessions_table.c.seen_at).where(sessions_table.c.id == session.id)
        assert unit.scalar(seen) == world.clock.now


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_codes_are_not_logged(database_url: str):
    """Decision 23: what lives a minute waits for no disk."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
        )
        assert set(rows.scalars()) == {
            *("authorization_codes", "dpop_proofs", "pushed_requests", "request_rates")
        }
    engine.dispose()
