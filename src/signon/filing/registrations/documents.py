"""Orders and certificates beside a registration: PDF, read by the court's staff and the applicant.

They stand in the database, so no web server can hand one out by its path, and every reading by
staff is an audit event.
"""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Delete, Insert, Select, delete, insert, select

from signon import ids
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.models import efile_documents as documents
from signon.filing.models import efile_registrations as registrations
from signon.filing.registrations.registrations import Registration
from signon.prepared import change, every, one, value
from signon.words.sentences import _

MOST = 5
"""Documents beside one registration."""
PDF = b"%PDF-"
TYPE = "application/pdf"
LONGEST_NAME = 120
FIELD = "document"


@dataclass(frozen=True, slots=True)
class Document:
    """What is said of one; its bytes are read apart."""

    id: str
    name: str
    size: int
    sha256: str
    uploaded_at: datetime


def check(name: str, content_type: str, head: bytes) -> None:
    """Raises InputError unless it says that it is a PDF and begins like one."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != TYPE or not head.startswith(PDF):
        raise InputError(
            _("That is not a PDF document. Save or scan it as PDF and send that file."), field=FIELD
        )
    if not name:
        raise InputError(_("Choose a file first."), field=FIELD)


def keep(unit: Unit, there: Registration, name: str, content: bytes) -> Document:
    """Put a checked document beside a registration. Raises RefusedError."""
    _require_editable(unit, there)
    held = of(unit, there.id)
    if len(held) >= MOST:
        raise RefusedError(
            "too_many_documents", _("A registration holds at most {MOST} documents.", MOST=MOST)
        )
    made = Document(
        ids.new_id(), tidy(name), len(content), hashlib.sha256(content).hexdigest(), unit.now
    )
    if any(made.sha256 == one.sha256 for one in held):
        raise RefusedError("same_document", _("You have sent this very document already."))
    _keep(unit, _New(**asdict(made), registration_id=there.id, content=content))
    return made


def remove(unit: Unit, there: Registration, document_id: str) -> None:
    """Take one away again. Raises RefusedError once the court has the registration."""
    _require_editable(unit, there)
    _remove(unit, there.id, document_id)


def content(unit: Unit, registration_id: str, document_id: str) -> tuple[Document, bytes]:
    """One with its bytes. Raises NotFoundError."""
    found = _content(unit, registration_id, document_id)
    if found is None:
        raise NotFoundError(_("There is no such document."))
    return found


def tidy(name: str) -> str:
    """A file's name without folders and without what could break a header."""
    bare = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w .()+-]", "_", bare).strip(" .") or "document"
    stem = plain.removesuffix(".pdf").removesuffix(".PDF")
    return f"{stem[: LONGEST_NAME - 4]}.pdf"


def _require_editable(unit: Unit, there: Registration) -> None:
    """Held, so that the court does not get a registration whose papers still change."""
    version = _hold(unit, there.id)
    if version != there.version or not there.is_editable:
        raise RefusedError(
            "registration_is_with_the_court",
            _("Your registration was sent or changed meanwhile: look at it again."),
        )


class _New(NamedTuple):
    id: str
    name: str
    size: int
    sha256: str
    uploaded_at: datetime
    registration_id: str
    content: bytes


_COLUMNS = [documents.c[name] for name in Document.__slots__]


def _with_content(content: bytes, *columns: Any) -> tuple[Document, bytes]:
    return Document(*columns), content


@every(Document)
def of(registration_id: str) -> Select[Any]:
    """What stands beside a registration, in the order of its arrival."""
    found: Select[Any] = select(*_COLUMNS).where(documents.c.registration_id == registration_id)
    return found.order_by(documents.c.uploaded_at, documents.c.id)


@one(_with_content)
def _content(registration_id: str, document_id: str) -> Select[Any]:
    found: Select[Any] = select(documents.c.content, *_COLUMNS)
    return found.where(
        documents.c.id == document_id, documents.c.registration_id == registration_id
    )


@change
def _keep(new: _New) -> Insert:
    return insert(documents).values(**new._asdict())


@change
def _remove(registration_id: str, document_id: str) -> Delete:
    return delete(documents).where(
        documents.c.id == document_id, documents.c.registration_id == registration_id
    )


@value
def _hold(registration_id: str) -> Select[int]:
    found = select(registrations.c.version).where(registrations.c.id == registration_id)
    return found.with_for_update()
