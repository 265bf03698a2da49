"""What an account says about its person or firm, for tokens and UserInfo."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join, case, or_

from signon.accounts.models import accounts
from signon.accounts.places import country_name

FIRM = accounts.alias("firm")
"""The firm of an account that is a member of one."""
_FIRM_HAS_RULE = or_(FIRM.c.client_code_required, FIRM.c.client_code_pattern.is_not(None))


def _in_force(name: str) -> ColumnElement[Any]:
    """A part of the rule for client codes: the firm's, if it has one, else the account's own."""
    return case((_FIRM_HAS_RULE, FIRM.c[name]), else_=accounts.c[name]).label(name)


PERSON_COLUMNS = (
    accounts.c.id.label("account_id"),
    accounts.c.number,
    accounts.c.kind,
    accounts.c.username,
    accounts.c.upgraded_at,
    accounts.c.updated_at,
    accounts.c.search_status,
    accounts.c.email,
    accounts.c.email_verified,
    accounts.c.first_name,
    accounts.c.middle_name,
    accounts.c.last_name,
    accounts.c.firm_name,
    accounts.c.phone,
    accounts.c.street,
    accounts.c.city,
    accounts.c.state,
    accounts.c.postal_code,
    accounts.c.country,
    accounts.c.firm_number,
    _in_force("client_code_required"),
    _in_force("client_code_pattern"),
)
"""A hot statement of a higher feature selects these in its join; `with_firm` makes it."""


def with_firm(source: FromClause) -> Join:
    """A join that has accounts, with the firm of those that are members of one."""
    return source.outerjoin(FIRM, FIRM.c.number == accounts.c.firm_number)


Row = Mapping[Any, Any]
Claims = dict[str, Any]


def profile(row: Row) -> Claims:
    """The `profile` scope's claims (OpenID Connect Core section 5.4).

    The birth date is not among them: no court needs it to know a filer.
    """
    parts = (row["first_name"], row["middle_name"], row["last_name"])
    claims = {
        "name": " ".join(part for part in parts if part) or row["firm_name"],
        "given_name": row["first_name"],
        "middle_name": row["middle_name"],
        "family_name": row["last_name"],
        "preferred_username": row["username"],
        "updated_at": int(row["updated_at"].timestamp()),
    }
    return _given(claims)


def email(row: Row) -> Claims:
    """The `email` scope's claims."""
    return {"email": row["email"], "email_verified": row["email_verified"]}


def phone(row: Row) -> Claims:
    """The `phone` scope's claims; nobody has called the number to see whose it is."""
    if row["phone"] is None:
        return {}
    return {"phone_number": row["phone"], "phone_number_verified": False}


def address(row: Row) -> Claims:
    """The `address` scope's claim: an object (OpenID Connect Core section 5.1.1)."""
    parts = _given(
        {
            "street_address": row["street"],
            "locality": row["city"],
            "region": row["state"],
            "postal_code": row["postal_code"],
            "country": row["country"],
        }
    )
    if not parts:
        return {}
    city = " ".join(part for part in (row["state"], row["postal_code"]) if part)
    last = ", ".join(part for part in (row["city"], city) if part)
    lines = [line for line in (row["street"], last, country_name(row["country"])) if line]
    return {"address": {"formatted": "\n".join(lines), **parts}}


def pacer(row: Row, client_code: str | None) -> Claims:
    """The `pacer` scope's claims: strings, but for the flags."""
    claims = {
        "pacer_account_number": row["number"],
        "pacer_account_type": row["kind"],
        "pacer_upgraded": row["upgraded_at"] is not None,
        "pacer_search_status": row["search_status"],
        "pacer_client_code": client_code,
        "pacer_client_code_required": row["client_code_required"] or None,
        "pacer_client_code_pattern": row["client_code_pattern"],
        "pacer_billing_account": row["firm_number"] or row["number"],
    }
    return _given(claims)


def _given(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None}
