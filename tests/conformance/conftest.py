"""One server under `https://signon.test` with one configuration that serves every plan.

The Basic plan runs by query on SQLite and by form post on PostgreSQL: the same modules twice, as
the suite does it, without running each of them four times.
"""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from signon import config
from signon.app import wire
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty, Tokens

CALLBACK = "https://suite.test/callback"
GOODBYE = "https://suite.test/goodbye"
BASIC = {
    "profile": "basic",
    "court_id": None,
    "trusted": True,
    "scopes": ["openid", "profile", "email", "phone", "address"],
    "redirect_uris": [CALLBACK],
    "post_logout_redirect_uris": [GOODBYE],
    "id_token_alg": "RS256",
}


class Suite(RelyingParty):
    """A client of the suite: no PKCE unless a module asks for it, answers by either mode."""

    mode = "query"

    def begin(
        self, *, drop: Sequence[str] = (), also: Sequence[tuple[str, str]] = (), **extra: str
    ) -> httpx2.Response:
        """A request as the Basic plan makes it."""
        unused = {"code_challenge", "code_challenge_method"} - extra.keys()
        return super().begin(drop=[*drop, *unused], also=also, **self._with_mode(extra))

    def begin_with_pkce(self) -> httpx2.Response:
        """The same with a code challenge."""
        return super().begin(drop=(), also=(), **self._with_mode({}))

    def _with_mode(self, extra: dict[str, str]) -> dict[str, str]:
        return extra if self.mode == "query" else {"response_mode": self.mode, **extra}

    def answer(self) -> dict[str, str]:
        """What reached the callback; by form post nothing stands in the query."""
        if self.mode == "query":
            return super().answer()
        form = self.browser.page.forms[0]
        assert (form.action, form.method) == (self.redirect_uri, "post")
        values = {name: value for name, value in form.fields.items() if name}
        assert values.get("iss") == self.issuer
        assert values.get("state", "") == self.started.state
        return values

    def redeem(self, code: str | None = None, **extra: str) -> httpx2.Response:
        """Without a verifier where none was promised."""
        if "code_challenge" not in self.started.parameters:
            extra.setdefault("code_verifier", "")
        return super().redeem(code, **extra)

    def sign_in(self) -> None:
        """The person signs in on the page that is shown."""
        self.browser.sign_in("test.subject", PASSWORD)

    def flow(self, **given: str) -> Tokens:
        """A whole flow: sign-in if a page asks for it, code, checked tokens."""
        self.begin(drop=(), also=(), **given)
        if "password" in self.browser.page.ids:
            self.sign_in()
        return self.tokens()


@pytest.fixture(
    params=[("sqlite", "query"), ("postgresql", "form_post")], ids=["query", "form_post"]
)
def variant(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The database and the response mode of a run."""
    chosen: tuple[str, str] = request.param
    return chosen


@pytest.fixture
def database_url(request: pytest.FixtureRequest, variant: tuple[str, str]) -> str:
    """The run's database."""
    url: str = request.getfixturevalue(f"{variant[0]}_url")
    return url


@pytest.fixture
def settings(database_url: str, tmp_path: Path, fast_argon2: dict[str, int]) -> config.Settings:
    """An https issuer, as the suite demands."""
    return config.load(
        _env_file=None,
        issuer="https://signon.test",
        database_url=database_url,
        secret_keys=base64.urlsafe_b64encode(bytes(range(32))).decode(),
        smtp_url="smtp://mail.test:25",
        **fast_argon2,
    )


@pytest.fixture
def world(settings: config.Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A served provider with a person who has every claim."""
    made = World.make(settings, wire(database), clock)
    person = made.account("test.subject")
    made.change_account(
        person,
        phone="+1 619 555 0100",
        street="325 West F Street",
        city="San Diego",
        state="CA",
        postal_code="92101",
        country="US",
    )
    with made.http:
        yield made


@pytest.fixture
def suite(world: World, variant: tuple[str, str]) -> Suite:
    """The suite's first client, `client_secret_basic`."""
    secret = world.client("first", **BASIC)
    made = Suite(
        world.browser(),
        world.clock,
        "first",
        secret,
        CALLBACK,
        "openid profile email phone address",
    )
    made.mode = variant[1]
    return made


@pytest.fixture
def second(world: World, suite: Suite) -> Suite:
    """Its second client, which authenticates in the body of the request."""
    given = {**BASIC, "auth_method": "client_secret_post"}
    secret = world.client("second", **given)
    made = Suite(suite.browser, world.clock, "second", secret, CALLBACK, "openid")
    made.mode = suite.mode
    return made


def query_of(address: str) -> dict[str, str]:
    """An address's parameters."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
