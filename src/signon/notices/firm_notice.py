"""To a firm: which members came or went."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FirmNotice:
    """`people` are account numbers; `further` is how many more there are."""

    firm_number: str
    what: str
    people: list[str]
    further: int
    remark: str


MESSAGE = Message("firm_notice", "Members of your firm", FirmNotice)
