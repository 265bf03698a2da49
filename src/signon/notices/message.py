"""What a message is: a name, a subject, and a plain and an HTML part from Jinja2 templates."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

TEMPLATES = Path(__file__).with_name("templates")
NAME = "signon"


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of mail.

    `name` is the stem of its templates `NAME.txt` and `NAME.html`; `subject` is a template
    of one line; `values` is a frozen dataclass, the names and types of what all three use
    (texts, numbers and lists of texts: they wait in the outbox as JSON).
    """

    name: str
    subject: str
    values: type[Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail carries beside its words; `id` makes a repeated delivery recognisable."""

    id: str
    to: str
    sender: str
    issuer: str
    date: datetime

    @property
    def message_id(self) -> str:
        """The Message-ID: the same at every attempt to deliver."""
        return f"<{self.id}@{Address(addr_spec=self.sender).domain}>"


def checked(message: Message, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they go into the outbox.

    Raises TypeError: one is missing, too many, or not of the kind that `message.values` names.
    """
    made = message.values(**values)
    for one in fields(made):
        value = getattr(made, one.name)
        wanted = list if isinstance(value, list) else str
        if not isinstance(value, wanted | int):
            raise TypeError(f"{message.name}: {one.name} must be text, a number or a list")
    return asdict(made)


def compose(message: Message, values: Mapping[str, Any], envelope: Envelope) -> EmailMessage:
    """The mail, ready to be handed over.

    Raises ValueError when a header would hold a line break or an address is none, and
    jinja2.UndefinedError when a template uses a value that is not there.
    """
    given = {**values, "site": {"name": NAME, "issuer": envelope.issuer}}
    subject = _environment().from_string(message.subject).render(given)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(NAME, addr_spec=envelope.sender)
    mail["To"] = address(envelope.to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = envelope.message_id
    # RFC 3834 section 5: keeps holiday replies and other robots from answering
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_render(f"{message.name}.txt", given))
    mail.add_alternative(_render(f"{message.name}.html", given), subtype="html")
    mail.set_boundary(f"=_{envelope.id}")
    return mail


def address(text: str) -> Address:
    """One address and nothing else. Raises ValueError, which does not repeat it: it may be logged."""
    try:
        made = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        made = Address()
    if not made.username or not made.domain or any(char.isspace() for char in text):
        raise ValueError("that is not an e-mail address")
    return made


def _render(template: str, values: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> jinja2.Environment:
    """HTML is escaped, text is not; a value that is not there is an error in both."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(["html"], default_for_string=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
