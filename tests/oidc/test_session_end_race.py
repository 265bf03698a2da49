"""A sign-out and the redemption of a code at the same moment: no grant outlives the session."""

from concurrent.futures import ThreadPoolExecutor, wait

from sqlalchemy import select

from signon.clients.registry import read_client
from signon.oidc import codes
from signon.signin import session as sessions
from signon.tokens.models import grants
from signon.web.visitor import Source
from tests.infra.world import World
from tests.oidc.relying_party import RelyingParty


def test_no_grant_outlives_its_session(signed_in: RelyingParty, world: World):
    """A session that is being ended waits for the grant that is being made in it, and ends it."""
    signed_in.begin()
    code = signed_in.code()
    token = signed_in.browser.http.cookies["signon_session"]
    with world.database.reading() as unit:
        session = sessions.current(unit, token, world.settings)
        client = read_client(unit, "casb-cmecf")
    assert session is not None
    assert client is not None

    def sign_out() -> None:
        with world.database.writing() as unit:
            sessions.end(unit, session, reason="signed_out", source=Source())

    with ThreadPoolExecutor(1) as other:
        with world.database.writing() as unit:
            found = codes.find(unit, code, client, court=None)
            assert found is not None
            ending = other.submit(sign_out)
            wait([ending], timeout=0.3)
            codes.redeem(unit, found, with_refresh_token=True)
        ending.result()
    with world.database.reading() as unit:
        rows = unit.execute(select(grants.c.revoked_at).where(grants.c.session_id == session.id))
        revoked = rows.scalars().all()
    assert revoked
    assert None not in revoked
