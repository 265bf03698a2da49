"""A court's own pairs: all or nothing, waiting for both logins, a day for an objection."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from signon.accounts.hashing import Hasher
from signon.errors import InputError, RefusedError
from signon.filing.agents import importing, upkeep
from signon.filing.agents.importing import Importing, PairReport
from signon.filing.agents.models import agent_pairs
from signon.filing.agents.pairs import LASTS, Pair, PairState, Side
from signon.filing.legacy_logins import importing as logins
from signon.filing.legacy_logins.import_file import CourtList
from signon.filing.legacy_logins.importing import Means
from signon.filing.models import legacy_logins, rights
from tests.filing.agents.conftest import Agency, reason
from tests.filing.conftest import line
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE

HEADER = "principal_login,agent_login,permissions,cases,may_pay"


@pytest.fixture
def court(agency: Agency) -> Agency:
    """A court with two attorneys' logins and two agents', none of them linked."""
    world = agency.world
    with agency.database.writing() as unit:
        unit.execute(update(rights).values(ended_at=unit.now))
    lines = [
        "login,password_hash,first_name,last_name,bar_id,email,role,status,cases,override",
        line("attorney1"),
        line("attorney2"),
        line("agent1", role="filing_agent"),
        line("agent2", role="filing_agent"),
        line("reporter1", role="court_reporter"),
    ]
    means = Means(agency.database, world.ring, Hasher(world.settings), 1)
    made = logins.run(means, "casb", CourtList("\n".join(lines).encode()))
    assert made.added == 5
    return agency


def load(agency: Agency, *lines: str, **how: Any) -> PairReport:
    data = "\r\n".join([HEADER, *lines, ""]).encode()
    dry_run = how.pop("dry_run", False)
    return importing.run(Importing(agency.database, **how), "casb", data, dry_run=dry_run)


def link(agency: Agency, account: Any, login: str) -> str:
    """As if it was proved: the right of a linked login."""
    with agency.database.reading() as unit:
        row = unit.execute(
            select(legacy_logins.c.id, legacy_logins.c.roles).where(legacy_logins.c.login == login)
        ).one()
    return agency.world.right(
        account, login=login, legacy_login_id=row.id, roles=row.roles, admission=None
    )


def look(agency: Agency) -> int:
    return asyncio.run(upkeep.look(agency.database))


def only(agency: Agency) -> Pair:
    with agency.database.reading() as unit:
        [row] = unit.execute(agent_pairs.select()).all()
    return agency.pair(row.id)


def state(agency: Agency) -> PairState:
    return only(agency).state(agency.court(), agency.world.clock())


def test_a_pair_waits_for_both_and_a_day(court: Agency):
    """Nobody is mailed before both are linked; then both, and it holds 24 hours later."""
    assert load(court, "attorney1,AGENT1,all_documents,26-00001,yes").added == 1
    assert look(court) == 0
    assert state(court) is PairState.WAITING
    link(court, court.attorney, "attorney1")
    assert look(court) == 0
    link(court, court.agent, "agent1")
    assert look(court) == 1
    for one in (court.attorney, court.agent):
        assert "again in 24 hours" in court.mailed(one)[0]
    assert state(court) is PairState.WAITING
    _, session = court.sign_in()
    assert court.acting(session).principals == ()
    court.world.clock.advance(seconds=timedelta(hours=24).total_seconds())
    assert state(court) is PairState.ACTIVE
    [principal] = court.acting(session).principals
    assert principal.allowed == (("all_documents",), ("26-00001",))
    assert principal.may_pay
    assert look(court) == 0


def test_the_principal_objects(court: Agency):
    """It ends, and the same file does not bring it back."""
    load(court, "attorney1,agent1,,,")
    link(court, court.attorney, "attorney1")
    link(court, court.agent, "agent1")
    look(court)
    assert isinstance(court.end(court.attorney, only(court), Side.PRINCIPAL), Pair)
    report = load(court, "attorney1,agent1,,,")
    assert (report.added, report.ended) == (0, 1)
    assert only(court).kept is PairState.ENDED


def test_the_same_file_twice_changes_nothing(court: Agency):
    load(court, "attorney1,agent1,,,")
    report = load(court, "attorney1,agent1,,,yes", "attorney2,agent1,,,")
    assert (report.added, report.known) == (1, 1)


def test_all_or_nothing(court: Agency):
    """Every bad line is told by its number, and nothing is written."""
    report = load(
        court,
        "attorney1,agent1,,,",
        "attorney1,agent1,,,",
        "attorney1,attorney1,,,",
        "nobody,agent1,,,",
        "reporter1,agent1,,,",
        "attorney1,attorney2,,,",
        "attorney1,agent2,transcripts,,",
        "attorney1,agent2,everything,,",
        "attorney1,agent2,,no case,",
        "attorney1,agent2,,,perhaps",
        ",agent2,,,",
    )
    assert [one.line for one in report.bad_lines] == list(range(3, 13))
    told = " ".join(one.reason for one in report.bad_lines)
    for words in (
        "stands in line 2 already",
        "the same",
        "no such login",
        "nobody else may file",
        "no role of a filing agent",
        "has not transcripts",
        "must be among",
        "case number",
        "yes or no",
        "principal_login missing",
    ):
        assert words in told
    with court.database.reading() as unit:
        assert unit.execute(agent_pairs.select()).all() == []


def test_a_dry_run(court: Agency):
    report = load(court, "attorney1,agent1,,,", dry_run=True)
    assert (report.added, report.dry_run) == (1, True)
    with court.database.reading() as unit:
        assert unit.execute(agent_pairs.select()).all() == []


def test_nobody_imports_their_own(court: Agency):
    """Neither by the address of a login, nor by linking one of them afterwards."""
    report = load(
        court, "attorney1,agent1,,,", is_own=lambda _holder, email: email.startswith("agent1")
    )
    assert "your own pair" in report.bad_lines[0].reason
    load(court, "attorney1,agent1,,,", actor=court.agent.id)
    link(court, court.attorney, "attorney1")
    link(court, court.agent, "agent1")
    look(court)
    found = only(court)
    assert (found.kept, found.ended_by) == (PairState.ENDED, "import")
    assert found.reason == upkeep.OWN


def test_whoever_was_named_meanwhile(court: Agency):
    """Two of one pair cannot be: the older one ends."""
    load(court, "attorney1,agent1,,,")
    link(court, court.attorney, "attorney1")
    link(court, court.agent, "agent1")
    court.active(court.attorney)
    look(court)
    with court.database.reading() as unit:
        rows = unit.execute(agent_pairs.select()).all()
    assert sorted(row.state for row in rows) == ["active", "ended"]


def test_while_an_offer_of_the_principal_waits(court: Agency):
    """With a wrong last name, say, it reaches nobody: the older pair waits until that has lapsed."""
    load(court, "attorney1,agent1,,,")
    link(court, court.attorney, "attorney1")
    link(court, court.agent, "agent1")
    assert isinstance(court.name(court.attorney, last_name="Wrong"), Pair)
    look(court)
    assert court.mailed(court.agent) == []
    court.world.clock.advance(seconds=LASTS.total_seconds())
    look(court)  # the offer is left
    look(court)
    assert "again in 24 hours" in court.mailed(court.agent)[0]


def test_a_court_without_agents(court: Agency):
    with pytest.raises(RefusedError) as refused:
        importing.run(Importing(court.database), "cacd", HEADER.encode(), dry_run=True)
    assert reason(refused.value) == "court_has_no_agents"
    with pytest.raises(InputError):
        importing.run(Importing(court.database), "casb", b"a,b\n", dry_run=True)


@ON_ONE
def test_the_command(
    court: Agency,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """`signon ecf import-agents`, with the report; bad lines end it with 1."""
    signon = CommandLine(court.world.settings, tmp_path, monkeypatch, capsys)
    file = tmp_path / "pairs.csv"
    file.write_text(f"{HEADER}\nattorney1,agent1,,,\n")
    done = signon("ecf", "import-agents", "casb", str(file), "--json")
    assert json.loads(done.out)["added"] == 1
    file.write_text(f"{HEADER}\nattorney1,nobody,,,\n")
    done = signon("ecf", "import-agents", "casb", str(file))
    assert done.status != 0
    assert "line 2: agent_login: the court has no such login" in done.out
