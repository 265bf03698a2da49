"""To an address that mail did not reach: its link proves that it works after all."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AddressCheck(Message):
    """Asked for by somebody who is signed in."""

    subject = "Does mail reach you here?"

    account_number: str
    works_url: str
