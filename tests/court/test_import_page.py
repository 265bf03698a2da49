"""The console's import: looked at first, then imported by sending the very same list."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from signon.accounts.hashing import Hasher
from signon.audit.events import Event
from signon.courts import staff
from signon.filing.legacy_logins import import_jobs, import_requests
from signon.filing.legacy_logins.import_jobs import ImportJobs
from signon.filing.legacy_logins.importing import Means
from signon.filing.legacy_logins.models import legacy_import_parts, legacy_imports
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


@pytest.fixture
def jobs(world: World, monkeypatch: pytest.MonkeyPatch) -> ImportJobs:
    """What the background does with lists of more than three old hashes, two at a time."""
    monkeypatch.setattr(import_requests, "MOST_WEAK", 3)
    monkeypatch.setattr(import_jobs, "PART", 2)
    means = Means(world.database, world.ring, Hasher(world.settings), 1)
    return ImportJobs(means, world.settings)


MANY = [line(f"w{number}", DES) for number in range(5)]


def begun(administrator: Browser) -> str:
    """Look at the list and agree to it; answers the address of the page that tells how far it is."""
    lists = Lists(administrator)
    lists.send(*MANY)
    page = lists.send(*MANY)
    assert "0 of 5 passwords are wrapped" in page
    found = re.search(rf"{AT}/\w{{26}}", page)
    assert found
    return found[0]


def test_a_list_of_many_old_hashes_goes_on_by_itself(
    world: World, administrator: Browser, jobs: ImportJobs
):
    """Nothing is there before all is; the page says how far it is and how it ended."""
    at = begun(administrator)
    assert logins(world) == []
    assert at in administrator.get(AT).text
    assert asyncio.run(jobs.look()) == 1
    assert sorted(logins(world)) == [f"w{number}" for number in range(5)]
    page = " ".join(administrator.get(at).text.split())
    assert "The list is imported" in page
    assert "Passwords wrapped" in page
    assert at not in administrator.get(AT).text
    with world.database.reading() as unit:
        assert unit.execute(legacy_imports.select()).one().content is None
        assert unit.execute(legacy_import_parts.select()).all() == []
    assert asyncio.run(jobs.look()) == 0


def test_a_process_that_dies_loses_nothing(
    world: World, administrator: Browser, jobs: ImportJobs, monkeypatch: pytest.MonkeyPatch
):
    """Another one goes on from what was kept when the lease is over, and writes the list once."""
    begun(administrator)
    wrapped: list[str] = []
    add = import_jobs._Work.add

    def dies(work: Any, key: str, stored: str) -> None:
        if len(wrapped) == 3:
            raise KeyboardInterrupt
        wrapped.append(key)
        add(work, key, stored)

    with monkeypatch.context() as patched:
        patched.setattr(import_jobs._Work, "add", dies)
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(jobs.look())
    assert logins(world) == []
    assert asyncio.run(jobs.look()) == 0, "somebody may still work on it"
    world.clock.advance(seconds=int(import_jobs.LEASE.total_seconds()))
    again: list[str] = []

    def goes_on(work: Any, key: str, stored: str) -> None:
        again.append(key)
        add(work, key, stored)

    monkeypatch.setattr(import_jobs._Work, "add", goes_on)
    assert asyncio.run(jobs.look()) == 1
    assert again == ["w2", "w3", "w4"], "the first two were kept"
    assert len(logins(world)) == 5
    assert world.audited().count(Event.LEGACY_LOGINS_IMPORTED) == 1


def test_two_that_work_on_one_write_it_once(world: World, administrator: Browser, jobs: ImportJobs):
    """A lease that ended too early costs work, and nothing else."""
    begun(administrator)
    database = world.database

    def lease() -> import_jobs.Leased:
        with database.writing() as unit:
            due = import_jobs._due(unit)
            assert due
            found = import_jobs._lease(unit, due)
        assert found
        return found

    first = lease()
    world.clock.advance(seconds=int(import_jobs.LEASE.total_seconds()))
    works = [import_jobs._Work(jobs._means, world.settings, one) for one in (first, lease())]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda work: work.run(), works))
    assert world.audited().count(Event.LEGACY_LOGINS_IMPORTED) == 1
    assert len(logins(world)) == 5
    with database.reading() as unit:
        assert unit.execute(legacy_imports.select()).one().refusal is None


def test_whoever_may_no_more_imports_no_more(
    world: World, administrator: Browser, jobs: ImportJobs
):
    """The role is looked at again where the list is written; the page says why nothing came of it."""
    at = begun(administrator)
    with world.database.writing() as unit:
        staff.remove(unit, "casb", "administrator.casb", actor="system")
    asyncio.run(jobs.look())
    assert logins(world) == []
    with world.database.reading() as unit:
        assert "may not import any more" in (
            unit.execute(legacy_imports.select()).one().refusal or ""
        )
    assert administrator.get(at).status_code == 404


def test_a_second_member_confirms_before_anything_is_hashed(
    courthouse: CourtHouse, world: World, administrator: Browser, jobs: ImportJobs
):
    """The first one's list becomes a request; the colleague who sends the same lets it go on."""
    world.court_policy("casb", second_staff="on")
    lists = Lists(administrator)
    lists.send(*MANY)
    lists.send(*MANY)
    with world.database.reading() as unit:
        assert unit.execute(legacy_imports.select()).all() == []
    courthouse.staff("administrator", username="other.admin")
    begun(courthouse.sign_in("other.admin"))
    assert asyncio.run(jobs.look()) == 1
    assert len(logins(world)) == 5


@ON_ONE
def test_only_administrators_import(courthouse: CourtHouse):
    """A clerk is told so, and the trail keeps it."""
    courthouse.staff("clerk")
    clerk = courthouse.sign_in("clerk.casb")
    assert clerk.get(AT).status_code in {403, 409}
    assert "Import a list" not in clerk.get("/court/casb/logins").text
    assert courthouse.refusals() == ["not_permitted"]
