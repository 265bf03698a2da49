"""Tables of filing agents: the pairs, what became of them, and for whom agents chose to act."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Named,
    String,
    Table,
    TypedColumns,
    text,
)
from sqlalchemy.sql import false

from signon.accounts.models import accounts
from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata
from signon.filing.models import legacy_logins
from signon.pruning import AGO, pruned

_OPEN = text("ended_at IS NULL")


class _Pairs(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    state: Named[str] = Column(String(16), nullable=False)
    principal_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id))
    agent_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id))
    agent_number: Named[str | None] = Column(String(7))
    agent_last_name: Named[str | None] = Column(String(100))
    principal_login_id: Named[str | None] = Column(Id, ForeignKey(legacy_logins.c.id))
    agent_login_id: Named[str | None] = Column(Id, ForeignKey(legacy_logins.c.id))
    permissions: Named[list[str] | None] = Column(Json)
    cases: Named[list[str] | None] = Column(Json)
    ends_on: Named[date | None] = Column(Date)
    may_pay: Named[bool] = Column(Boolean, nullable=False)
    version: Named[int] = Column(Integer, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    handled_at: Named[datetime | None] = Column(Moment)
    active_from: Named[datetime | None] = Column(Moment)
    first_acted_at: Named[datetime | None] = Column(Moment)
    ended_at: Named[datetime | None] = Column(Moment)
    ended_by: Named[str | None] = Column(String(16))
    reason: Named[str | None] = Column(String(400))
    declined_quietly: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    imported_by: Named[str | None] = Column(String(64))
    import_asked_by: Named[str | None] = Column(Id)


agent_pairs = Table(
    "agent_pairs",
    metadata,
    _Pairs,
    Index(
        "uq_agent_pairs_named",
        *("principal_id", "court_id", "agent_number"),
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
    Index(
        "uq_agent_pairs_logins",
        *("court_id", "principal_login_id", "agent_login_id"),
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
    Index(
        "ix_agent_pairs_agent",
        *("agent_id", "court_id"),
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
    Index(None, "agent_id", "created_at"),
    Index(None, "court_id", "created_at", "id"),
    Index(None, "state", "id"),
)
"""Who may file for whom at a court. Of one principal, agent and court there is one at most that has
not ended.

Whom a principal means is written down as it was typed (`agent_number`, `agent_last_name`) and
looked up afterwards (`agent_id`, at `handled_at`), so that naming somebody tells nothing. An
imported pair stands between two legacy logins until both are linked. `permissions`, `cases` and
`ends_on` of None are no bound; `version` grows with each change of the bounds; `ended_by` is a
side, the court, an import or time."""


class _PairHistory(TypedColumns):
    event_id: Named[str] = Column(Id, primary_key=True)
    pair_id: Named[str] = Column(Id, ForeignKey(agent_pairs.c.id), nullable=False, index=True)
    at: Named[datetime] = Column(Moment, nullable=False)
    actor: Named[str] = Column(String(64), nullable=False)
    before: Named[dict[str, Any] | None] = Column(Json)
    after: Named[dict[str, Any] | None] = Column(Json)


agent_pair_history = Table("agent_pair_history", metadata, _PairHistory)
"""Values before and after each audited change of a pair."""


class _Choices(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    session_id: Named[str] = Column(Id, nullable=False)
    court_id: Named[str] = Column(String(16), nullable=False)
    pair_id: Named[str] = Column(Id, ForeignKey(agent_pairs.c.id), nullable=False)
    chosen_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    ended_at: Named[datetime | None] = Column(Moment)


acting_choices = Table(
    "acting_choices",
    metadata,
    _Choices,
    Index(
        "uq_acting_choices_session_court",
        *("session_id", "court_id"),
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
    Index(None, "pair_id", "chosen_at"),
)
"""For whom an agent acts in a session at a court; those of before tell a principal when that was.
Without a foreign key to the session, which goes sooner."""
pruned(acting_choices, acting_choices.c.chosen_at <= AGO, keeps=timedelta(days=400))
