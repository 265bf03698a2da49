"""To somebody whom a firm asks to be a member or an administrator, or for whom it prepared an account."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FirmInvitation:
    """Nothing changes until it is accepted. `kind`: member, administrator or prepared."""

    name: str
    kind: str
    firm_name: str
    firm_number: str
    remark: str
    hours: int
    invitation_url: str


MESSAGE = Message("firm_invitation", "{{ firm_name }} invites you", FirmInvitation)
