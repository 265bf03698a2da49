"""To a court's staff: a colleague asks for something that a second member has to confirm."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class StaffRequest(Message):
    """`what` is asked for by the account `account_number`; nothing comes of it after `hours`."""

    subject = "{{ court }}: a colleague asks you to confirm"
    is_translated = False

    court: str
    court_id: str
    what: str
    account_number: str
    hours: int
