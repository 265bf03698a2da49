"""How a step of a sign-in ends on PostgreSQL: one statement for what it is proved by, what was
counted, and what begins.

SQLite has no statements within a statement, and needs no fewer: it answers in the process. There,
and where one finds nothing, callers take the steps one by one, which say what it was that failed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, insert, select

from signon.accounts import credentials
from signon.accounts.credentials import Credential
from signon.accounts.directory import Account, account_of
from signon.accounts.models import accounts
from signon.db import Unit
from signon.limits import counters
from signon.limits.counters import Act, Outcome
from signon.prepared import given, one, value
from signon.signin import half_sign_ins
from signon.signin.half_sign_ins import HalfSignIn, NewHalf
from signon.signin.models import half_sign_ins as halves
from signon.signin.models import sessions
from signon.signin.new_session import Authenticated, NewSession
from signon.words.language import spoken_tag

_Statement = Select[*tuple[Any, ...]]


def by_password(
    unit: Unit, credential: Credential, begins: NewSession | NewHalf, settled: Sequence[Outcome]
) -> Account | None:
    """`credentials.note_signed_in`, and what `begins` by it; the account as it is now.

    None also where somebody has added or lost the second factor meanwhile.
    """
    if unit.dialect != "postgresql" or credential.sealed is None:
        return None
    known, acts = (credential.account.id, credential.sealed), counters.acts(unit, settled)
    if isinstance(begins, NewHalf):
        return _half_by_password(unit, *known, unit.now, spoken_tag(), begins, *acts)
    return _session_by_password(
        unit, *known, unit.now, spoken_tag(), begins.id, begins.proved, *acts
    )


def by_factor(unit: Unit, half: HalfSignIn, new: NewSession, settled: Sequence[Outcome]) -> bool:
    """`half_sign_ins.use`, and the session that begins by it."""
    if unit.dialect != "postgresql":
        return False
    acts = counters.acts(unit, settled)
    return _session_by_factor(unit, half.id, unit.now, new.id, new.proved, *acts) is not None


@one(account_of)
def _half_by_password(
    account_id: str, was: bytes, now: datetime, locale: str | None, new: NewHalf, *acts: Act
) -> _Statement:
    held = _held(account_id, was, now, locale, accounts.c.has_factor)
    cells = select(held.c.account_id, *(given(cell) for cell in new))
    begun = insert(halves).from_select(["account_id", *NewHalf._fields], cells).cte("begun")
    return _together(held, now, acts, begun)


@one(account_of)
def _session_by_password(
    account_id: str,
    was: bytes,
    now: datetime,
    locale: str | None,
    session_id: str,
    proved: Authenticated,
    *acts: Act,
) -> _Statement:
    held = _held(account_id, was, now, locale, ~accounts.c.has_factor)
    return _together(held, now, acts, _begun(held, now, session_id, proved))


@value
def _session_by_factor(
    half_id: str, now: datetime, session_id: str, proved: Authenticated, *acts: Act
) -> _Statement:
    used = half_sign_ins.using(half_id, now).returning(halves.c.account_id).cte("used")
    return _together(used, now, acts, _begun(used, now, session_id, proved))


def _held(
    account_id: str, was: bytes, now: datetime, locale: str | None, needs: ColumnElement[bool]
) -> CTE:
    return credentials.noting_signed_in(account_id, was, now, locale).where(needs).cte("held")


def _begun(proof: CTE, now: datetime, session_id: str, proved: Authenticated) -> CTE:
    names = ["account_id", "id", "created_at", *Authenticated._fields]
    cells = (session_id, now, *proved)
    row = select(proof.c.account_id, *(given(cell) for cell in cells))
    return insert(sessions).from_select(names, row).cte("begun")


def _together(proof: CTE, now: datetime, acts: Sequence[Act], begun: CTE) -> _Statement:
    """Whatever `proof` answers; without it nothing happens."""
    settled = counters.settling(now, acts, after=proof).cte("settled")
    return select(*proof.c).add_cte(settled, begun)
