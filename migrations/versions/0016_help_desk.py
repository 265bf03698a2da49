"""The court's desk: old logins by what is seen of them and by bar number, failed sign-ins."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REFUSED = sa.text("event IN ('signin:password:refused', 'signin:factor:refused')")
ENDING = sa.text("last_day IS NOT NULL AND ended_at IS NULL")
LOGINS = sa.table(
    "legacy_logins",
    sa.column("id"),
    sa.column("court_id"),
    sa.column("login"),
    sa.column("login_key"),
)


def upgrade() -> None:
    """Add the indexes, and find logins with hard or doubled spaces under their new keys."""
    op.create_index(
        "ix_audit_events_refused",
        "audit_events",
        ["court_id", "seq"],
        postgresql_where=REFUSED,
        sqlite_where=REFUSED,
    )
    op.create_index(
        op.f("ix_legacy_logins_court_id_bar_id"), "legacy_logins", ["court_id", "bar_id"]
    )
    op.add_column("filing_rights", sa.Column("last_day", sa.Date()))
    op.add_column("filing_rights", sa.Column("last_day_told_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_filing_rights_last_day",
        "filing_rights",
        ["last_day"],
        postgresql_where=ENDING,
        sqlite_where=ENDING,
    )
    op.add_column("efile_registrations", sa.Column("assigned_to", sa.String(length=26)))
    _rekey()


def downgrade() -> None:
    """The keys stay: an older program finds those logins only as they are written."""
    op.drop_column("efile_registrations", "assigned_to")
    op.drop_index("ix_filing_rights_last_day", "filing_rights")
    op.drop_column("filing_rights", "last_day_told_at")
    op.drop_column("filing_rights", "last_day")
    op.drop_index(op.f("ix_legacy_logins_court_id_bar_id"), "legacy_logins")
    op.drop_index("ix_audit_events_refused", "audit_events")


def _rekey() -> None:
    bound = op.get_bind()
    rows = bound.execute(sa.select(LOGINS)).all()
    seen = {(row.court_id, row.login_key) for row in rows}
    for row in rows:
        key = _key(row.login)
        # of two that look the same, each stays under its own key
        if key != row.login_key and (row.court_id, key) not in seen:
            seen.add((row.court_id, key))
            bound.execute(sa.update(LOGINS).where(LOGINS.c.id == row.id).values(login_key=key))


def _key(login: str) -> str:
    shown = "".join(one for one in login if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFC", " ".join(shown.split())).casefold()
