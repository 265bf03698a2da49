"""What a person demands of their own client codes: whether there must be one, and its form."""

from signon.accounts import client_codes, history, own_data, repudiation
from signon.accounts.client_codes import RuleOf
from signon.accounts.search import SEARCHING_KINDS
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.profile import changes
from signon.profile.changes import Asker, Changed
from signon.words.sentences import _

FIELDS = ("client_code_required", "client_code_pattern")


def change_rule(
    unit: Unit, asker: Asker, rule_of: RuleOf, *, is_required: bool, pattern: str
) -> Changed:
    """Set both; the next sign-in asks for a code that fits. Raises InputError, RefusedError."""
    own = changes.ready(unit, asker)
    if own.account.kind not in SEARCHING_KINDS:
        raise changes.no_such_field("client_code")
    if set_by := rule_of(unit, own.account).set_by:
        raise RefusedError(
            "client_code_of_firm",
            _("{set_by} sets the rule for your client codes.", set_by=set_by),
            _("Ask its administrators, or leave the firm."),
        )
    wanted = {
        "client_code_required": is_required,
        "client_code_pattern": client_codes.checked_pattern(pattern),
    }
    before, after = changes.differing(own, wanted)
    if not after:
        return Changed(own)
    changed = own_data.store(unit, own, after)
    history.record(
        unit,
        own.account.id,
        "client_code",
        Event.PROFILE_CHANGED,
        actor=own.account.id,
        before=before,
        after=after,
        source=asker.source,
        proof=asker.proof,
    )
    told = _("The rule for client codes was changed.")
    repudiation.tell(unit, asker.issuer, changed.account, told, proof=asker.proof)
    return Changed(changed, tuple(after))
