"""What a court is told of an account: nothing too early, nothing absent, nothing of a role
that is not in force.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signon.courts.registry import Court, CourtType
from signon.filing.rights.filing_status import HeldRight, filing_status, status_of

LIVE = datetime(2016, 2, 22, tzinfo=ZoneInfo("America/Los_Angeles")).astimezone(UTC)
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def court(go_live: datetime | None = LIVE) -> Court:
    """A court in California."""
    return Court(
        id="casb",
        psc_id="CASBK",
        pcl_id="casbk",
        name="California Southern Bankruptcy Court",
        type=CourtType.BANKRUPTCY,
        circuit="9",
        state="CA",
        time_zone="America/Los_Angeles",
        cmecf_url="https://ecf.casb.uscourts.gov",
        go_live=go_live,
    )


def right(**changes: Any) -> HeldRight:
    """An active right of an attorney."""
    held = HeldRight(
        "r",
        right_login="jdoe",
        right_status="active",
        right_roles=["attorney"],
        right_admission="full",
    )
    return held._replace(**changes)


def test_an_active_right_is_told_whole():
    """Login, role, admission and permissions of an active right; no case limit, no key."""
    assert filing_status(court(), right(), NOW).claims() == {
        "ecf_court": "casb",
        "ecf_status": "active",
        "ecf_login": "jdoe",
        "ecf_roles": ["attorney"],
        "ecf_admission": "full",
        "ecf_permissions": ["all_documents"],
    }


def test_a_limit_to_cases_is_told():
    """Somebody limited to cases never looks like somebody who is not."""
    told = filing_status(
        court(), right(right_roles=["pro_se"], right_cases=["20-01234"]), NOW
    ).claims()
    assert told["ecf_cases"] == ["20-01234"]
    assert told["ecf_permissions"] == ["all_documents"]


def test_a_filing_agent_has_its_role_and_no_permissions():
    """An agent files only under a principal's permissions."""
    told = filing_status(
        court(), right(right_roles=["filing_agent"], right_admission=None), NOW
    ).claims()
    assert told["ecf_roles"] == ["filing_agent"]
    assert told["ecf_permissions"] == []
    assert "ecf_admission" not in told


def test_a_suspended_right_has_no_roles():
    """Roles and permissions are empty unless the status is active; the case limit stays."""
    told = filing_status(
        court(), right(right_status="suspended", right_cases=["20-1"]), NOW
    ).claims()
    assert told["ecf_status"] == "suspended"
    assert (told["ecf_roles"], told["ecf_permissions"]) == ([], [])
    assert told["ecf_cases"] == ["20-1"]


@pytest.mark.parametrize("row", [None, right(right_id=None)])
def test_without_a_right_an_account_is_not_linked(row: HeldRight | None):
    """No row, or an outer join that found none: not linked, and no other key."""
    assert filing_status(court(), row, NOW).claims() == {
        "ecf_court": "casb",
        "ecf_status": "not_linked",
        "ecf_roles": [],
        "ecf_permissions": [],
    }


def test_a_court_that_is_not_live_hears_of_no_right():
    """Scheduled: the date in the court's offset and nothing of a right that may exist."""
    go_live = datetime(2026, 7, 1, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert filing_status(court(go_live), right(), NOW).claims() == {
        "ecf_court": "casb",
        "ecf_status": "not_live",
        "ecf_go_live": "2026-07-01T00:00:00-07:00",
        "ecf_roles": [],
        "ecf_permissions": [],
    }
    assert "ecf_go_live" not in filing_status(court(None), None, NOW).claims()


def test_a_court_goes_live_at_its_own_midnight():
    """Midnight in California is the boundary, to the second, also on a day with summer time."""
    midnight = datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    scheduled = court(datetime(2026, 7, 1, tzinfo=ZoneInfo("America/Los_Angeles")))
    before = datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC)
    assert filing_status(scheduled, right(), before).status == "not_live"
    assert filing_status(scheduled, right(), midnight).status == "active"


def test_a_right_that_waits_gives_no_role():
    """Pending for a certificate or a review: no role, no permission, but it is told."""
    claims = filing_status(court(), right(right_status="pending"), NOW).claims()
    assert (claims["ecf_status"], claims["ecf_roles"], claims["ecf_permissions"]) == (
        "pending",
        [],
        [],
    )


def test_a_request_that_the_court_has_is_pending():
    """Whoever asked for rights and has none yet is not the same as somebody unknown."""
    asked = filing_status(court(), HeldRight(None, right_is_asked_for=True), NOW).claims()
    assert asked["ecf_status"] == "pending"
    unasked = filing_status(court(), HeldRight(None, right_is_asked_for=False), NOW).claims()
    assert unasked["ecf_status"] == "not_linked"


@pytest.mark.parametrize(
    ("suspended_by", "pending_for", "status"),
    [
        ([], None, "active"),
        ([], ["certification"], "pending"),
        (["court"], ["certification"], "suspended"),
        (["certification"], None, "suspended"),
    ],
)
def test_the_status_of_a_right_follows_from_its_lists(
    suspended_by: list[str], pending_for: list[str] | None, status: str
):
    """Suspended while anything suspends it, pending while it waits for anything."""
    assert status_of(suspended_by, pending_for) == status
