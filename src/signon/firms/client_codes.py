"""The firm's rule for client codes, which overrides its members' own."""

from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Select, select

from signon.accounts import client_codes, memberships
from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.directory import Firm
from signon.prepared import one
from signon.rest.values import Mask
from signon.signin.demands import Known
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
    firm = _rule(unit, account.firm_number) if account.firm_number else None
    return _holds(firm, account)


def rule_in(known: Known, account: Account) -> ClientCodeRule:
    """The same from what was read by `ASKS`."""
    is_member = account.firm_number is not None
    return _holds(_Rule._make(known(each.name) for each in ASKS) if is_member else None, account)


def _holds(firm: "_Rule | None", account: Account) -> ClientCodeRule:
    if firm and (firm.client_code_required or firm.client_code_pattern):
        set_by = firm.firm_name or account.firm_number
        return ClientCodeRule(bool(firm.client_code_required), firm.client_code_pattern, set_by)
    return client_codes.own_rule(account)


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
    memberships.set_client_codes(unit, firm.id, is_required=is_required, pattern=pattern)
    change = Change(SUBJECT, before=before, after=after)
    changes.record(unit, authority, Event.FIRM_CLIENT_CODES_CHANGED, change)
    return replace(firm, client_code_required=is_required, client_code_pattern=pattern)


CHANGE = Act("rule", change_rule, done="The rule is set; members meet it at their next sign-in.")


class _Rule(NamedTuple):
    client_code_required: bool | None
    client_code_pattern: str | None
    firm_name: str | None


_firm = accounts.alias("firm_of_rule")
ASKS = tuple(
    select(_firm.c[name])
    .where(_firm.c.number == accounts.c.firm_number)
    .correlate(accounts)
    .scalar_subquery()
    .label(f"firm_rule_{name}")
    for name in _Rule._fields
)
"""What a demand asks of the firm of the account, to know which rule holds for it."""


@one(_Rule)
def _rule(number: str) -> Select[bool, str | None, str | None]:
    return select(
        accounts.c.client_code_required, accounts.c.client_code_pattern, accounts.c.firm_name
    ).where(accounts.c.number == number)
