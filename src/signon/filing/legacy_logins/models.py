"""Tables of imports that go on in the background."""

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
    Text,
    TypedColumns,
    text,
)

from signon.accounts.models import accounts
from signon.clock_steps import AHEAD, NOW, made_good
from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned

_RUNNING = text("ended_at IS NULL")


class _LegacyImports(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    name: Named[str] = Column(String(200), nullable=False)
    digest: Named[str] = Column(String(64), nullable=False)
    encoding: Named[str] = Column(String(40), nullable=False)
    agreed: Named[str] = Column(String(64), nullable=False)
    content: Named[bytes | None] = Column(LargeBinary)
    total: Named[int] = Column(Integer, nullable=False)
    done: Named[int] = Column(Integer, nullable=False)
    asked_at: Named[datetime] = Column(Moment, nullable=False)
    leased_until: Named[datetime | None] = Column(Moment)
    ended_at: Named[datetime | None] = Column(Moment)
    counts: Named[dict[str, int] | None] = Column(Json)
    refusal: Named[str | None] = Column(Text)


legacy_imports = Table(
    "legacy_imports",
    metadata,
    _LegacyImports,
    Index(
        "uq_legacy_imports_court",
        "court_id",
        unique=True,
        postgresql_where=_RUNNING,
        sqlite_where=_RUNNING,
    ),
)
"""A list that a member of the staff has sent and that takes long to hash: one at a time of a court.
`content` is the file, sealed with the ring and gone as soon as the import has ended; `agreed` is what
was agreed to (`importing.agreement_to`). `done` of `total` passwords are wrapped. It ends with
`counts`, or with a `refusal` that people read."""
# whatever came of it stands in the trail
pruned(legacy_imports, legacy_imports.c.ended_at <= AGO, keeps=timedelta(days=90))
made_good(legacy_imports, legacy_imports.c.leased_until > AHEAD, leased_until=NOW)


class _LegacyImportParts(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    import_id: Named[str] = Column(Id, ForeignKey(legacy_imports.c.id), nullable=False, index=True)
    wrapped: Named[bytes] = Column(LargeBinary, nullable=False)


legacy_import_parts = Table("legacy_import_parts", metadata, _LegacyImportParts)
"""What was wrapped so far, sealed, some dozens of logins a row: a process that takes over goes on from
it. The rows go with the import's end."""
