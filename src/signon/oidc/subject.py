"""Whom a token is about: the columns and joins that put account and filing right into one read.

A client of a court joins that court's right, any other client none; so a court can never be
told of another court, whatever it asks for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join, select

from signon.accounts.models import AccountStatus, accounts
from signon.accounts.person import PERSON_COLUMNS, with_firm
from signon.filing.models import rights
from signon.filing.rights.filing_status import RIGHT_COLUMNS, asked_at, right_at
from signon.prepared import given
from signon.signin.models import sessions

Columns = Sequence[ColumnElement[Any]]
COLUMNS: Columns = (
    *PERSON_COLUMNS,
    accounts.c.status.label("account_status"),
    accounts.c.valid_from,
)


def columns_at_court(court_id: str, met: ColumnElement[dict[str, str]] = sessions.c.met) -> Columns:
    """`COLUMNS`, those of the account's right at the court and what was met in the session, for
    `joined_at_court`.
    """
    asked = asked_at(accounts.c.id, given(court_id))
    return (*COLUMNS, *RIGHT_COLUMNS, asked, met.label("session_met"))


def joined(source: FromClause, account_id: ColumnElement[str]) -> Join:
    """The source with the account it is about, and the firm that is billed for it."""
    return with_firm(source.join(accounts, accounts.c.id == account_id))


def joined_at_court(source: FromClause, account_id: ColumnElement[str], court_id: str) -> Join:
    """The same with the account's right at the court, if it has one; the source has the session."""
    at_court = right_at(accounts.c.id, given(court_id))
    return joined(source, account_id).outerjoin(rights, at_court)


def with_session(source: FromClause, session_id: ColumnElement[str]) -> Join:
    """A source of tokens with the session that it came from."""
    return source.outerjoin(sessions, sessions.c.id == session_id)


def row(columns: Sequence[Any]) -> Mapping[str, Any]:
    """What `Subject` is made of, from the columns of the one or the other."""
    return dict(zip(_NAMES, columns, strict=False))


def may_use(row: Mapping[str, Any], auth_time: datetime) -> bool:
    """Whether the account is active and the sign-in is not from before its `valid_from`."""
    is_active = row["account_status"] == AccountStatus.ACTIVE.value
    return bool(is_active and row["valid_from"] <= auth_time)


def is_usable(
    account_id: ColumnElement[str], auth_time: datetime | ColumnElement[datetime]
) -> ColumnElement[bool]:
    """The same as a condition, for the statement that spends."""
    return (
        select(accounts.c.id)
        .where(
            accounts.c.id == account_id,
            accounts.c.status == AccountStatus.ACTIVE.value,
            accounts.c.valid_from <= auth_time,
        )
        .exists()
    )


_NAMES = [str(column.key) for column in columns_at_court("")]
