"""To both addresses, the account's and the legacy login's: a filing login was linked."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class LinkMade(Message):
    """`linked_at`, and `undo_until` the moment through which the
    holder may undo it, in the court's own time, as text. `waits_for_review` is 1 when the court
    looks at the link first.
    """

    subject = _("Your filing login at {{ court }} is linked")

    account_number: str
    court: str
    court_id: str
    court_url: str
    login: str
    roles: list[str]
    linked_at: str
    waits_for_review: int
    undo_until: str
