"""A change of one's own account: what a program sends, or one of the account's forms."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field

from signon.accounts import email_changes, own_data, search
from signon.accounts.client_codes import ClientCodeRule, RuleOf
from signon.accounts.models import SearchStatus
from signon.accounts.own_data import OwnData
from signon.db import Unit
from signon.profile import changes, client_code_rule, email_change, username_change
from signon.profile.changes import ADDRESS, Asker
from signon.signin.acting import Needs
from signon.web.acts import Act
from signon.web.json_bodies import Body
from signon.web.preconditions import etag_of
from signon.words.sentences import _

SENSITIVE = frozenset({"first_name", "middle_name", "last_name", "firm_name", "user_type",
                       "email", "username"})  # fmt: skip
"""These want a recent sign-in, as on the pages."""


class AddressPatch(Body):
    """Lines of the postal address; those that are left out stay."""

    street: str | None = Field(None, examples=["1 Court Square"])
    """House number and street."""
    city: str | None = Field(None, examples=["San Diego"])
    """The city or town."""
    state: str | None = Field(None, examples=["CA"])
    """The state or territory, as the post writes it."""
    postal_code: str | None = Field(None, examples=["92101"])
    """The ZIP code."""
    county: str | None = Field(None, examples=["San Diego"])
    """The county, where letters name one."""
    country: str | None = Field(None, examples=["US"])
    """The country, as ISO 3166-1 writes it."""


class ClientCodeRulePatch(Body):
    """What sign-ins shall demand of client codes; what is left out stays, a null pattern ends it."""

    required: bool | None = Field(None, examples=[True])
    """Whether a sign-in asks for a client code."""
    pattern: str | None = Field(None, examples=["##-####"])
    """The mask that codes must fit: `#` a digit, `A` a letter, `?` any character, `*` at the end
    the rest.
    """


class MePatch(Body):
    """What may be changed; what is left out stays. `email` waits for its confirmation by mail.

    The password, the date of birth and the kind of account cannot be changed here.
    """

    first_name: str | None = Field(None, examples=["Ada"])
    """A person’s first name."""
    middle_name: str | None = Field(None, examples=["B."])
    """A person’s middle name or names."""
    last_name: str | None = Field(None, examples=["Attorney"])
    """A person’s last name."""
    firm_name: str | None = Field(None, examples=["Attorney & Daughters"])
    """A firm’s name; people have none."""
    user_type: str | None = Field(None, examples=["attorney"])
    """What the account is used for, as registering asks it."""
    email: str | None = Field(None, examples=["ada@example.org"])
    """The new address; it waits for its confirmation by mail."""
    username: str | None = Field(None, examples=["ada.attorney"])
    """The name to sign in with."""
    phone: str | None = Field(None, examples=["+1 619 555 0100"])
    """A telephone number, as it is dialled."""
    address: AddressPatch | None = None
    """The lines of the postal address that change."""
    client_code_rule: ClientCodeRulePatch | None = None
    """What sign-ins shall demand of client codes."""

    @property
    def is_sensitive(self) -> bool:
        """Whether a recent sign-in is needed."""
        return bool(SENSITIVE & self.model_fields_set)


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own account as things stand, with what its version depends on too."""

    own: OwnData
    pending_email: str | None
    rule: ClientCodeRule
    is_new: bool = False
    """Whether something differs from what stood there before."""

    @property
    def version(self) -> str:
        """The entity tag."""
        return etag_of(self.own.version, self.pending_email, self.rule)


def mine(unit: Unit, asker: Asker, rule_of: RuleOf) -> Mine:
    """What is there now."""
    own = own_data.find(unit, asker.account.id)
    waiting = email_changes.pending(unit, own.account.id)
    return Mine(own, waiting.new_email if waiting else None, rule_of(unit, own.account))


def version(unit: Unit, asker: Asker, rule_of: RuleOf) -> str:
    """The entity tag of what is there now; whoever asks holds the account."""
    return mine(unit, asker, rule_of).version


def change(
    unit: Unit, asker: Asker, rule_of: RuleOf, wanted: MePatch, version: str | None = None
) -> Mine:
    """Change each subject that is named; the first no undoes all.

    With a `version` only what somebody saw is changed. Raises RefusedError, InputError,
    MeanwhileError.
    """
    if version is not None:
        changes.require_version(unit, asker, version)
    is_new = _change(unit, asker, wanted, rule_of)
    return replace(mine(unit, asker, rule_of), is_new=is_new)


CHANGE = Act("change", change)
CHANGE_FRESHLY = replace(CHANGE, needs=Needs.FRESH)


def act_for(wanted: MePatch) -> Act[Asker, ..., Mine]:
    """What may change that."""
    return CHANGE_FRESHLY if wanted.is_sensitive else CHANGE


def restore_search(unit: Unit, asker: Asker, rule_of: RuleOf) -> Mine:
    """Make a case search active that rested; asked twice, the second time changes nothing.

    Raises RefusedError (`search_stays_off`, `frozen`).
    """
    if own_data.lock(unit, asker.account.id).search_status == SearchStatus.INACTIVE:
        search.restore(unit, asker.account)
    return mine(unit, asker, rule_of)


RESTORE_SEARCH = Act("search", restore_search, done=_("Your case search is active."))


def _change(unit: Unit, asker: Asker, wanted: MePatch, rule_of: RuleOf) -> bool:
    given = wanted.model_dump(exclude_unset=True)
    address = given.pop("address", None) or {}
    done = []
    for subject, fields in (
        ("name", _named(asker, given)),
        ("phone", {name: given[name] for name in ("phone",) if name in given}),
        ("address", {name: address[name] for name in ADDRESS if name in address}),
    ):
        if fields:
            done += [changes.change(unit, asker, subject, _whole(unit, asker, subject, fields))]
    if rule := given.pop("client_code_rule", None):
        account = asker.account
        required = rule.get("required")
        done += [
            client_code_rule.change_rule(
                unit,
                asker,
                rule_of,
                is_required=account.client_code_required if required is None else required,
                pattern=rule.get("pattern", account.client_code_pattern) or "",
            )
        ]
    if "username" in given:
        done += [username_change.change_username(unit, asker, given["username"] or "")]
    if "email" in given:
        email_change.ask(unit, asker, given["email"] or "")
    return "email" in given or any(one.fields for one in done)


def _named(asker: Asker, given: dict[str, Any]) -> dict[str, Any]:
    """The parts of a name; a person has no firm's, and a firm no person's."""
    parts = {name: given[name] for name in (*changes.PERSON, *changes.FIRM) if name in given}
    fitting = changes.name_fields(asker.account)
    for name in parts:
        if name not in fitting:
            raise changes.no_such_field(name)
    return parts


def _whole(unit: Unit, asker: Asker, subject: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A part of an address or name beside what stands there, because together they must do."""
    own = own_data.find(unit, asker.account.id)
    names = {"name": changes.name_fields(own.account), "address": ADDRESS}.get(subject, ())
    return {name: own.value(name) for name in names} | fields
