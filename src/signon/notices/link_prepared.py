"""To both addresses, the account's and the legacy login's: a link was prepared for the day."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class LinkPrepared(Message):
    """`day` is the one on which the court goes live, as text; `is_moved` is 1 when another one was
    told before.
    """

    subject = _("Your filing login at {{ court }} is ready")

    account_number: str
    court: str
    court_id: str
    login: str
    day: str
    is_moved: int
    help_desk: str
