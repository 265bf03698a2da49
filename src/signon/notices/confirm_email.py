"""To an address that somebody wants for their account: its link makes it so."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class ConfirmEmail(Message):
    """Nothing changes until the link's button is pressed."""

    subject = _("Confirm your new e-mail address")

    account_number: str
    confirm_url: str
