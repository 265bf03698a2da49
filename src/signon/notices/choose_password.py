"""To an account's owner: an operator made the account, or helps with its password."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class ChoosePassword(Message):
    """The link of `url` works once, for so many hours."""

    subject = _("Choose the password of your PACER account")

    username: str
    account_number: str
    url: str
    hours: int
