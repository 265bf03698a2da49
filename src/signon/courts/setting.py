"""What one of a court's settings is: its kind, its words for people and programs, its check."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from signon.courts import addresses

PHONE = re.compile(r"([+(]?[0-9][0-9 ().-]{5,24}[0-9])(?: *(?:ext\.?|x) *([0-9]{1,6}))?")
LONGEST_TEXT = 1000
_LIST = re.compile(r"[a-z_]+(?: *, *[a-z_]+)*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Kind(StrEnum):
    """What a setting holds; of one line of text it is the form's type of input, too."""

    EMAIL = "email"
    PHONE = "tel"
    ADDRESS = "url"
    TEXT = "text"
    CHOICE = "choice"
    ROLES = "roles"
    REGISTRATIONS = "registrations"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is said of a setting, for every place that shows it or takes it.

    `label` and `hint` stand on the form; `description` and `example` are for programs and the
    command. A choice has `choices`, each with its words on the form. `usual` is what holds where
    the court has said nothing: one of the choices, or of a list the names whose row in their
    table (`filing.court.court_policy.table`) is marked so, all where it is empty.
    """

    kind: Kind
    label: str
    description: str
    hint: str = ""
    example: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    usual: str = ""

    @property
    def field(self) -> Any:
        """The field of a dataclass that keeps it: None as long as nothing is said."""
        return field(default=None, metadata={"setting": self})

    @property
    def is_list(self) -> bool:
        """Whether it is names separated by commas, or `none`, and not a text."""
        return self.kind in {Kind.ROLES, Kind.REGISTRATIONS}

    def problem(self, text: str) -> str | None:
        """What is wrong with a value, to be read after the setting's name; None when it is fit."""
        if self.kind is Kind.CHOICE:
            return None if text in self.choices else f"must be {' or '.join(self.choices)}"
        return _list_problem(text) if self.is_list else _CHECKS[self.kind](text)


def _email_problem(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return "must be an e-mail address, such as help@casb.uscourts.gov"
    return None


def _phone_problem(text: str) -> str | None:
    if PHONE.fullmatch(text):
        return None
    return "must be a phone number, such as 619-555-0100 or +1 619 555 0100 ext. 4"


def _list_problem(text: str) -> str | None:
    return None if _LIST.fullmatch(text) else "must be names separated by commas, or none"


def _text_problem(text: str) -> str | None:
    if len(text) > LONGEST_TEXT or _CONTROL.search(text):
        return f"must be plain text of at most {LONGEST_TEXT} characters"
    return None


_CHECKS: Mapping[Kind, Callable[[str], str | None]] = {
    Kind.EMAIL: _email_problem,
    Kind.PHONE: _phone_problem,
    Kind.ADDRESS: addresses.problem,
    Kind.TEXT: _text_problem,
}
