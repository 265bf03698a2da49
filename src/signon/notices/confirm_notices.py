"""To an address that a filer wants a court's notices to go to: its link makes it so."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class ConfirmNotices(Message):
    """Nothing changes until the link's button is pressed."""

    subject = _("Confirm this address for notices of {{ court }}")

    account_number: str
    court: str
    confirm_url: str
