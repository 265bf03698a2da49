"""To an account's owner: a program signed in with the password from an address that is new."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class ProgramSignedIn(Message):
    """The link works once; where programs are forbidden is on the account's page."""

    subject = "A program has signed in with your PACER password"

    account_number: str
    address: str
    signed_in_at: str
    not_me_url: str
