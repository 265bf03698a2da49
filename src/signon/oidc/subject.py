"""Whom a token is about: the columns and joins that put account and filing right into one read.

A client of a court joins that court's right, any other client none; so a court can never be
told of another court, whatever it asks for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join, bindparam

from signon.accounts.models import AccountStatus, accounts
from signon.accounts.person import PERSON_COLUMNS, with_firm
from signon.courts.registry import Court
from signon.filing.models import rights
from signon.filing.rights.filing_status import RIGHT_COLUMNS, asked_at, right_at

COLUMNS = (*PERSON_COLUMNS, accounts.c.status.label("account_status"), accounts.c.valid_from)
_COURT = bindparam("court_id", type_=rights.c.court_id.type)
COLUMNS_AT_COURT = (*COLUMNS, *RIGHT_COLUMNS, asked_at(accounts.c.id, _COURT))


def joined(source: FromClause, account_id: ColumnElement[str]) -> Join:
    """The source with the account it is about, and the firm that is billed for it."""
    return with_firm(source.join(accounts, accounts.c.id == account_id))


def joined_at_court(source: FromClause, account_id: ColumnElement[str]) -> Join:
    """The same with the account's right at the court of parameter `court_id`, if it has one."""
    at_court = right_at(accounts.c.id, _COURT)
    return joined(source, account_id).outerjoin(rights, at_court)


def values(court: Court | None) -> dict[str, str]:
    """The joins' parameters."""
    return {"court_id": court.id} if court else {}


def may_use(row: Mapping[Any, Any], auth_time: datetime) -> bool:
    """Whether the account is active and the sign-in is not from before its `valid_from`."""
    is_active = row["account_status"] == AccountStatus.ACTIVE.value
    return bool(is_active and row["valid_from"] <= auth_time)
