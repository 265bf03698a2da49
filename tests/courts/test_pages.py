"""`/courts`, the public list."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signon.app import create_app
from signon.config import Settings
from signon.courts import changes
from signon.courts.go_live import announced
from signon.courts.places import cities
from signon.db import Database
from signon.errors import SettingsError
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE

pytestmark = ON_ONE

JSON = {"accept": "application/json"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def _ids(client: TestClient, **asked: str) -> list[str]:
    answer = client.get("/courts", params=asked, headers=JSON)
    return [court["id"] for court in answer.json()["courts"]]


def test_an_operators_own_texts(settings: Settings, tmp_path: Path):
    """`/privacy` and `/accessibility`: ours, or what a file says; one that is missing is told."""
    own = tmp_path / "privacy.txt"
    own.write_text("We keep\nlittle.\n\n<b>Nothing</b> else.\n")
    app = create_app(settings.model_copy(update={"privacy_page": own}))
    with TestClient(app, base_url=settings.issuer) as client:
        said = client.get("/privacy").text
        assert "<p>We keep little.</p>" in said
        assert "&lt;b&gt;Nothing&lt;/b&gt; else." in said
        assert "WCAG 2.2" in client.get("/accessibility").text
        assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
        lost = client.get("/no-such-page", headers=BROWSER)
        assert (lost.status_code, 'href="/"' in lost.text) == (404, True)
    with pytest.raises(SettingsError, match="SIGNON_ACCESSIBILITY_PAGE cannot be read"):
        create_app(settings.model_copy(update={"accessibility_page": tmp_path / "none.txt"}))


def test_json_is_what_the_contract_says(client: TestClient):
    """Every court with exactly the agreed members, go-live with the court's offset or null."""
    answer = client.get("/courts", headers=JSON)
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["courts"]
    courts = {court["id"]: court for court in answer.json()["courts"]}
    assert len(courts) == 207
    assert courts["cacd"] == {
        "id": "cacd",
        "psc_id": "CACDC",
        "pcl_id": "cacdc",
        "name": "United States District Court for the Central District of California",
        "type": "district",
        "circuit": "9",
        "state": "CA",
        "status": "live",
        "go_live": "2020-02-18T00:00:00-08:00",
        "cmecf_url": "https://ecf.cacd.uscourts.gov",
    }
    assert (courts["akd"]["status"], courts["akd"]["go_live"]) == ("not_scheduled", None)


@pytest.mark.parametrize(
    ("city", "courts"),
    [
        ("El Centro", {"casb", "casd"}),
        ("brooklyn", {"nyeb", "nyed"}),
        ("st paul", {"mnb", "mnd", "ca8"}),
        ("Gotham", set()),
    ],
)
def test_courts_are_found_by_city(client: TestClient, city: str, courts: set[str]):
    """Whoever knows the courthouse need not know the district."""
    assert set(_ids(client, q=city)) == courts


def test_every_court_sits_somewhere(client: TestClient):
    """But for panels, which sit where their judges do."""
    nowhere = {court_id for court_id in _ids(client) if not cities(court_id)}
    assert nowhere == {"bap1", "bap9", "bap10"}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER["accept"], "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html;q=0.5, application/json;q=0.9", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("application/*", "application/json"),
    ],
)
def test_answer_is_what_the_client_would_rather_have(client: TestClient, accept: str, kind: str):
    """Content negotiation as RFC 9110 section 12.5.1 has it; caches keep the two apart."""
    answer = client.get("/courts", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["vary"].partition(",")[0] == "Accept"


def test_answer_that_nobody_can_give_is_406(client: TestClient):
    """A client that takes neither form is told which forms there are."""
    answer = client.get("/courts", headers={"accept": "application/xml"})
    assert answer.status_code == 406
    assert "application/json" in answer.json()["detail"]


def test_only_what_is_the_same_for_all_may_be_shared(client: TestClient):
    """JSON may stand in shared caches and brings no cookie; a page is its browser's alone."""
    document = client.get("/courts", headers=JSON)
    assert document.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in document.headers
    page = client.get("/courts", headers=BROWSER)
    assert page.headers["cache-control"] == "private, max-age=60"


def test_search_finds_by_ids_names_and_places(client: TestClient):
    """Each word of a search must begin a word of a court's ids, name, state or circuit."""
    assert _ids(client, q="casb") == ["casb"]
    assert _ids(client, q="CASBK") == ["casb"]
    assert _ids(client, q="  southern   calif ") == ["casb", "casd"]
    assert _ids(client, q="hawaii bankruptcy") == ["hib"]
    assert set(_ids(client, q="9th", type="appellate")) == {"ca9"}
    assert _ids(client, q="atlantis") == []
    assert len(_ids(client, type="bankruptcy")) == 94
    assert len(_ids(client, q="%")) == 207


def test_search_by_status_follows_the_clock(
    client: TestClient, loaded: Database, clock: FrozenClock
):
    """A scheduled court is found as scheduled until its midnight, then as live."""
    with loaded.writing() as unit:
        changes.change(unit, "gud", actor="test", go_live=announced("2026-07-01"))
    clock.set(datetime(2026, 6, 30, 13, 59, 59, tzinfo=UTC))
    assert _ids(client, status="scheduled") == ["gud"]
    clock.advance(seconds=1)
    assert _ids(client, status="scheduled") == []
    assert "gud" in _ids(client, status="live")


@pytest.mark.parametrize("name", ["type", "status"])
@pytest.mark.parametrize("accept", [JSON, BROWSER])
def test_filter_that_there_is_none_of_is_refused(
    client: TestClient, name: str, accept: dict[str, str]
):
    """A misspelt filter is an error, not an empty list that looks like an answer."""
    answer = client.get("/courts", params={name: "lively"}, headers=accept)
    assert answer.status_code == 400
    assert f"{name} must be one of" in answer.text


def test_page_shows_where_to_sign_in_and_get_help(client: TestClient, loaded: Database):
    """The page says since when, where to sign in, and what the court has published."""
    values = {
        "help_email": "help@casb.uscourts.gov",
        "help_phone": "619-555-0100",
        "training_url": "https://www.casb.uscourts.gov/training",
        "epoc_url": "https://www.casb.uscourts.gov/epoc",
        "reset_url": "https://ecf.casb.uscourts.gov/reset",
    }
    with loaded.writing() as unit:
        changes.change(unit, "casb", actor="test", values=values)
    page = client.get("/courts", params={"q": "casb"}, headers=BROWSER).text
    assert "1 of 207 courts." in page
    assert "Feb 22, 2016" in page
    assert 'href="https://ecf.casb.uscourts.gov"' in page
    assert 'href="mailto:help@casb.uscourts.gov"' in page
    assert 'href="tel:6195550100"' in page
    for name in ("training_url", "epoc_url", "reset_url"):
        assert f'href="{values[name]}"' in page


def test_page_keeps_what_was_asked(client: TestClient):
    """The search form shows what it found by, escaped, and nothing found says what to try."""
    asked = {"q": '"><script>', "type": "district", "status": "scheduled"}
    page = client.get("/courts", params=asked, headers=BROWSER).text
    assert "<script>" not in page
    assert '<option value="district" selected>District</option>' in page
    assert '<option value="scheduled" selected>Scheduled</option>' in page
    assert "No court matches" in page
    assert "csrf_token" not in page
