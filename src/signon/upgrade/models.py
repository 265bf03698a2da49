"""The table of upgrades that are under way."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary, Named, String, Table, TypedColumns

from signon.accounts.models import accounts
from signon.db import Id, Moment, metadata
from signon.pruning import AGO, pruned


class _Upgrades(TypedColumns):
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    entered: Named[bytes | None] = Column(LargeBinary)
    step: Named[str] = Column(String(16), nullable=False)
    journey_id: Named[str | None] = Column(Id)
    started_at: Named[datetime] = Column(Moment, nullable=False)
    updated_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


upgrades = Table("upgrades", metadata, _Upgrades)
"""One for each account, gone when the upgrade is done. `entered` is what was typed, sealed with
the key ring, with the new password as a hash; `step` the page that comes next; `journey_id` what
the person was last on the way to."""
pruned(upgrades, upgrades.c.expires_at <= AGO)
