"""A sign-out and the redemption of a code at the same moment: no grant outlives the session."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from signon.clients.registry import read_client
from signon.oidc import codes
from signon.oidc.codes import FoundCode
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.tokens.models import grants
from signon.web.visitor import Source
from tests.infra.world import World
from tests.oidc.relying_party import RelyingParty


@pytest.fixture
def session(signed_in: RelyingParty, world: World) -> Session:
    """The session of the person who is signed in."""
    token = signed_in.browser.http.cookies["signon_session"]
    with world.database.reading() as unit:
        found = sessions.current(unit, token, world.settings)
    assert found is not None
    return found


@pytest.fixture
def found(signed_in: RelyingParty, world: World) -> FoundCode:
    """A code that its client is about to redeem."""
    signed_in.begin()
    code = signed_in.code()
    with world.database.reading() as unit:
        client = read_client(unit, "casb-cmecf")
        assert client is not None
        found = codes.find(unit, code, client, court=None)
    assert found is not None
    return found


def revoked(world: World, session: Session) -> list[object]:
    """When each grant that was made in the session was revoked."""
    with world.database.reading() as unit:
        rows = unit.execute(select(grants.c.revoked_at).where(grants.c.session_id == session.id))
        return list(rows.scalars())


def sign_out(world: World, session: Session) -> None:
    with world.database.writing() as unit:
        sessions.end(unit, session, reason="signed_out", source=Source())


def test_who_ends_a_session_waits_for_its_grant(world: World, session: Session, found: FoundCode):
    """The last act holds the session, and who waited for it ends the grant as well."""
    with ThreadPoolExecutor(1) as other:
        with world.database.writing() as unit:
            assert codes.redeem(unit, found, refresh_token="a")
            ending = other.submit(sign_out, world, session)
            wait([ending], timeout=0.3)
            assert not ending.done()
        ending.result()
    assert None not in revoked(world, session)


def test_a_grant_waits_for_who_ends_its_session(world: World, session: Session, found: FoundCode):
    """A session that is being ended, though nobody can see that yet: nothing is made in it."""

    def redeem() -> bool:
        with world.database.writing() as unit:
            return codes.redeem(unit, found, refresh_token="a")

    with ThreadPoolExecutor(1) as other:
        with world.database.writing() as unit:
            sessions.end(unit, session, reason="signed_out", source=Source())
            redeeming = other.submit(redeem)
            wait([redeeming], timeout=0.3)
            assert not redeeming.done()
        assert not redeeming.result()
    assert revoked(world, session) == []
    assert "oidc:code:replayed" not in world.audited()
