"""Whether programs may sign in with the passwords of a firm's members."""

from dataclasses import replace

from signon.accounts import programs
from signon.audit.events import Event
from signon.db import Unit
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.directory import Firm
from signon.signin import cso_sessions
from signon.web.acts import Act
from signon.web.json_bodies import Body

SUBJECT = "programs"


class ProgramPolicy(Body):
    """The rule for all members; a member may still forbid it for the own account."""

    allowed: bool
    """Whether a program may sign in with a member’s username and password."""


def version(_unit: Unit, authority: Authority) -> str:
    """Of the rule as it is: the firm's."""
    return authority.firm.version


def change_policy(unit: Unit, authority: Authority, wanted: ProgramPolicy) -> Firm:
    """Set it; forbidding ends at once what programs are signed in as members."""
    firm, is_allowed = authority.firm, wanted.allowed
    if not programs.allow(unit, firm.id, is_allowed=is_allowed):
        return firm
    ended = 0 if is_allowed else cso_sessions.end_of_members(unit, firm.number)
    change = Change(SUBJECT, before={"allowed": not is_allowed}, after={"allowed": is_allowed})
    changes.record(unit, authority, Event.FIRM_PROGRAMS_CHANGED, change, ended=ended)
    return replace(firm, programs_allowed=is_allowed)


CHANGE = Act("programs", change_policy, done="The rule is set. It holds for every member at once.")
