"""What operators set for a court."""

import threading

import pytest
from sqlalchemy import select

from signon.audit.models import events
from signon.courts import changes, registry
from signon.courts.go_live import announced
from signon.courts.policy import Policy
from signon.db import Database
from signon.errors import InputError, NotFoundError

POLICY = {
    "help_email": "help@casb.uscourts.gov",
    "help_phone": "+1 (619) 555-0100 ext. 12",
    "training_url": "https://www.casb.uscourts.gov/training",
    "epoc_url": "https://www.casb.uscourts.gov/epoc",
    "reset_url": "https://ecf.casb.uscourts.gov/reset",
}


def _change(database: Database, **values: str) -> changes.Changed:
    with database.writing() as unit:
        return changes.change(unit, "CASB", actor="test", values=values)


def test_policy_is_read_as_it_was_set(loaded: Database):
    """Every value comes back; setting one leaves the others, an empty text takes it away."""
    assert _change(loaded, **POLICY).court.policy == Policy(**POLICY)
    done = _change(loaded, help_email="")
    assert done.court.policy == Policy(**{**POLICY, "help_email": None})
    assert list(done.fields) == ["help_email"]


def test_phone_number_can_be_dialled():
    """The number becomes a tel: address with its extension; words around it do not."""
    assert Policy(help_phone=POLICY["help_phone"]).help_phone_link == "tel:+16195550100;ext=12"
    assert Policy(help_phone="619-555-0100").help_phone_link == "tel:6195550100"
    assert Policy().help_phone_link is None


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("help_email", "help", "help-email must be an e-mail address"),
        ("help_email", "a@b.gov\nBcc: c@d.gov", "help-email must be an e-mail address"),
        ("help_phone", "call us", "help-phone must be a phone number"),
        ("help_phone", "911", "help-phone must be a phone number"),
        ("training_url", "http://www.casb.uscourts.gov", "training-url must be https"),
        ("epoc_url", "www.casb.uscourts.gov", "epoc-url must start with https://"),
        ("reset_url", "javascript:alert(1)", "reset-url must start with https://"),
    ],
)
def test_value_that_is_not_fit_changes_nothing(loaded: Database, name: str, text: str, reason: str):
    """What would be shown to the public is checked, and a refusal leaves all values alone."""
    _change(loaded, **POLICY)
    with pytest.raises(InputError, match=reason):
        _change(loaded, **{"help_phone": "619-555-0199", name: text})
    with loaded.reading() as unit:
        assert registry.read_one(unit, "casb").policy == Policy(**POLICY)


def test_unknown_court_is_not_found(loaded: Database):
    """Setting a court that there is none of says where to find the courts."""
    with loaded.writing() as unit, pytest.raises(NotFoundError, match="no court 'xxx'"):
        changes.change(unit, "xxx", actor="test", go_live=announced("2026-01-01"))


def test_audit_names_fields_not_values(loaded: Database):
    """One event a change, with the names of what changed; a change that is none leaves none."""
    for _ in range(2):
        with loaded.writing() as unit:
            changes.change(
                unit, "casb", actor="test", go_live=announced("2027-01-04"), values=POLICY
            )
    with loaded.reading() as unit:
        rows = unit.execute(
            select(events.c.court_id, events.c.detail).where(
                events.c.event == "courts:court:changed"
            )
        ).all()
    assert [tuple(row) for row in rows] == [("casb", {"fields": ["go_live", *sorted(POLICY)]})]


def test_what_a_newer_release_stored_stays(loaded: Database):
    """Keys that this release does not know are neither shown nor lost."""
    from sqlalchemy import update

    from signon.courts.models import courts

    with loaded.writing() as unit:
        unit.execute(update(courts).where(courts.c.id == "casb").values(policy={"newer": True}))
    _change(loaded, help_phone="619-555-0100")
    with loaded.reading() as unit:
        stored = unit.scalar(select(courts.c.policy).where(courts.c.id == "casb"))
    assert stored == {"newer": True, "help_phone": "619-555-0100"}


def test_operators_at_once_lose_nothing(loaded: Database):
    """Two operators who set different values of one court at the same time both succeed."""
    start = threading.Barrier(len(POLICY))

    def change(name: str, text: str) -> None:
        start.wait()
        _change(loaded, **{name: text})

    threads = [threading.Thread(target=change, args=item) for item in POLICY.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with loaded.reading() as unit:
        assert registry.read_one(unit, "casb").policy == Policy(**POLICY)
