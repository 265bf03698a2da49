"""Naming a factor anew and taking it away, unless the account must keep one."""

from collections.abc import Callable

from signon.accounts import directory, history, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError
from signon.signin import factors
from signon.signin.models import AuthenticatorKind
from signon.web.visitor import Source
from signon.words.sentences import _

MustHave = Callable[[Unit, Account], bool]
"""Whether an account must have a second factor; higher features know."""
SUBJECT = "factor"


class Removals:
    """The rules, with what they have to know of the account."""

    def __init__(self, settings: Settings, must_have: MustHave) -> None:
        self._settings = settings
        self._must_have = must_have

    def remove(
        self, unit: Unit, account_id: str, authenticator_id: str, *, proof: Proof, source: Source
    ) -> None:
        """Remove it and tell the owner. Raises NotFoundError, FrozenError, RefusedError (`last_factor`).

        Recovery codes go with the last app and passkey: they are there for losing those.
        """
        # locked: of two removals at once the second sees what the first has left
        account = directory.locked(unit, account_id)
        assert account is not None
        repudiation.require_unfrozen(account)
        found = factors.of(unit, account_id)
        others = [one for one in found.authenticators if one.id != authenticator_id]
        if len(others) == len(found.authenticators):
            raise factors.unknown()
        if not others and self._must_have(unit, account):
            raise RefusedError(
                "last_factor",
                _("Your account must have a second factor, and this is its last one."),
                _("Add another app or passkey first, then remove this one."),
            )
        removed = factors.remove(unit, account_id, authenticator_id)
        if not others:
            factors.remove_codes(unit, account_id)
        factors.note(unit, account_id)
        is_passkey = removed.kind is AuthenticatorKind.PASSKEY
        history.record(
            unit,
            account_id,
            SUBJECT,
            Event.FACTOR_REMOVED,
            actor=account_id,
            before={removed.kind.value: removed.nickname, "id": removed.id},
            source=source,
            proof=proof,
        )
        told = _("A passkey was removed.") if is_passkey else _("An authenticator app was removed.")
        repudiation.tell(unit, self._settings.issuer, account, told, proof=proof)
