"""Rights in 200 courts: what a token costs does not grow with them."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from signon import drivers
from signon.courts.registry import read_all
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What reaches the database, by either way."""
    seen: list[str] = []

    def counted(run: Any) -> Any:
        def noted(self: Any, statement: Any, values: Any) -> Any:
            seen.append("prepared")
            return run(self, statement, values)

        return noted

    for driver in (drivers.SqliteDriver, drivers.PostgresqlDriver):
        monkeypatch.setattr(driver, "run", counted(driver.run))

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_claims_cost_the_same_with_rights_everywhere(world: World, statements: list[str]):
    """Redeeming, refreshing and introspecting need as many statements as for one right."""
    few, many = world.account("one.court"), world.account("all.courts")
    with world.database.reading() as unit:
        courts = list(read_all(unit))
    world.right(few)
    for court in courts:
        world.right(many, court)
    assert len(courts) >= 200
    secret = world.client()
    cost = {}
    for name in ("one.court", "all.courts"):
        callback = "https://ecf.casb.test/callback"
        party = RelyingParty(
            world.browser(), world.clock, "casb-cmecf", secret, callback, "openid ecf"
        )
        party.browser.get("/login")
        party.browser.sign_in(name, PASSWORD)
        party.begin()
        statements.clear()
        tokens = party.tokens()
        assert tokens.claims["ecf_court"] == "casb"
        party.at("introspection_endpoint", token=tokens.access_token)
        party.refresh(tokens.refresh_token)
        cost[name] = len(statements)
    assert cost["all.courts"] == cost["one.court"]
