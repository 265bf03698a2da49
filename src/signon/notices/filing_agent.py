"""To a principal or a filing agent: what became of who may file for whom."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FilingAgent(Message):
    """`what` happened is a sentence; `reason` may be empty."""

    subject = "Filing agents at {{ court }}"

    account_number: str
    court: str
    what: str
    reason: str
