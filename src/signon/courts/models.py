"""The courts' tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Named, String, Table, TypedColumns
from sqlalchemy.sql import false

from signon.accounts.models import accounts
from signon.db import Id, Json, Moment, metadata


class _Courts(TypedColumns):
    id: Named[str] = Column(String(16), primary_key=True)
    psc_id: Named[str] = Column(String(16), nullable=False, unique=True)
    pcl_id: Named[str] = Column(String(16), nullable=False, unique=True)
    name: Named[str] = Column(String(200), nullable=False)
    type: Named[str] = Column(String(32), nullable=False)
    circuit: Named[str] = Column(String(16), nullable=False)
    state: Named[str] = Column(String(2), nullable=False)
    time_zone: Named[str] = Column(String(64), nullable=False)
    cmecf_url: Named[str] = Column(String(200), nullable=False)
    go_live: Named[datetime | None] = Column(Moment)
    go_live_is_set: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    rehearsal_of: Named[str | None] = Column(String(16), ForeignKey("courts.id"))
    policy: Named[dict[str, Any]] = Column(Json, nullable=False)


courts = Table("courts", metadata, _Courts)
"""`go_live_is_set`: an operator chose the date, so loading the registry leaves it alone.
`rehearsal_of`: the court whose day is played through at this one."""


class _Staff(TypedColumns):
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    role: Named[str] = Column(String(16), nullable=False)
    added_at: Named[datetime] = Column(Moment, nullable=False)


staff = Table("court_staff", metadata, _Staff)
