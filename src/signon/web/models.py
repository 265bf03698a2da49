"""The tables of answers that a repeated call gets again, and of programs' calls."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    Named,
    SmallInteger,
    String,
    Table,
    TypedColumns,
)

from signon.db import Json, Moment, metadata
from signon.pruning import AGO, pruned


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
pruned(idempotent_answers, idempotent_answers.c.expires_at <= AGO)


class _RequestRates(TypedColumns):
    key: Named[str] = Column(String(64), primary_key=True)
    minute: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    taken: Named[int] = Column(Integer, nullable=False)


request_rates = Table("request_rates", metadata, _RequestRates)
"""How many calls of a `minute` the workers have taken for themselves. UNLOGGED on PostgreSQL: it
is written often, and a crash that forgets it harms nobody."""


class _Readiness(TypedColumns):
    id: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    written: Named[int] = Column(BigInteger, nullable=False)


readiness = Table("readiness", metadata, _Readiness)
"""One row, which `/readyz` writes as it is: nobody else wants it, so nobody waits for the probe."""
