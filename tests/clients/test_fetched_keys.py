"""A client's keys at its `jwks_uri`: no stranger makes us fetch more than once a minute."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc.jwk import ECKey

from signon.clients.assertions import AssertionRefusedError, ClientKeys
from signon.outbound import Answer, OutboundError

URI = "https://court.example/jwks"
EC = ECKey.generate_key("P-256").as_dict(private=False, kid="one")
SET = json.dumps({"keys": [EC]}).encode()
DEEP = b'{"keys":' + b"[" * 30_000


@dataclass
class Client:
    """What is asked of a client here."""

    jwks: Any = None
    jwks_uri: str | None = URI


@dataclass
class Site:
    """The client's site: what it answers, and how often it was asked."""

    answering: bytes | None = SET
    caching: str = ""
    asked: int = 0
    at_once: list[int] = field(default_factory=lambda: [0, 0])

    async def get(self, _uri: str) -> Answer:
        """Not at once, without the clock that the tests stop."""
        self.asked += 1
        self.at_once[0] += 1
        self.at_once[1] = max(self.at_once)
        for _ in range(5):
            await asyncio.sleep(0)
        self.at_once[0] -= 1
        if self.answering is None:
            raise OutboundError("It could not be reached.")
        return Answer(200, self.answering, self.caching)


@pytest.fixture
def site() -> Site:
    """One that works."""
    return Site()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The process's own clock, to be moved."""
    now = [1000.0]
    monkeypatch.setattr("signon.clients.assertions.time.monotonic", lambda: now[0])
    return now


async def found(keys: ClientKeys, kid: str | None = "one") -> bool:
    try:
        return bool((await keys.of(Client(), kid)).keys)  # type: ignore[arg-type]
    except AssertionRefusedError:
        return False


@pytest.mark.parametrize(
    "answering", [None, b"{", b"[]", DEEP, b'{"keys":{}}', b'{"keys":["\\ud800"]}']
)
def test_a_failure_is_remembered_for_a_minute(
    site: Site, moment: list[float], answering: bytes | None
):
    """Whatever it was; JSON too deep for us is one too. A stranger's requests cost one fetch."""
    site.answering = answering
    keys = ClientKeys(site)  # type: ignore[arg-type]
    for _ in range(20):
        assert not asyncio.run(found(keys))
    assert site.asked == 1
    site.answering = SET
    moment[0] += 59
    assert not asyncio.run(found(keys))
    moment[0] += 1
    assert asyncio.run(found(keys))
    assert site.asked == 2


def test_many_at_once_fetch_once(site: Site, moment: list[float]):
    """The others wait for the one that asks."""
    keys = ClientKeys(site)  # type: ignore[arg-type]

    async def many() -> list[bool]:
        return await asyncio.gather(*(found(keys) for _ in range(20)))

    assert all(asyncio.run(many()))
    assert (site.asked, site.at_once[1]) == (1, 1)


def test_a_site_that_hangs_holds_up_nobody_else():
    """Its own clients wait for one attempt together; another site's keys come meanwhile."""
    hanging, asked = asyncio.Event(), []

    class Sites:
        async def get(self, uri: str) -> Answer:
            asked.append(uri)
            if uri == URI:
                await hanging.wait()
                raise OutboundError("It could not be reached.")
            return Answer(200, SET, "")

    async def meanwhile() -> list[bool]:
        keys = ClientKeys(Sites())  # type: ignore[arg-type]
        waiting = [asyncio.create_task(found(keys)) for _ in range(5)]
        await asyncio.sleep(0)
        others = Client(jwks_uri="https://other.example/jwks")
        assert (await keys.of(others, "one")).keys  # type: ignore[arg-type]
        assert not any(task.done() for task in waiting)
        hanging.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(meanwhile()) == [False] * 5
    assert asked == [URI, "https://other.example/jwks"]


def test_a_failure_takes_no_fresh_key_away(site: Site, moment: list[float]):
    """Or a stranger with an unknown key could keep the client out while its site is down."""
    keys = ClientKeys(site)  # type: ignore[arg-type]
    assert asyncio.run(found(keys))
    site.answering = None
    moment[0] += 60
    assert asyncio.run(found(keys, "unknown"))
    assert site.asked == 2
    assert asyncio.run(found(keys))
    moment[0] += 541
    assert not asyncio.run(found(keys))


@pytest.mark.parametrize(
    ("caching", "seconds"),
    [
        ("", 600),
        ("public, max-age=120", 120),
        ("Max-Age=300,public", 300),
        ("max-age=1", 60),
        ("max-age=86400", 3600),
        ("no-store, max-age=600", 60),
        ("s-maxage=120", 600),
        ("max-age=soon", 600),
    ],
)
def test_keys_are_kept_for_as_long_as_their_site_says(
    site: Site, moment: list[float], caching: str, seconds: int
):
    """RFC 9111 5.2.2, between a minute and an hour; ten minutes where it says nothing."""
    site.caching = caching
    keys = ClientKeys(site)  # type: ignore[arg-type]
    assert asyncio.run(found(keys))
    moment[0] += seconds - 1
    assert asyncio.run(found(keys))
    assert site.asked == 1
    moment[0] += 1
    assert asyncio.run(found(keys))
    assert site.asked == 2
