"""The operators' first page: what is wrong is said first, and numbers over time are counted right."""

from datetime import timedelta

from sqlalchemy import insert

from signon.accounts.directory import Account
from signon.clients import life, secrets
from signon.jobs.models import jobs
from signon.operators import health, home
from signon.outbox.models import outbox
from tests.infra.world import PASSWORD, World
from tests.operators.conftest import SignIn
from tests.signin.browser import Browser


def test_all_is_well(signed_in: SignIn):
    """One answer, the search, the keys and both charts with their tables."""
    page = signed_in("olive.operator").get("/operators")
    assert page.heading == "Overview"
    for told in ("Everything works", "ES256", "Sign-ins of the last 24 hours"):
        assert told in page.text
    assert page.html.count("The numbers as a table") == 2
    assert page.html.count('role="img"') == 2


def test_what_needs_somebody(world: World, signed_in: SignIn):
    """A job that failed or is late, mail that is late or given up, a key that is too old."""
    browser = signed_in("olive.operator")
    now, hour = world.clock(), timedelta(hours=1)
    mail = {"kind": "mail", "payload": {}, "created_at": now, "attempts": 1}
    with world.database.writing() as unit:
        unit.execute(
            insert(jobs),
            [
                {"name": "sweep", "due_at": now + hour, "ran_at": now, "last_error": "KeyError"},
                {"name": "prune", "due_at": now - hour, "ran_at": now, "last_error": None},
            ],
        )
        unit.execute(
            insert(outbox),
            [
                {**mail, "id": "a" * 26, "due_at": now - hour, "failed_at": None},
                {**mail, "id": "b" * 26, "due_at": now, "failed_at": now},
            ],
        )
    text = browser.get("/operators").text
    assert "4 things need you" in text
    for told in ("“sweep” failed", "late is prune", "messages are late", "Given up", "1 given up"):
        assert told in text
    assert "Everything works" not in text
    with world.database.reading() as unit:
        key, _ = health.health(unit).keys[0]
    world.clock.advance(seconds=int(timedelta(days=91).total_seconds()))
    with world.database.reading() as unit:
        assert f"The {key.alg} key has signed for more than 90 days" in " ".join(
            health.health(unit).troubles
        )


def test_sign_ins_by_the_hour(world: World, person: Account):
    """Each in its own hour, right and wrong ones apart, and none of the day before."""

    def tried(password: str) -> None:
        Browser(world.http, world.settings.issuer).sign_in(person.username, password)

    tried(PASSWORD)
    world.clock.advance(seconds=24 * 3600)
    tried(PASSWORD)
    tried("wrong")
    world.clock.advance(seconds=3600)
    tried("wrong")
    with world.database.reading() as unit:
        drawn = health.overview(unit, {}).sign_ins
    assert [one for _, one in drawn.rows][-2:] == [[1, 1], [0, 1]]
    assert sum(sum(numbers) for _, numbers in drawn.rows) == 3


def test_what_changed_and_what_ends_soon(world: World, signed_in: SignIn, person: Account):
    """Acts of those who run the service, not what everybody does; each with its day, the next first."""
    world.client("clock", name="Time sheets", court_id=None)
    with world.database.writing() as unit:
        secrets.rotate(unit, "clock")
        life.disable(unit, "clock")
    browser = signed_in("olive.operator")
    text = browser.get("/operators").text
    assert "Client disabled" in text
    assert "by the command line, about clock" in text
    assert "Password accepted" not in text
    assert "The old secret of" not in text, "a client that is closed needs nothing"
    with world.database.writing() as unit:
        life.enable(unit, "clock")
    assert "The old secret of Time sheets" in browser.get("/operators").text
    with world.database.reading() as unit:
        soon = home.ending(unit, {})
    assert [one.what for one in soon] == ["The old secret of Time sheets"]
    world.clock.advance(days=61)
    with world.database.reading() as unit:
        assert {"The ES256 key is to be rotated"} <= {one.what for one in home.ending(unit, {})}
