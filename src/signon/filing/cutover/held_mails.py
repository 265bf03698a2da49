"""Mails of rehearsals: kept where the court's staff reads them, so that the day can be played."""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, select
from sqlalchemy.dialects.postgresql import insert

from signon.courts.registry import read_all
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.cutover.models import held_mails as table
from signon.filing.cutover.models import seal_context
from signon.notices import rehearsals
from signon.notices.message import Envelope
from signon.prepared import change, every, one

SHOWN = 100


class HeldMail(NamedTuple):
    """What stands in the list."""

    id: str
    sent_at: datetime
    recipient: str
    subject: str


def keep(unit: Unit, envelope: Envelope, mail: EmailMessage, court: str) -> None:
    """Keep one, once; `court` is the name that the mail says, if it says one. What belongs to a
    rehearsal that is over is let go.
    """
    known = {one.id: one for one in read_all(unit).values() if one.rehearsal_of}
    named = (one.id for one in known.values() if one.name == court)
    court_id = rehearsals.court_of(envelope.to) or next(named, "")
    if court_id not in known:
        return
    sealed = unit.ring.seal(mail.as_bytes(), seal_context(envelope.id))
    subject = str(mail["Subject"])[:300]
    _add(unit, _Whole(envelope.id, envelope.date, envelope.to, subject, sealed), court_id)


def newest(unit: Unit, court_id: str, recipient: str = "") -> list[HeldMail]:
    """The last ones of a rehearsal, the newest first; to one address, if it is named."""
    return _to(unit, court_id, recipient.strip()) if recipient.strip() else _newest(unit, court_id)


def text_of(unit: Unit, court_id: str, mail_id: str) -> tuple[HeldMail, str]:
    """One mail with its plain part. Raises NotFoundError."""
    found = _one(unit, court_id, mail_id)
    if found is None:
        raise NotFoundError("The rehearsal has no such mail.")
    raw = unit.ring.open(found.sealed, seal_context(found.id))
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    return HeldMail(*found[:-1]), body.get_content() if body else ""


class _Whole(NamedTuple):
    id: str
    sent_at: datetime
    recipient: str
    subject: str
    sealed: bytes


_LISTED = [table.c[name] for name in HeldMail._fields]


@change
def _add(new: _Whole, court_id: str) -> Insert:
    return insert(table).values(**new._asdict(), court_id=court_id).on_conflict_do_nothing()


@every(HeldMail)
def _newest(court_id: str) -> Select[*tuple[Any, ...]]:
    found = select(*_LISTED).where(table.c.court_id == court_id)
    return found.order_by(table.c.id.desc()).limit(SHOWN)


@every(HeldMail)
def _to(court_id: str, recipient: str) -> Select[*tuple[Any, ...]]:
    found = select(*_LISTED).where(table.c.court_id == court_id, table.c.recipient == recipient)
    return found.order_by(table.c.id.desc()).limit(SHOWN)


@one(_Whole)
def _one(court_id: str, mail_id: str) -> Select[*tuple[Any, ...]]:
    found = select(*_LISTED, table.c.sealed)
    return found.where(table.c.court_id == court_id, table.c.id == mail_id)
