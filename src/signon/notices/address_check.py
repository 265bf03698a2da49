"""To an address that mail did not reach: its link proves that it works after all."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class AddressCheck(Message):
    """Asked for by somebody who is signed in."""

    subject = _("Does mail reach you here?")

    account_number: str
    works_url: str
