"""What a message is: a name, a subject, and one Jinja2 template, rendered twice.

The template is made of parts (`parts.jinja`), which stand in `html` and in `text`: so the plain
part tells everything that the HTML part does, in the same order.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from textwrap import fill
from typing import Any, ClassVar

import jinja2

from signon.config import SITE_NAME
from signon.words import templates
from signon.words.language import ENGLISH, Language, current, speaking
from signon.words.sentences import in_language, plural

TEMPLATES = Path(__file__).with_name("templates")
COLUMNS = 76
"""How wide the plain part is; an address has a line of its own and is never broken."""
PHONE = "(800) 676-6856"
"""The PACER Service Center's."""


@dataclass(frozen=True)
class Message:
    """One kind of mail: a frozen dataclass in a module of its own, whose fields are what its
    templates use (texts, numbers and lists of texts: they wait in the outbox as JSON).

    `name` is the module's: the kind's in the outbox, and the stem of its template.
    `subject` is a template of one line. Mails to whoever works in a console are not translated.
    `unsubscribe` is the path, made of the values, where a POST ends such mails (RFC 8058).
    """

    __slots__ = ()
    name: ClassVar[str]
    subject: ClassVar[str]
    is_translated: ClassVar[bool] = True
    unsubscribe: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.name = cls.__module__.rpartition(".")[2]


@cache
def kinds() -> dict[str, type[Message]]:
    """Every message there is, by its name. A new one: a module in this folder, a template."""
    for module in iter_modules([str(TEMPLATES.parent)], f"{__package__}."):
        import_module(module.name)
    # a class with slots is made twice: the later one is in use
    return {kind.name: kind for kind in Message.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail carries beside its words; `id` makes a repeated delivery recognisable, and `tag`
    a report about it (`notices.reports`).
    """

    id: str
    to: str
    sender: str
    issuer: str
    date: datetime
    tag: str = "0"

    @property
    def message_id(self) -> str:
        """The Message-ID: the same at every attempt to deliver."""
        return f"<{self.id}.{self.tag}@{Address(addr_spec=self.sender).domain}>"


def checked(message: Message, language: Language = ENGLISH) -> dict[str, Any]:
    """The values as they go into the outbox: sentences among them are said in that language.

    Raises TypeError for what no type checker saw: a value that is no text, number or list.
    """
    values = {name: _in(language, value) for name, value in asdict(message).items()}
    for name, value in values.items():
        if not isinstance(value, str | int | list):
            raise TypeError(f"{message.name}: {name} must be text, a number or a list")
    return values


def compose(
    kind: type[Message],
    values: Mapping[str, Any],
    envelope: Envelope,
    language: Language = ENGLISH,
) -> EmailMessage:
    """The mail, ready to be handed over; `values` are of a `kind`, as the outbox keeps them.

    Raises ValueError when a header would hold a line break or an address is none, and
    jinja2.UndefinedError when a template uses a value that is not there.
    """
    site = {"name": SITE_NAME, "issuer": envelope.issuer, "phone": PHONE}
    with speaking(language):
        subject = _environment("text").from_string(_said(kind.subject)).render(values)
        given = {**values, "site": site, "subject": subject}
        plain, html = (_render(kind, part, given) for part in ("text", "html"))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(SITE_NAME, addr_spec=envelope.sender)
    mail["To"] = address(envelope.to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = envelope.message_id
    # RFC 3834 section 5: keeps holiday replies and other robots from answering
    mail["Auto-Submitted"] = "auto-generated"
    if kind.unsubscribe:
        where = f"{envelope.issuer}{kind.unsubscribe.format_map(values)}"
        mail["List-Unsubscribe"] = f"<{where}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_BLANKS.sub("\n\n", plain))
    mail.add_alternative(html, subtype="html")
    mail["Content-Language"] = language.tag  # of all parts; earlier it would be the first's
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


def _render(kind: type[Message], part: str, values: Mapping[str, Any]) -> str:
    return _environment(part).get_template(f"{kind.name}.jinja").render(values)


@cache
def _environment(part: str) -> jinja2.Environment:
    """HTML is escaped, text is not; a value that is not there is an error in both."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([TEMPLATES / part, TEMPLATES]),
        autoescape=part == "html",  # noqa: S701 - a plain part is no HTML
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.install(made)
    made.filters.update(flow=_flow, hours=_hours)
    return made


def _flow(text: str, first: str = "") -> str:
    """A paragraph in lines; `first` stands before it, and its width before the further lines."""
    return fill(
        " ".join(text.split()),
        COLUMNS,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _hours(number: int) -> str:
    """How long something lasts, as people say it."""
    if number >= 48 and number % 24 == 0:
        return in_language(plural("{number} day", "{number} days", number // 24), current())
    return in_language(plural("{number} hour", "{number} hours", number), current())


def _in(language: Language, value: Any) -> Any:
    if isinstance(value, list):
        return [_in(language, one) for one in value]
    return in_language(value, language) if isinstance(value, str) else value


def _said(subject: str) -> str:
    return in_language(subject, current())


_BLANKS = re.compile(r"\n{3,}")
"""What the blocks of a template leave between each other."""
