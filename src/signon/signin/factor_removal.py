"""Taking a factor away, unless the account must keep one."""

from collections.abc import Callable

from signon.accounts import history
from signon.accounts.directory import Account
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import Refusal
from signon.signin import enrolment, factors
from signon.signin.models import AuthenticatorKind
from signon.signin.session import Session

MustHave = Callable[[Unit, Account], bool]
"""Whether an account must have a second factor; higher features know."""


class Removals:
    """The rule, with what it has to know of the account."""

    def __init__(self, settings: Settings, must_have: MustHave) -> None:
        self._settings = settings
        self._must_have = must_have

    def remove(self, unit: Unit, session: Session, authenticator_id: str) -> Refusal | None:
        """Remove it and tell the owner. Raises NotFoundError.

        Recovery codes go with the last app and passkey: they are there for losing those.
        """
        account = session.account
        found = factors.of(unit, account.id)
        others = [one for one in found.authenticators if one.id != authenticator_id]
        if not others and self._must_have(unit, account):
            return Refusal(
                "last_factor",
                "Your account must have a second factor, and this is its last one.",
                "Add another app or passkey first, then remove this one.",
            )
        removed = factors.remove(unit, account.id, authenticator_id)
        if not others:
            factors.remove_codes(unit, account.id)
        factors.note(unit, account.id)
        what = "passkey" if removed.kind is AuthenticatorKind.PASSKEY else "authenticator app"
        history.record(
            unit,
            account.id,
            "factor",
            Event.FACTOR_REMOVED,
            actor=account.id,
            before={removed.kind.value: removed.nickname},
        )
        enrolment.tell(
            unit, self._settings, session, f"The {what} “{removed.nickname}” was removed."
        )
        return None
