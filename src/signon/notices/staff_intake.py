"""To a court's staff: what waits for the court, and for how long."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class StaffIntake(Message):
    """`what` is the headline; `facts` say each what waits, by the account's number and never by a
    name that a stranger chose; `further` are not named.
    """

    subject = "{{ court }}: {{ what }}"

    court: str
    court_id: str
    what: str
    facts: list[str]
    further: int
