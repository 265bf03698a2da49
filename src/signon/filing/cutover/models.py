"""The tables of a court's cutover: its numbers by days, what its addresses answered, rehearsals."""

from datetime import date, datetime, timedelta

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
)

from signon.accounts.models import accounts
from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class _CutoverPoints(TypedColumns):
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), primary_key=True)
    day: Named[date] = Column(Date, primary_key=True)
    counts: Named[dict[str, int]] = Column(Json, nullable=False)


cutover_points = Table("cutover_points", metadata, _CutoverPoints)
"""How many of a court's legacy logins were in each state (`cutover.states`), a row a day."""


class _CutoverReached(TypedColumns):
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), primary_key=True)
    looked_at: Named[datetime] = Column(Moment, nullable=False)
    answers: Named[dict[str, str]] = Column(Json, nullable=False)


cutover_reached = Table("cutover_reached", metadata, _CutoverReached)
"""What the court's registered addresses answered at the last look: a word for each of them, empty
for one that was reached."""


class _RehearsalPeople(TypedColumns):
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False, index=True)


rehearsal_people = Table("rehearsal_people", metadata, _RehearsalPeople)
"""The accounts that were invented for a rehearsal: they go with it."""


class _HeldMails(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    sent_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    recipient: Named[str] = Column(String(254), nullable=False)
    subject: Named[str] = Column(String(300), nullable=False)
    sealed: Named[bytes] = Column(LargeBinary, nullable=False)


held_mails = Table("held_mails", metadata, _HeldMails, Index(None, "court_id", "id"))
"""Mails of rehearsals, which are read here and never leave; whole in `sealed`, as they carry links
that open something. `id` is the outbox's."""
pruned(held_mails, held_mails.c.sent_at <= AGO, keeps=timedelta(days=30))


def seal_context(mail_id: str) -> str:
    """What a held mail is sealed for."""
    return f"held-mail:{mail_id}"
