"""Where registering leads for somebody whom a court sent."""

from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from signon.journeys import store
from signon.journeys.store import JourneyKind
from tests.infra.world import World
from tests.registration.newcomer import PASSWORD, Newcomer

BACK = "https://ecf.casb.test/callback"


def _journey(world: World, kind: JourneyKind) -> str:
    with world.database.writing() as unit:
        return store.start(
            unit,
            kind,
            lasts=timedelta(hours=1),
            client_id="casb-cmecf",
            court_id="casb",
            return_to=BACK,
        ).id


def _done(newcomer: Newcomer, *, other: Newcomer | None = None) -> str:
    reader = other or newcomer
    reader.get(newcomer.link())
    return reader.submit(**({"password": PASSWORD} if other else {}))


def _signed_in(newcomer: Newcomer) -> str:
    """Where signing in ends by the page that is shown."""
    address = next(one for one in newcomer.seen[-1].split('"') if one.startswith("/login"))
    newcomer.get(unescape(address))
    newcomer.submit(username="nora.quill", password=PASSWORD)
    answer = newcomer.browser.response
    assert answer is not None
    return answer.headers.get("location") or str(answer.url.raw_path, "ascii")


@pytest.mark.parametrize("kind", [JourneyKind.AUTHORIZE, JourneyKind.LINK])
def test_the_journey_goes_on_after_signing_in(newcomer: Newcomer, world: World, kind: JourneyKind):
    """The page at the end signs in with it."""
    world.client()
    handle = _journey(world, kind)
    newcomer.register(f"/register?journey={handle}")
    assert f'href="/login?journey={handle}"' in _done(newcomer)


def test_linking_is_begun_anew_when_the_mail_was_read_late(newcomer: Newcomer, world: World):
    """The journey is over; the court, its client and the way back are known."""
    world.client()
    newcomer.register(f"/register?journey={_journey(world, JourneyKind.LINK)}")
    world.clock.advance(hours=5)
    _done(newcomer)
    assert _signed_in(newcomer).startswith("/courts/casb/link?journey=")


def test_a_court_s_request_is_not_taken_up_in_another_browser(newcomer: Newcomer, world: World):
    """The court would not know it there; signing in leads to the court's own address instead."""
    world.client()
    newcomer.register(f"/register?journey={_journey(world, JourneyKind.AUTHORIZE)}")
    other = Newcomer(world, world.browser())
    _done(newcomer, other=other)
    assert _signed_in(other) == "https://ecf.casb.uscourts.gov"


@pytest.mark.parametrize("return_to", [BACK, "https://evil.test/"])
def test_only_a_registered_address_is_returned_to(newcomer: Newcomer, world: World, return_to: str):
    """`client_id` and `return_to` of a court, as on the other pages that take them."""
    world.client()
    asked = urlencode({"client_id": "casb-cmecf", "return_to": return_to})
    newcomer.register(f"/register?{asked}")
    assert "evil.test" not in _done(newcomer)
    front = "https://ecf.casb.uscourts.gov"
    assert _signed_in(newcomer) == (BACK if return_to == BACK else front)


def test_the_sign_in_page_leads_to_registering(newcomer: Newcomer, world: World):
    """With the journey that the person is on."""
    world.client()
    handle = _journey(world, JourneyKind.LINK)
    page = newcomer.get(f"/login?journey={handle}")
    link = next(part for part in page.split('"') if part.startswith("/register"))
    assert parse_qs(urlsplit(link).query) == {"journey": [handle]}
