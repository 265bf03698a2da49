"""To a member: what has become of the membership in a firm."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FirmMembership:
    """`what` is a sentence; `note` what follows from it, `remark` why: both may be empty."""

    account_number: str
    firm_number: str
    what: str
    note: str
    remark: str


MESSAGE = Message("firm_membership", "{{ what }}", FirmMembership)
