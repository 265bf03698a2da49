"""The firm's rule for client codes, which overrides its members' own."""

from sqlalchemy import bindparam, update

from signon.accounts import client_codes
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change

SUBJECT = "client_codes"


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
