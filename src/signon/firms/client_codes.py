"""The firm's rule for client codes, which overrides its members' own."""

from dataclasses import replace

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
from signon.firms.directory import Firm
from signon.prepared import Prepared
from signon.rest.values import Mask
from signon.web.acts import Act
from signon.web.json_bodies import Body

SUBJECT = "client_codes"


class ClientCodePolicy(Body):
    """The rule for the client codes of all members."""

    required: bool
    """Whether a member’s sign-in asks for a client code."""
    pattern: Mask


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


def version(_unit: Unit, authority: Authority) -> str:
    """Of the rule as it is: the firm's."""
    return authority.firm.version


def change_rule(unit: Unit, authority: Authority, wanted: ClientCodePolicy) -> Firm:
    """Set the rule; members meet it at their next sign-in. Raises InputError for the pattern."""
    firm, is_required = authority.firm, wanted.required
    pattern = client_codes.checked_pattern(wanted.pattern or "")
    after = {"required": is_required, "pattern": pattern}
    before = {"required": firm.client_code_required, "pattern": firm.client_code_pattern}
    if before == after:
        return firm
    values = {"firm": firm.id, "required": is_required, "as": pattern, "now": unit.now}
    unit.execute(_CHANGE, values)
    change = Change(SUBJECT, before=before, after=after)
    changes.record(unit, authority, Event.FIRM_CLIENT_CODES_CHANGED, change)
    return replace(firm, client_code_required=is_required, client_code_pattern=pattern)


CHANGE = Act("rule", change_rule, done="The rule is set; members meet it at their next sign-in.")


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
