"""The table of links that were prepared before their court went live."""

from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    text,
)

from signon.accounts.models import accounts
from signon.courts.models import courts
from signon.db import Id, Moment, metadata
from signon.filing.models import legacy_logins
from signon.pruning import AGO, pruned

_ACTIVE = text("ended_at IS NULL")


class _PreparedLinks(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    legacy_login_id: Named[str] = Column(Id, ForeignKey(legacy_logins.c.id), nullable=False)
    login_version: Named[int] = Column(Integer, nullable=False)
    prepared_at: Named[datetime] = Column(Moment, nullable=False)
    session_id: Named[str | None] = Column(Id)
    factor_since: Named[datetime | None] = Column(Moment)
    login_mac: Named[bytes] = Column(LargeBinary(32), nullable=False)
    told_day: Named[datetime | None] = Column(Moment)
    password: Named[bytes | None] = Column(LargeBinary)
    ended_at: Named[datetime | None] = Column(Moment)
    outcome: Named[str | None] = Column(String(32))


prepared_links = Table(
    "prepared_links",
    metadata,
    _PreparedLinks,
    Index(
        "uq_prepared_links_account_court",
        "account_id",
        "court_id",
        unique=True,
        postgresql_where=_ACTIVE,
        sqlite_where=_ACTIVE,
    ),
    Index(
        "uq_prepared_links_legacy_login",
        "legacy_login_id",
        unique=True,
        postgresql_where=_ACTIVE,
        sqlite_where=_ACTIVE,
    ),
    Index(None, "court_id", "id"),
    Index(None, "legacy_login_id"),
)
"""A legacy login that was proved before its court went live: a proof that is kept, no right. It is
good for the login as it was (`login_version`), and becomes a right when the court goes live; like
rights, at most one for an account and a court, and for a login. `session_id` and `factor_since`
say what the person proved it with (`accounts.history.Proof`); `outcome` is how it ended.
`password` is the one that proved the login, sealed, until the day: a court may hash it anew, with
names, address and status as they were (`login_mac`). None of one that a mailed link proved.
`told_day`: the court's moment that its holder was told last."""
pruned(prepared_links, prepared_links.c.ended_at <= AGO, keeps=timedelta(days=365))
