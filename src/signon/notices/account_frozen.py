"""To the operators: somebody said of a change that it was not theirs."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    """Which account it is; whose it is stands in the console."""

    account_number: str


MESSAGE = Message("account_frozen", "Account {{ account_number }} is frozen", AccountFrozen)
