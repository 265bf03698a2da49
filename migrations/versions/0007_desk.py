"""Desks: proofs bound to the login as it was, certificates recorded once and known to the right."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LASTING = sa.text("expires_on IS NULL AND withdrawn_at IS NULL")
EXPIRING = sa.text("expires_on IS NOT NULL AND withdrawn_at IS NULL")
SAME = ("account_id", "court_id", "role", "certified_on")
WITHDRAWN = date.min.isoformat()


def upgrade() -> None:
    """Add columns and constraints, and tell every right of its account's certificates."""
    op.add_column("legacy_logins", sa.Column("imported_by", sa.String(length=64), nullable=True))
    op.add_column("legacy_logins", sa.Column("proof_mac", sa.LargeBinary(length=32), nullable=True))
    op.add_column("legacy_logins", _version("proof_version"))
    op.add_column("link_proofs", _version("login_version"))
    op.add_column("filing_rights", sa.Column("certified", sa.JSON(), nullable=True))
    _withdraw_what_stands_twice()
    for name, columns, where in (
        ("uq_certifications_lasting", SAME, LASTING),
        ("uq_certifications_expiring", (*SAME, "expires_on"), EXPIRING),
    ):
        op.create_index(
            name,
            "certifications",
            list(columns),
            unique=True,
            postgresql_where=where,
            sqlite_where=where,
        )
    _certify()


def _version(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="1")


def _withdraw_what_stands_twice() -> None:
    """The one that was recorded first stays."""
    op.execute(
        "UPDATE certifications SET withdrawn_at = recorded_at, reason = 'It stood there twice.' "
        "WHERE withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM certifications AS earlier WHERE "
        "earlier.account_id = certifications.account_id AND earlier.court_id = certifications.court_id "
        "AND earlier.role = certifications.role "
        "AND earlier.certified_on = certifications.certified_on "
        "AND coalesce(earlier.expires_on, '9999-12-31') "
        "= coalesce(certifications.expires_on, '9999-12-31') "
        "AND earlier.withdrawn_at IS NULL AND earlier.id < certifications.id)"
    )


def _certify() -> None:
    """The last day of each role, as `filing.training.certified` makes it."""
    rights = sa.table(
        "filing_rights",
        *(sa.column(name) for name in ("account_id", "court_id", "ended_at")),
        sa.column("certified", sa.JSON()),
    )
    certificates = sa.table(
        "certifications",
        *(sa.column(name) for name in ("account_id", "court_id", "role", "withdrawn_at")),
        sa.column("expires_on", sa.Date()),
    )
    held: dict[tuple[str, str], dict[str, str | None]] = defaultdict(dict)
    connection = op.get_bind()
    for one in connection.execute(sa.select(*certificates.c)).all():
        through = one.expires_on.isoformat() if one.expires_on else None
        through = WITHDRAWN if one.withdrawn_at is not None else through
        roles = held[one.account_id, one.court_id]
        before = roles.get(one.role, "")
        roles[one.role] = None if None in {through, before} else max(through or "", before or "")
    for (account, court), roles in held.items():
        connection.execute(
            rights.update()
            .where(
                rights.c.account_id == account,
                rights.c.court_id == court,
                rights.c.ended_at.is_(None),
            )
            .values(certified=roles)
        )
