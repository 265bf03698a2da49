"""What a court chooses about filing rights, read with the roles and registration types in mind.

`courts.policy` keeps the texts; what they mean is here, for pages, commands and programs alike.
"""

from collections.abc import Mapping
from datetime import datetime

from signon.courts import changes, policy
from signon.courts.changes import Changed
from signon.courts.go_live import Announcement
from signon.courts.registry import Court, CourtStatus, CourtType, read_one
from signon.courts.setting import Kind
from signon.db import Unit
from signon.errors import InputError
from signon.filing.registration_types import REGISTRATION_TYPES, RegistrationType, TypeRow
from signon.filing.roles import ROLES, Form, Role, RoleRow, in_order, of_court
from signon.words.sentences import _, together

NONE = "none"
RETURNED_DAYS = tuple(map(int, policy.SETTINGS["returned_days"].choices))
"""The choices of a court for `returned_days`."""
REVIEW = "review"
OFF = "off"


def offered_roles(court: Court) -> tuple[Role, ...]:
    """The roles that a court gives: those of its type, unless it named some of them."""
    kind = of_court(court.type)
    if court.policy.roles is None:
        return kind
    named = in_order(listed(court.policy.roles))
    return tuple(role for role in kind if role in named)


def offered_types(court: Court) -> tuple[RegistrationType, ...]:
    """The registration types that a court has switched on and can decide with its roles."""
    text = court.policy.registrations
    named = None if text is None else set(listed(text))
    forms = {ROLES[role].form for role in offered_roles(court)}
    return tuple(
        kind
        for kind, row in REGISTRATION_TYPES.items()
        if (named is None or kind in named) and row.form in forms
    )


def asked_by(court: Court, form: Form) -> tuple[Role, ...]:
    """The offered roles that one of the two forms asks for."""
    return tuple(role for role in offered_roles(court) if ROLES[role].form is form)


def needs_training(court: Court, role: Role) -> bool:
    """Whether the court wants a certificate from whoever is to hold this role."""
    text = court.policy.training
    return ROLES[role].training if text is None else role in listed(text)


def reviews_names(court: Court) -> bool:
    """Whether a link under another name waits for the court instead of being made."""
    return court.policy.name_mismatch == REVIEW


def may_prepare(court: Court, now: datetime) -> bool:
    """Whether filers may prove their legacy login though the court is not live yet."""
    return court.status(now) is CourtStatus.SCHEDULED and court.policy.prepare != OFF


def has_agents(court: Court) -> bool:
    """Whether somebody may file for somebody else there: the table of roles and the court say so."""
    return Role.FILING_AGENT in offered_roles(court) and court.policy.agents != "off"


def reviews_second_logins(court: Court) -> bool:
    """Whether a person's second login waits for the court instead of being folded into the right."""
    return court.policy.second_login == REVIEW


def returned_days(court: Court) -> int:
    """For how long a returned registration is kept that nobody works on."""
    return int(court.policy.returned_days or policy.SETTINGS["returned_days"].usual or 0)


def epoc_url(court: Court) -> str | None:
    """Where a creditor files a proof of claim without any login, at courts that take claims."""
    return court.policy.epoc_url if court.type is CourtType.BANKRUPTCY else None


def change(
    unit: Unit,
    court_id: str,
    *,
    actor: str,
    go_live: Announcement | None = None,
    values: Mapping[str, str] | None = None,
) -> Changed:
    """`courts.changes.change`, with names of roles and types checked against this court.

    Raises NotFoundError, InputError.
    """
    court = read_one(unit, court_id)
    given = values or {}
    for name, setting in policy.SETTINGS.items():
        if setting.is_list:
            _check_names(name, given.get(name, ""), table(court, setting.kind))
    if given.get("agents") == "on" and Role.FILING_AGENT not in of_court(court.type):
        kind = court.type.replace("_", " ")
        raise InputError(f"agents: a {kind} court has no filing agents.", field="agents")
    return changes.change(unit, court.id, actor=actor, go_live=go_live, values=given)


def table(court: Court, kind: Kind) -> Mapping[str, RoleRow | TypeRow]:
    """What a list of this kind can name at a court, each name with its row."""
    if kind is Kind.ROLES:
        return {role.value: ROLES[role] for role in of_court(court.type)}
    return {name.value: row for name, row in REGISTRATION_TYPES.items()}


def listed(text: str) -> list[str]:
    """The names in a policy's list; none in `none`."""
    names = [name.strip() for name in text.split(",")]
    return [name for name in names if name and name != NONE]


def _check_names(name: str, text: str, known: Mapping[str, object]) -> None:
    unknown = [one for one in listed(text) if one not in known]
    if unknown:
        raise InputError(
            f"{name}: {unknown[0][:40]!r} is none of this court's: {', '.join(known)}.",
            field=name,
        )


def help_desk(court: Court) -> str:
    """Whom to turn to at a court."""
    policy = court.policy
    ways = [way for way in (policy.help_phone, policy.help_email) if way]
    if not ways:
        return _("the court’s CM/ECF help desk")
    return _("the court’s CM/ECF help desk, {ways}", ways=together(*ways, by=", "))
