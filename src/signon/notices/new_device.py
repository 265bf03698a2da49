"""To an account's owner: somebody signed in with a browser that was not used for it before."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class NewDevice(Message):
    """`browser` is a name such as `Firefox on Windows`; the link works once."""

    subject = _("A new browser signed in to your PACER account")

    account_number: str
    browser: str
    address: str
    signed_in_at: str
    not_me_url: str
