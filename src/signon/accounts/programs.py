"""Whether programs may sign in with an account's password (docs/decisions/0029).

Its holder may forbid it, and the firm that it is a member of. Accounts that never search have no
use for it: a firm's administrative account, an operator's. Whatever programs use joins this rule
(`are_allowed`), so that forbidding ends at once what there is.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, Update, and_, select, update

from signon.accounts.models import accounts
from signon.accounts.search import SEARCHING_KINDS
from signon.db import Unit
from signon.prepared import change, constants, given, one, value

_firm = accounts.alias("firm_of_programs")
_FIRM_FORBIDS = (
    select(_firm.c.id)
    .where(_firm.c.number == accounts.c.firm_number, ~_firm.c.programs_allowed)
    .correlate(accounts)
    .exists()
)


def are_allowed() -> ColumnElement[bool]:
    """The condition on a row of `accounts`, for the statements of higher features."""
    searches = accounts.c.kind.in_(constants(*SEARCHING_KINDS))
    return and_(accounts.c.programs_allowed, searches, ~_FIRM_FORBIDS)


class Rule(NamedTuple):
    """What the account's holder has said, and whether the firm allows it."""

    own: bool
    firm: bool


def rule_of(unit: Unit, account_id: str) -> Rule:
    """The rule of an account that is known to be there."""
    found = _rule(unit, account_id)
    assert found is not None
    return found


def are_forbidden(unit: Unit, account_id: str) -> bool:
    """Whether no password of the account is right for a program; nobody's account has none."""
    return _allowed(unit, account_id) is None


def allow(unit: Unit, account_id: str, *, is_allowed: bool) -> bool:
    """Set it for an account, or for a firm's members; False when it was so already."""
    return _allow(unit, account_id, is_allowed, unit.now) == 1


@one(Rule)
def _rule(account_id: str) -> Select[bool, bool]:
    own = accounts.c.programs_allowed.label("own")
    found = select(own, (~_FIRM_FORBIDS).label("firm"))
    return found.where(accounts.c.id == account_id)


@value
def _allowed(account_id: str) -> Select[str]:
    return select(accounts.c.id).where(accounts.c.id == account_id, are_allowed())


@change
def _allow(account_id: str, is_allowed: bool, now: datetime) -> Update:
    other = accounts.c.programs_allowed != given(is_allowed)
    found = update(accounts).where(accounts.c.id == account_id, other)
    return found.values(programs_allowed=is_allowed, updated_at=now)
