"""The tables of reminders: the waves, who got which, and who wants none of a court's."""

from datetime import date, datetime, timedelta

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    or_,
    select,
    text,
)

from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned

_PLANNED, _TO_DO = text("begun_at IS NULL"), text("settled_at IS NULL")


class _Waves(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    days_before: Named[int] = Column(Integer, nullable=False)
    states: Named[list[str]] = Column(Json, nullable=False)
    opening: Named[str] = Column(Text, nullable=False)
    closing: Named[str] = Column(Text, nullable=False)
    planned_at: Named[datetime] = Column(Moment, nullable=False)
    tried_at: Named[datetime | None] = Column(Moment)
    begun_at: Named[datetime | None] = Column(Moment)
    begun_on: Named[date | None] = Column(Date)
    chosen: Named[list[str] | None] = Column(Json)
    told_day: Named[datetime | None] = Column(Moment)
    stopped_at: Named[datetime | None] = Column(Moment)
    finished_at: Named[datetime | None] = Column(Moment)


waves = Table(
    "cutover_waves",
    metadata,
    _Waves,
    Index(
        "uq_cutover_waves_planned",
        "court_id",
        "days_before",
        unique=True,
        postgresql_where=_PLANNED,
        sqlite_where=_PLANNED,
    ),
    UniqueConstraint("court_id", "begun_on"),
)
"""A wave of a court: so many days before its go-live (negative: after it), to the holders of logins
in these states, with the court's own words in two places. Its day is reckoned from the court's date
and stands nowhere, so that a date that moves takes it along. `tried_at`: when these words were sent
to whoever wrote them. `chosen`: the states that were many enough on the day (`begun_on`, by the
court's calendar; a court has one a day). `told_day`: the court's moment that all its readers know."""


class _WaveMails(TypedColumns):
    wave_id: Named[str] = Column(Id, ForeignKey(waves.c.id), primary_key=True)
    address: Named[str] = Column(String(254), primary_key=True)
    settled_at: Named[datetime | None] = Column(Moment)
    mail_id: Named[str | None] = Column(Id)
    digest: Named[bytes | None] = Column(LargeBinary(32), unique=True)
    told_day: Named[datetime | None] = Column(Moment)


wave_mails = Table(
    "cutover_wave_mails",
    metadata,
    _WaveMails,
    Index(
        "ix_cutover_wave_mails_to_do",
        "wave_id",
        "address",
        postgresql_where=_TO_DO,
        sqlite_where=_TO_DO,
    ),
)
"""Whom a wave goes to, an address once: it is settled when its mail was put into the outbox, or when
there was nothing to remind of any more (no `mail_id`). `digest` is of the token in the mail's links,
`told_day` the court's moment that it told."""
_BEGUN = select(waves.c.id).where(waves.c.begun_at <= AGO)
pruned(
    wave_mails,
    # nor does anybody wait longer for a wave that was stopped, or whose day never came
    or_(
        wave_mails.c.settled_at <= AGO,
        wave_mails.c.settled_at.is_(None) & wave_mails.c.wave_id.in_(_BEGUN),
    ),
    keeps=timedelta(days=365),
)


class _Unsubscribed(TypedColumns):
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), primary_key=True)
    address: Named[str] = Column(String(254), primary_key=True)
    since: Named[datetime] = Column(Moment, nullable=False)


unsubscribed = Table("cutover_unsubscribed", metadata, _Unsubscribed)
"""Addresses, in lower case, that want no more reminders of a court."""
