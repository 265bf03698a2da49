"""The code that confirms adding a factor."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FactorCode:
    """`code` has six digits; `doing` says what it is for: "add an authenticator app"."""

    account_number: str
    code: str
    doing: str


MESSAGE = Message("factor_code", "Your code to {{ doing }}", FactorCode)
