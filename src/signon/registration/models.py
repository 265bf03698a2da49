"""The registrations' table."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary, Named, String, Table, Text, TypedColumns

from signon.accounts.models import accounts
from signon.db import Id, Moment, metadata
from signon.pruning import AGO, pruned


class _Registrations(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    device: Named[bytes] = Column(LargeBinary(32), nullable=False, index=True)
    sealed: Named[bytes | None] = Column(LargeBinary)
    journey_id: Named[str | None] = Column(Id)
    journey_kind: Named[str | None] = Column(String(32))
    client_id: Named[str | None] = Column(String(64))
    court_id: Named[str | None] = Column(String(16))
    return_to: Named[str | None] = Column(Text)
    account_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id), index=True)
    confirmed_at: Named[datetime | None] = Column(Moment)
    completed_at: Named[datetime | None] = Column(Moment)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


registrations = Table("registrations", metadata, _Registrations)
"""`sealed` is what the person entered, as JSON sealed with the key ring; of the password only its
hash. It is NULL once the registration is complete. `device` is the digest of the cookie of the
browser that it belongs to. `confirmed_at` is when the person said that everything is right;
entering anything anew sets it back. Complete without an `account_id`: the person has one."""
pruned(registrations, registrations.c.expires_at <= AGO)


def seal_context(registration_id: str) -> str:
    """What a registration's data is sealed for."""
    return f"registration:{registration_id}"
