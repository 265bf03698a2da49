"""To a firm: which members came or went."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class FirmNotice(Message):
    """`people` are account numbers; `further` is how many more there are."""

    subject = "Members of your firm"
    is_translated = False

    firm_number: str
    what: str
    people: list[str]
    further: int
    remark: str
