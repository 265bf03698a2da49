"""Changing what an account says about its holder: name, address, phone.

Every change locks the account, is refused while it is frozen or must be upgraded first, is kept
with before and after, and is told to the account's address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from signon.accounts import checks, entries, history, own_data, repudiation
from signon.accounts.directory import Account
from signon.accounts.entries import Check, Entered
from signon.accounts.history import Proof
from signon.accounts.models import AccountKind
from signon.accounts.own_data import OwnData
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.web.visitor import Source
from signon.words.sentences import _

Wanted = Mapping[str, str | None]
LEGACY = "account_not_upgraded"

PERSON = ("first_name", "middle_name", "last_name", "user_type")
FIRM = ("firm_name",)
ADDRESS = ("street", "city", "state", "postal_code", "county", "country")
PHONE = ("phone",)
WORDS = {"name": _("The name"), "address": _("The postal address"), "phone": _("The phone number")}
"""What each subject is called in a mail."""


class MeanwhileError(RefusedError):
    """What was to be changed is not any more what somebody saw."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__("changed_meanwhile", sentence, next_step)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is at their own account: proved with what, and from where."""

    account: Account
    settings: Settings
    proof: Proof
    source: Source

    @property
    def issuer(self) -> str:
        """Where the links of mails begin."""
        return self.settings.issuer


@dataclass(frozen=True, slots=True)
class Changed:
    """The account after a change; `fields` are those that differ, none when nothing was new."""

    own: OwnData
    fields: tuple[str, ...] = field(default=())


def name_fields(account: Account) -> tuple[str, ...]:
    """What the account's name consists of."""
    return FIRM if account.kind is AccountKind.FIRM else PERSON


def change(unit: Unit, asker: Asker, subject: str, wanted: Wanted) -> Changed:
    """Change the fields of one subject (`name`, `address`, `phone`).

    Raises RefusedError, InputError for the first field that cannot be used; a page asks `problems`
    before.
    """
    own = ready(unit, asker)
    tidy = checked(wanted)
    before, after = differing(own, tidy)
    if not after:
        return Changed(own)
    account = own.account
    changed = own_data.store(unit, own, after)
    history.record(
        unit,
        account.id,
        subject,
        Event.PROFILE_CHANGED,
        actor=account.id,
        before=before,
        after=after,
        source=asker.source,
        proof=asker.proof,
    )
    told = _("{subject} was changed.", subject=WORDS[subject])
    repudiation.tell(unit, asker.issuer, account, told, proof=asker.proof)
    return Changed(changed, tuple(after))


def ready(unit: Unit, asker: Asker) -> OwnData:
    """The account, locked and free to be changed. Raises RefusedError."""
    own = own_data.lock(unit, asker.account.id)
    if refusal := refuse(own):
        raise refusal
    return own


def require_version(unit: Unit, asker: Asker, version: str) -> None:
    """Raises MeanwhileError when the account is not what somebody saw, and as `ready` does."""
    if ready(unit, asker).version != version:
        raise MeanwhileError(
            _("Your account was changed since this page was opened, perhaps in another tab."),
            _("Nothing was saved. Look at what stands there now, then save again."),
        )


def refuse(own: OwnData) -> RefusedError | None:
    """Why nothing about this account may be changed by its holder now, or None."""
    if own.account.is_legacy:
        return RefusedError(
            LEGACY,
            _("Yours is a legacy PACER account. It must be upgraded before anything is changed."),
            _(
                "Upgrade it: that takes a few minutes, once, and asks for what you wanted to change."
            ),
        )
    return repudiation.refuse_frozen(own.account)


def problems(subject: str, wanted: Wanted) -> list[InputError]:
    """Everything that is wrong with what somebody typed, field by field."""
    return _looked_at(wanted)[1] if subject in WORDS else []


def checked(wanted: Wanted) -> dict[str, str | None]:
    """The tidy values. Raises InputError for the first that cannot be used."""
    tidy, wrong = _looked_at(wanted)
    for problem in wrong:
        raise problem
    return {name: text or None for name, text in tidy.items()}


def no_such_field(name: str) -> InputError:
    """A person has no firm's name, and a firm no person's."""
    return InputError(
        _("Your kind of account has no {field}.", field=checks.field_name(name)), field=name
    )


def differing(own: OwnData, tidy: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of the fields that are not what they were."""
    new = {name: value for name, value in tidy.items() if value != own.value(name)}
    return {name: own.value(name) for name in new}, new


def _looked_at(wanted: Wanted) -> tuple[dict[str, str], list[InputError]]:
    """By the rules of registering, so that nobody can change to what nobody can begin with."""
    typed = {name: text or "" for name, text in wanted.items()}
    rules = {name: check for name, check in _CHECKS.items() if name in wanted}
    return entries.checked(rules, typed, date.min)


def _firm_name(text: str, _typed: Entered, _today: date) -> str:
    tidy = checks.name(text, "firm_name", 200)
    if tidy is None:
        raise InputError(_("Enter the name of the firm."), field="firm_name")
    return tidy


def _user_type(text: str, typed: Entered, today: date) -> str | None:
    """Accounts that an operator made need not have one."""
    return entries.ABOUT["user_type"](text, typed, today) if text else None


_CHECKS: Mapping[str, Check] = {
    **{name: entries.ABOUT[name] for name in PERSON},
    **entries.ADDRESS,
    "firm_name": _firm_name,
    "user_type": _user_type,
}
