"""To an address that the account's owner did not give it: it is no longer the account's."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class AddressRemoved(Message):
    """The number only: whoever reads the address may be a stranger."""

    subject = _("An e-mail address was removed")

    account_number: str
