"""To somebody who registers for e-filing: the court has it, returned it or decided it."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class RegistrationStep(Message):
    """`court_says` is the court's, by lines; `contact` what the court says of itself, or empty."""

    subject = "{{ headline }}: {{ court }}"

    headline: str
    account_number: str
    court: str
    facts: list[str]
    court_says: list[str]
    what_next: str
    contact: str
    status_url: str
