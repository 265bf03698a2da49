"""A change of one's own account as a program sends it: several subjects, all or none."""

from typing import Any

from signon.accounts import own_data
from signon.accounts.client_codes import RuleOf
from signon.db import Unit
from signon.errors import Refusal
from signon.profile import changes, client_code_rule, email_change, username_change
from signon.profile.changes import ADDRESS, Asker, Changed
from signon.web.json_bodies import Body
from signon.web.problems import refused

SENSITIVE = frozenset({"first_name", "middle_name", "last_name", "firm_name", "user_type",
                       "email", "username"})  # fmt: skip
"""These want a recent sign-in, as on the pages."""


class AddressPatch(Body):
    """Lines of the postal address; those that are left out stay."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    county: str | None = None
    country: str | None = None


class ClientCodeRulePatch(Body):
    """What sign-ins shall demand of client codes; what is left out stays, a null pattern ends it."""

    required: bool | None = None
    pattern: str | None = None


class MePatch(Body):
    """What may be changed; what is left out stays. `email` waits for its confirmation by mail.

    The password, the date of birth and the kind of account cannot be changed here.
    """

    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    firm_name: str | None = None
    user_type: str | None = None
    email: str | None = None
    username: str | None = None
    phone: str | None = None
    address: AddressPatch | None = None
    client_code_rule: ClientCodeRulePatch | None = None

    @property
    def is_sensitive(self) -> bool:
        """Whether a recent sign-in is needed."""
        return bool(SENSITIVE & self.model_fields_set)


def patch(unit: Unit, asker: Asker, wanted: MePatch, rule_of: RuleOf) -> None:
    """Change each subject that is named; the first no undoes all. Raises ApiError, InputError."""
    given = wanted.model_dump(exclude_unset=True)
    address = given.pop("address", None) or {}
    for subject, fields in (
        ("name", _named(unit, asker, given)),
        ("phone", {name: given[name] for name in ("phone",) if name in given}),
        ("address", {name: address[name] for name in ADDRESS if name in address}),
    ):
        if fields:
            _require(changes.change(unit, asker, subject, _whole(unit, asker, subject, fields)))
    if rule := given.pop("client_code_rule", None):
        account = own_data.find(unit, asker.account_id).account
        required = rule.get("required")
        done = client_code_rule.change_rule(
            unit,
            asker,
            rule_of,
            is_required=account.client_code_required if required is None else required,
            pattern=rule.get("pattern", account.client_code_pattern) or "",
        )
        _require(done)
    if "username" in given:
        _require(username_change.change_username(unit, asker, given["username"] or ""))
    if "email" in given:
        _require(email_change.ask(unit, asker, given["email"] or ""))


def _named(unit: Unit, asker: Asker, given: dict[str, Any]) -> dict[str, Any]:
    """The parts of a name; a person has no firm's, and a firm no person's."""
    parts = {name: given[name] for name in (*changes.PERSON, *changes.FIRM) if name in given}
    if not parts:
        return {}
    fitting = changes.name_fields(own_data.find(unit, asker.account_id))
    for name in parts:
        if name not in fitting:
            raise changes.no_such_field(name)
    return parts


def _whole(unit: Unit, asker: Asker, subject: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A part of an address or name beside what stands there, because together they must do."""
    own = own_data.find(unit, asker.account_id)
    names = {"name": changes.name_fields(own), "address": ADDRESS}.get(subject, ())
    return {name: own.value(name) for name in names} | fields


def _require(done: Changed | str | Refusal) -> None:
    if isinstance(done, Refusal):
        raise refused(done, status=403)
