"""To an address that the account's owner did not give it: it is no longer the account's."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    """The number only: whoever reads the address may be a stranger."""

    account_number: str


MESSAGE = Message("address_removed", "An e-mail address was removed", AddressRemoved)
