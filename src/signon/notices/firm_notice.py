"""To a firm: which members came or went."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FirmNotice:
    """`people` are names and numbers; `further` is how many more there are."""

    firm_name: str
    firm_number: str
    what: str
    people: list[str]
    further: int
    remark: str


MESSAGE = Message("firm_notice", "Members of {{ firm_name }}", FirmNotice)
