"""Asking for another e-mail address for one's own account (`signon.accounts.email_changes`)."""

from signon.accounts import checks, email_changes
from signon.db import Unit
from signon.errors import InputError
from signon.profile import changes
from signon.profile.changes import Asker
from signon.words.sentences import _


def ask(unit: Unit, asker: Asker, address: str) -> str:
    """Mail a link to the new address and answer it; an earlier link works no more.

    Raises InputError; RefusedError; BusyError after so many mails within an hour.
    """
    own = changes.ready(unit, asker)
    wanted = checks.email(address)
    if wanted == own.account.email:
        raise InputError(_("That is your e-mail address already."), field="email")
    email_changes.ask(
        unit, asker.settings, own.account, wanted, proof=asker.proof, source=asker.source
    )
    return wanted
