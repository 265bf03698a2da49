"""The firm's rule for client codes, which overrides its members' own."""

from sqlalchemy import bindparam, select, update

from signon.accounts import client_codes
from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.prepared import Prepared

SUBJECT = "client_codes"


def rule_of(unit: Unit, account: Account) -> ClientCodeRule:
    """The rule that holds for an account: its firm's, if that has one, else its own."""
    if account.firm_number is not None:
        row = unit.row(_RULE, {"firm": account.firm_number})
        if row and (row["client_code_required"] or row["client_code_pattern"]):
            return ClientCodeRule(
                row["client_code_required"],
                row["client_code_pattern"],
                row["firm_name"] or row["number"],
            )
    return client_codes.own_rule(unit, account)


def change_rule(unit: Unit, authority: Authority, *, is_required: bool, pattern: str) -> None:
    """Set the rule; members meet it at their next sign-in. Raises InputError for the pattern.

    The authority must hold the firm's lock.
    """
    firm = authority.firm
    after = {"required": is_required, "pattern": client_codes.checked_pattern(pattern)}
    before = {"required": firm.client_code_required, "pattern": firm.client_code_pattern}
    if before == after:
        return
    values = {"firm": firm.id, "required": is_required, "as": after["pattern"], "now": unit.now}
    unit.execute(_CHANGE, values)
    change = Change(SUBJECT, before=before, after=after)
    changes.record(unit, authority, Event.FIRM_CLIENT_CODES_CHANGED, change)


_CHANGE = (
    update(accounts)
    .where(accounts.c.id == bindparam("firm"))
    .values(
        client_code_required=bindparam("required"),
        client_code_pattern=bindparam("as"),
        updated_at=bindparam("now"),
    )
)
_RULE = Prepared(
    select(
        accounts.c.client_code_required,
        accounts.c.client_code_pattern,
        accounts.c.firm_name,
        accounts.c.number,
    ).where(accounts.c.number == bindparam("firm"))
)
