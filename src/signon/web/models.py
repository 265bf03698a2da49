"""The table of answers that a repeated call gets again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Named, SmallInteger, Table, TypedColumns

from signon.db import Json, Moment, metadata


class _IdempotentAnswers(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    fingerprint: Named[bytes] = Column(LargeBinary(32), nullable=False)
    status: Named[int | None] = Column(SmallInteger)
    headers: Named[dict[str, Any] | None] = Column(Json)
    body: Named[bytes | None] = Column(LargeBinary)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


idempotent_answers = Table("idempotent_answers", metadata, _IdempotentAnswers)
"""`digest` is the caller's and the key's, `fingerprint` the request's; `body` is sealed with the
ring, because an answer may hold what is shown only once."""
