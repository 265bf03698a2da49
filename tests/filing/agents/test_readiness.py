"""What the checklist says for an agent: whom they file for, or what is missing."""

import pytest
from sqlalchemy import update

from signon.filing.agents.pairs import Pair
from signon.filing.models import rights
from signon.filing.readiness import readiness
from signon.filing.readiness.readiness_lines import ChecklistLine, LineState
from tests.filing.agents.conftest import Agency


def the_line(agency: Agency) -> ChecklistLine:
    with agency.database.reading() as unit:
        found = readiness.of(unit, agency.world.settings, agency.agent.id, agency.court())
    return next(one for one in found.lines if one.name == "principal")


def test_nobody_has_named_them(agency: Agency):
    assert the_line(agency).state is LineState.TO_DO
    assert "Nobody has named" in the_line(agency).sentence


def test_an_offer_waits(agency: Agency):
    assert isinstance(agency.name(agency.attorney), Pair)
    assert "has no answer yet" in the_line(agency).sentence


def test_they_may_file(agency: Agency):
    agency.active(agency.attorney)
    found = the_line(agency)
    assert (found.state, found.sentence) == (
        LineState.MET,
        "Whom this account may file for: Ada Attorney.",
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [("suspended", "Ada Attorney is suspended"), ("pending", "waits for the court")],
)
def test_the_principals_right(agency: Agency, status: str, told: str):
    """In the words that the help desk reads too."""
    agency.active(agency.attorney)
    with agency.database.writing() as unit:
        one = rights.c.account_id == agency.attorney.id
        unit.execute(update(rights).where(one).values(status=status))
    assert told in the_line(agency).sentence


def test_whoever_is_no_agent_has_no_such_line(agency: Agency):
    with agency.database.reading() as unit:
        found = readiness.of(unit, agency.world.settings, agency.attorney.id, agency.court())
    assert "principal" not in {one.name for one in found.lines}
