"""To the operators: somebody said of a change that it was not theirs."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AccountFrozen(Message):
    """Which account it is; whose it is stands in the console."""

    subject = "Account {{ account_number }} is frozen"
    is_translated = False

    account_number: str
