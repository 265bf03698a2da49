"""The tables of a court's cutover: its numbers by days, and what its addresses answered."""

from datetime import date, datetime

from sqlalchemy import Column, Date, ForeignKey, Named, String, Table, TypedColumns

from signon.courts.models import courts
from signon.db import Json, Moment, metadata


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
