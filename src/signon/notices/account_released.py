"""To the holder of a new account that waited for its review: it can be used."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class AccountReleased(Message):
    """Whose account it is."""

    subject = _("Your PACER account is ready")

    username: str
    account_number: str
