"""To the operators: a new account waits for its review."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AccountHeld(Message):
    """Which account it is; whose it is stands in the console, at `account_url`."""

    subject = "Account {{ account_number }} waits for a review"
    is_translated = False

    account_number: str
    account_url: str
