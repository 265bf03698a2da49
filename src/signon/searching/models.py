"""The table of what is searched by."""

from sqlalchemy import Boolean, Column, Index, Named, String, Table, TypedColumns
from sqlalchemy.sql import false

from signon.db import Id, metadata

LONGEST = 64
"""Characters of a key; what follows tells nobody apart who types."""
KEY = String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql")
"""Sorted by code points on both databases, so that a beginning is a range."""


class _Entries(TypedColumns):
    place: Named[str] = Column(String(32), primary_key=True)
    key: Named[str] = Column(KEY, primary_key=True)
    subject: Named[str] = Column(Id, primary_key=True)


entries = Table(
    "search_entries", metadata, _Entries, Index(None, "subject"), sqlite_with_rowid=False
)
"""What `subject`, the id of a row elsewhere, is found by in a `place`: an account by its names among
all accounts, or at a court; a legacy login at its court. Entries are made of those rows anew whenever
they change, and say nothing that does not stand there."""


class _Fillings(TypedColumns):
    name: Named[str] = Column(String(32), primary_key=True)
    after: Named[str] = Column(Id, nullable=False)
    is_done: Named[bool] = Column(Boolean, nullable=False, server_default=false())


fillings = Table("search_fillings", metadata, _Fillings)
"""How far entries were made for the rows of each feature that were there before: after which id to go
on. A feature without a row has not begun."""
