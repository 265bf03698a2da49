"""To the addresses of a court's old logins, before its day: what to do, and where it goes on."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class CutoverReminder(Message):
    """`opening` and `closing` are the court's own words, by lines. `token` names the reader in both
    links: it signs nobody in and proves nothing. `is_prepared` is 1 when nothing is left to do.
    """

    subject = _("Your filing login at {{ court }} changes on {{ day }}")
    unsubscribe = "/courts/{court_id}/reminders/{token}"

    court: str
    court_id: str
    login: str
    day: str
    is_prepared: int
    opening: list[str]
    closing: list[str]
    help_desk: str
    token: str
