"""To the addresses of a court's old logins that are not linked, after its day."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class CutoverMissed(Message):
    """Its values are those of `cutover_reminder.CutoverReminder`."""

    subject = _("Link your old filing login at {{ court }}")
    unsubscribe = "/courts/{court_id}/reminders/{token}"

    court: str
    court_id: str
    login: str
    opening: list[str]
    closing: list[str]
    help_desk: str
    token: str
