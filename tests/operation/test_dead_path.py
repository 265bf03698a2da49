"""The path to the database goes silent under load: everybody is answered, and it goes on."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from signon.clock import utc_now
from tests.infra.relay import Relay
from tests.infra.served import Databases, Served
from tests.infra.world import PASSWORD
from tests.oidc.relying_party import RelyingParty

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

CALLBACK = "https://ecf.casb.test/callback"
CROWD = 24
"""More than all connections of the provider's."""
ANSWERS = {200, 303, 429, 503}


@pytest.fixture
def drill(served_databases: Databases, tmp_path: Path) -> Iterator[tuple[Served, Relay]]:
    """A provider in a process of its own, and its path."""
    with served_databases.behind_a_relay(tmp_path) as made:
        yield made


def test_a_dead_path_does_not_silence_the_provider(drill: tuple[Served, Relay]):
    """Readers, refreshers and people who sign in, on connections that swallow everything."""
    served, relay = drill
    served.account("a.attorney")
    secret = served.client("casb-cmecf", redirect_uris=[CALLBACK])
    rp = RelyingParty(served.browser(), utc_now, "casb-cmecf", secret, CALLBACK)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()

    def ask(number: int) -> int:
        match number % 4:
            case 0 | 1:
                return rp.userinfo(tokens.access_token).status_code
            case 2:
                browser = served.browser()
                if (page := browser.get("/login")).status_code != 200:
                    return page.status_code
                return browser.sign_in("a.attorney", PASSWORD).status_code
            case _:
                return httpx2.get(f"{served.settings.issuer}/readyz", timeout=60).status_code

    with ThreadPoolExecutor(CROWD) as pool:
        before = Counter(pool.map(ask, range(CROWD)))
        assert relay.freeze() > 0
        during = Counter(pool.map(ask, range(CROWD)))
        alive = httpx2.get(f"{served.settings.issuer}/livez", timeout=60)
        keys = httpx2.get(f"{served.settings.issuer}/oauth2/jwks", timeout=60)
        after = Counter(pool.map(ask, range(CROWD)))
    assert set(before) <= ANSWERS - {503}
    assert set(during) <= ANSWERS
    assert during[503] > 0
    assert (alive.status_code, keys.status_code) == (200, 200)
    assert rp.userinfo(tokens.access_token).status_code == 200
    assert after[200] >= CROWD // 2
    assert rp.refresh(tokens.refresh_token).status_code == 200
