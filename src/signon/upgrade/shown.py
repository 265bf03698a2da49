"""What the pages of the upgrade show: values, words around a password, rows, and the ways out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from signon.accounts import passwords, repudiation
from signon.accounts.checks import SHORTEST_USERNAME
from signon.accounts.models import AccountKind
from signon.accounts.passwords import Words
from signon.accounts.places import country_name
from signon.accounts.user_types import USER_TYPES
from signon.courts.registry import Court
from signon.journeys.store import Journey, JourneyKind
from signon.upgrade import conditions
from signon.upgrade.entered import STEPS, Step
from signon.upgrade.steps import Seen, leads_to_court
from signon.web.dates import day_in_words
from signon.web.site import telephone
from signon.words.sentences import _

LABELS: Mapping[Step, str] = {
    Step.PERSON: _("About you"),
    Step.ADDRESS: _("Address"),
    Step.FIRM: _("About the firm"),
    Step.SECURITY: _("Username and password"),
    Step.CONFIRM: _("Confirm"),
}
Action = Mapping[str, str]
HEADINGS: Mapping[str, tuple[str, str, Sequence[Action]]] = {
    conditions.NOTHING_TO_DO: ("success", _("Your account needs no upgrade"), ()),
    conditions.SHARED: (
        "warning",
        _("A shared account cannot be upgraded"),
        ({"label": _("Register an account of your own"), "href": "/register"},),
    ),
    repudiation.FROZEN: ("error", _("Your account cannot be upgraded now"), ()),
}
"""What a refused person's page looks like: its kind, its heading, and what leads on."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody came from: `on` goes on with it, `back` leaves it as it is."""

    label: str
    on: str
    back: str


def way(journey: Journey | None, court: Court | None) -> Way:
    """The way out of the upgrade, whoever sent the person."""
    back = (journey and journey.return_to) or (court.cmecf_url if court else None)
    if journey and journey.kind is JourneyKind.LINK:
        return Way(_("Link your filing login"), journey.resume_path, back or "/")
    if journey and leads_to_court(journey):
        return Way(_("Go on where you were"), journey.resume_path, back or "/")
    if back:
        return Way(_("Return to the court") if court else _("Return"), back, back)
    return Way(_("Your account"), "/account", "/account")


def labels(kind: AccountKind) -> list[str]:
    """The steps' names, as the indicator shows them."""
    return [*(LABELS[step] for step in STEPS[kind]), _("Done")]


def words(seen: Seen, username: str, court: Court | None) -> Words:
    """What may not be the password of this person under that username."""
    assert seen.session is not None
    assert seen.particulars is not None
    account, one = seen.session.account, seen.particulars
    email = seen.entered.parts.get(Step.PERSON, {}).get("email", account.email)
    return passwords.words_of(
        username=username or account.username,
        email=email,
        names=(one.first_name, one.middle_name, one.last_name, account.firm_name),
        place=(court.id, court.name) if court else (),
    )


def values(seen: Seen, step: Step) -> dict[str, Any]:
    """What a step's form holds when it is opened: entered before, else what the account says."""
    assert seen.session is not None
    assert seen.particulars is not None
    account = seen.session.account
    found = {name: value or "" for name, value in seen.particulars.columns().items()}
    if step is Step.SECURITY:
        is_fit = len(seen.particulars.username) >= SHORTEST_USERNAME
        return {"username": seen.particulars.username if is_fit else ""}
    found["email"] = seen.entered.parts.get(Step.PERSON, {}).get("email", account.email)
    found["country"] = country_name(found["country"] or "US")
    born = seen.particulars.date_of_birth
    return {**found, "date_of_birth": _american(born) if born else ""}


def rows(seen: Seen, addresses: Mapping[Step, str]) -> list[dict[str, Any]]:
    """The groups of facts to confirm: heading, rows, where to change them."""
    assert seen.session is not None
    account = seen.session.account
    one = values(seen, Step.CONFIRM)
    security: list[tuple[str, Any]] = [
        (_("Username"), seen.entered.parts.get(Step.SECURITY, {}).get("username", ""))
    ]
    security.append((_("Password"), _("As you chose it")))
    day = seen.particulars.date_of_birth if seen.particulars else None
    # in words, so that day and month are not mistaken for each other before they are permanent
    born = day_in_words(day) if day else ""
    town = " ".join(part for part in (one["state"], one["postal_code"]) if part)
    groups: dict[Step, list[tuple[str, Any]]] = {
        Step.PERSON: [
            (_("Name"), " ".join(filter(None, map(str, _names(one))))),
            (_("Date of birth"), born),
            (_("E-mail"), one["email"]),
            (_("User type"), USER_TYPES.get(one["user_type"], "")),
        ],
        Step.ADDRESS: [
            (_("Address"), [one["street"], f"{one['city']}, {town}", country_name(one["country"])]),
            (_("County"), one["county"]),
            (_("Phone"), telephone(one["phone"])),
        ],
        Step.FIRM: [
            (_("Firm"), account.firm_name),
            (_("Administrator’s date of birth"), born),
            (_("County"), one["county"]),
        ],
        Step.SECURITY: security,
    }
    return [
        {"heading": LABELS[step], "rows": groups[step], "href": addresses[step]}
        for step in STEPS[account.kind][:-1]
    ]


def _names(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return one["first_name"], one["middle_name"], one["last_name"]


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"
