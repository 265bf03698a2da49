"""Whether programs may sign in with a person's own password: what its holder says."""

from signon.accounts import history, own_data, programs, repudiation
from signon.audit.events import Event
from signon.db import Unit
from signon.profile.changes import Asker
from signon.signin import cso_sessions
from signon.web.acts import Act
from signon.web.json_bodies import Body
from signon.web.preconditions import etag_of

SUBJECT = "programs_allowed"


def allow(unit: Unit, asker: Asker, *, is_allowed: bool) -> None:
    """Set it; forbidding ends what programs are signed in. Raises FrozenError."""
    account = own_data.lock(unit, asker.account.id).account
    repudiation.require_unfrozen(account)
    if not programs.allow(unit, account.id, is_allowed=is_allowed):
        return
    if not is_allowed:
        cso_sessions.end_all(unit, account.id)
    history.record(
        unit,
        account.id,
        SUBJECT,
        Event.PROGRAMS_ALLOWED if is_allowed else Event.PROGRAMS_FORBIDDEN,
        actor=account.id,
        before={SUBJECT: not is_allowed},
        after={SUBJECT: is_allowed},
        source=asker.source,
        proof=asker.proof,
    )
    may = "may sign in with your password again" if is_allowed else "may not sign in any more"
    repudiation.tell(unit, asker.issuer, account, f"Programs {may}.", proof=asker.proof)


class ProgramRulePatch(Body):
    """What the holder of the account says."""

    allowed: bool
    """Whether a program may sign in with the account’s username and password."""


def rule(unit: Unit, asker: Asker) -> programs.Rule:
    """What holds now."""
    return programs.rule_of(unit, asker.account.id)


def version(unit: Unit, asker: Asker) -> str:
    """The entity tag of what holds now."""
    return etag_of(*rule(unit, asker))


def change(unit: Unit, asker: Asker, wanted: ProgramRulePatch) -> programs.Rule:
    """Set it; answers what holds then. Raises FrozenError."""
    allow(unit, asker, is_allowed=wanted.allowed)
    return rule(unit, asker)


def set_rule(unit: Unit, asker: Asker, wanted: str) -> None:
    """As the page's button says it: `allow`, or anything else forbids. Raises FrozenError."""
    allow(unit, asker, is_allowed=wanted == "allow")


CHANGE = Act("program-rule", change)
SET = Act("programs", set_rule, done="The rule for programs is changed.")
