"""Each part of the account reads what it shows, and nothing else; activity is told in words."""

import pytest

from signon.audit.events import Event
from signon.profile import activity
from tests.infra.asked import asked
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE

ALWAYS = 2
"""The session, and the account's own data."""
OF_OTHERS = {
    *(Event.ACCOUNTS_IMPORTED, Event.COURTS_LOADED, Event.COURT_CHANGED, Event.KEY_CREATED),
    *(Event.CLIENT_CREATED, Event.CLIENT_CHANGED, Event.CLIENT_DISABLED, Event.CLIENT_ENABLED),
    *(Event.CLIENT_INVITED, Event.CLIENT_INVITATION_WITHDRAWN, Event.CLIENT_REGISTERED_ITSELF),
    *(Event.CLIENT_REFUSED, Event.CLIENT_SECRET_ROTATED, Event.KEY_RETIRED),
    *(Event.SECRETS_REENCRYPTED, Event.COURT_REHEARSED, Event.REHEARSAL_REMOVED),
    *(
        Event.WAVE_PLANNED,
        Event.WAVE_CHANGED,
        Event.WAVE_REMOVED,
        Event.WAVE_TRIED,
        Event.WAVE_BEGUN,
    ),
    *(Event.WAVE_STOPPED, Event.WAVE_SENT, Event.REMINDERS_ENDED),
}
"""Events that concern nobody's account."""


@ON_ONE
@pytest.mark.parametrize(
    ("part", "more"), [("", 0), ("/courts", 2), ("/apps", 2), ("/security", 6)]
)
def test_a_part_reads_only_what_it_shows(holder: Browser, part: str, more: int):
    """A person's profile costs two statements, whatever else hangs on the account."""
    holder.get(f"/account{part}")
    with asked() as statements:
        holder.get(f"/account{part}")
    assert len(statements) == ALWAYS + more, statements


def test_every_event_of_an_account_has_a_sentence():
    """No name of an event comes before people."""
    assert set(Event) - set(activity.SENTENCES) == OF_OTHERS


def test_what_was_changed_is_said_in_words():
    """No name of a column does."""
    assert all("_" not in words for words in activity.FIELDS.values())
