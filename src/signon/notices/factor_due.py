"""To a filer without a second factor: it was put off, and how often it still may be."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FactorDue:
    """`skips_left` of 0: the next time there is no filing without one."""

    account_number: str
    skips_left: int
    factors_url: str


MESSAGE = Message("factor_due", "Your PACER account needs a second factor", FactorDue)
