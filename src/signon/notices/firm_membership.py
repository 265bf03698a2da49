"""To a member: what has become of the membership in a firm."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FirmMembership(Message):
    """`what` is a sentence; `note` what follows from it, `remark` why: both may be empty."""

    subject = "{{ what }}"

    account_number: str
    firm_number: str
    what: str
    note: str
    remark: str
