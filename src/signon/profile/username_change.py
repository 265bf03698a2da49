"""Choosing another username: the number stays, and so does everything that hangs on it."""

from signon.accounts import checks, history, own_data, repudiation
from signon.audit.events import Event
from signon.db import Unit
from signon.profile import changes
from signon.profile.changes import Asker, Changed
from signon.words.sentences import _


def change_username(unit: Unit, asker: Asker, username: str) -> Changed:
    """Take the new name, if nobody has it. Raises InputError, RefusedError."""
    own = changes.ready(unit, asker)
    chosen = checks.username(username.strip())
    before, after = changes.differing(own, {"username": chosen})
    if not after:
        return Changed(own)
    changed = own_data.store(unit, own, after)
    history.record(
        unit,
        own.account.id,
        "username",
        Event.USERNAME_CHANGED,
        actor=own.account.id,
        before=before,
        after=after,
        source=asker.source,
        proof=asker.proof,
    )
    told = _("The username was changed.")
    repudiation.tell(unit, asker.issuer, changed.account, told, proof=asker.proof)
    return Changed(changed, ("username",))
