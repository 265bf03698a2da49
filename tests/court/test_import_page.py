"""The console's import: looked at first, then imported by sending the very same list."""

import pytest

from signon.filing.models import legacy_logins
from tests.court.conftest import CourtHouse
from tests.filing.conftest import DES, HEADER, STRONG, line
from tests.infra.browser import ACCEPT, Browser, Page
from tests.infra.databases import ON_ONE
from tests.infra.world import World

AT = "/court/casb/logins/import"


@pytest.fixture
def administrator(courthouse: CourtHouse) -> Browser:
    """The court's administrator, signed in."""
    courthouse.staff("administrator")
    return courthouse.sign_in("administrator.casb")


class Lists:
    """Sending lists by the page's form, as a browser does."""

    def __init__(self, browser: Browser) -> None:
        self._http = browser.http
        self._page = Page(browser.get(AT).text)

    def send(self, *lines: str, codec: str = "utf-8", **typed: str) -> str:
        """What the page says then."""
        form = next(one for one in self._page.forms if one.action.endswith("/import"))
        data = "\n".join([HEADER, *lines]).encode(codec)
        answer = self._http.post(
            AT,
            data={**form.fields, **typed},
            files={"list": ("list.csv", data, "text/csv")},
            headers={"accept": ACCEPT, "sec-fetch-site": "same-origin"},
        )
        self._page = Page(answer.text)
        return " ".join(answer.text.split())


def logins(world: World) -> list[str]:
    """What is there."""
    with world.database.reading() as unit:
        return [row.login for row in unit.execute(legacy_logins.select()).all()]


@ON_ONE
def test_a_list_is_looked_at_and_then_imported(world: World, administrator: Browser):
    """The same file once more; another one is only looked at again."""
    lists = Lists(administrator)
    page = lists.send(line("jdoe"), line("rroe", "", email=""))
    assert "Nothing has been changed yet" in page
    assert "nobody can prove it" in page
    assert "download=" in page
    assert STRONG not in page
    assert logins(world) == []
    assert "Nothing has been changed yet" in lists.send(line("other"))
    assert logins(world) == []
    lists.send(line("jdoe"))
    assert "The list is imported" in lists.send(line("jdoe"))
    assert logins(world) == ["jdoe"]


@ON_ONE
def test_bad_lines_and_encodings_are_told(world: World, administrator: Browser):
    """All bad lines in one report; the encoding is named by whoever knows it."""
    lists = Lists(administrator)
    page = lists.send(line("a", role="judge"), line("b", status="x"))
    assert "Nothing was changed" in page
    assert page.count("Cannot be imported") == 2
    assert "3%2Cbad%2C" in page
    accented = line("n", last_name="Núñez")
    page = lists.send(accented, codec="cp1252")
    assert "looks like windows-1252" in page
    assert "Nothing has been changed yet" in lists.send(
        accented, codec="cp1252", encoding="windows-1252"
    )
    many = [line(f"w{number}", DES) for number in range(201)]
    lists.send(*many)
    assert "send at most 200 of them at once" in lists.send(*many)
    assert logins(world) == []


@ON_ONE
def test_filers_who_lose_rights_are_named_before(world: World, administrator: Browser):
    """What was agreed to is this list and these filers."""
    lists = Lists(administrator)
    for _ in range(2):
        lists.send(line("jdoe", role="attorney;mediator"))
    with world.database.reading() as unit:
        [old] = unit.execute(legacy_logins.select()).all()
    world.right(
        world.account(), login="jdoe", legacy_login_id=old.id, roles=["attorney", "mediator"]
    )
    page = lists.send(line("jdoe"))
    assert "Loses rights" in page
    assert "Attorney, Mediator → Attorney" in page
    assert "The list is imported" in lists.send(line("jdoe"))


@ON_ONE
def test_only_administrators_import(courthouse: CourtHouse):
    """A clerk is told so, and the trail keeps it."""
    courthouse.staff("clerk")
    clerk = courthouse.sign_in("clerk.casb")
    assert clerk.get(AT).status_code in {403, 409}
    assert "Import a list" not in clerk.get("/court/casb/logins").text
    assert courthouse.refusals() == ["not_permitted"]
