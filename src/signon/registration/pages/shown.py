"""What a step's page shows: what was entered, in the form in which people write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from signon.accounts import entries, passwords
from signon.accounts.entries import Entered
from signon.accounts.user_types import USER_TYPES
from signon.config import Settings
from signon.errors import BusyError, InputError, RefusedError
from signon.registration import steps
from signon.registration.steps import ABOUT, ADDRESS, CHECK, MAIL, SIGN_IN, Step
from signon.web.site import FieldError

TEMPLATES = {
    ABOUT.path: "register_about.html",
    ADDRESS.path: "register_address.html",
    SIGN_IN.path: "register_sign_in.html",
    CHECK.path: "register_check.html",
    MAIL.path: "register_mail.html",
}
BLANK = {
    **dict.fromkeys((*entries.ABOUT, *entries.ADDRESS, *entries.USERNAME), ""),
    "country": "US",
    "user_type": "individual",
}
"""What the fields hold before anybody types."""
RETRY_AFTER = {429: "60", 503: "2"}
"""Seconds, by status."""


def step(
    settings: Settings,
    registration_id: str | None,
    current: Step,
    entered: Entered,
    court_name: str | None,
) -> dict[str, Any]:
    """The values of the step's template."""
    born = _born(entered)
    return {
        "labels": steps.LABELS,
        "number": steps.STEPS.index(current) + 1,
        "action": steps.address(registration_id, current) if registration_id else "/register",
        "registration": registration_id,
        "entered": {**BLANK, **entered, **born.typed},
        "born_in_words": born.in_words,
        "user_types": list(USER_TYPES.items()),
        "rules": passwords.shown(settings.password_policy),
        "words": entries.choose_words({**entered, "username": ""}, court_name).own,
        "hours": round(settings.registration_link_seconds / 3600),
    }


def problems(
    wrong: Sequence[InputError] | RefusedError | BusyError,
) -> tuple[Sequence[FieldError], int]:
    """What is wrong, for the page, and the status that says so."""
    if isinstance(wrong, RefusedError):
        return [FieldError(None, wrong.told)], 429
    if isinstance(wrong, BusyError):
        return [FieldError(None, wrong.sentence)], 503
    return [FieldError(one.field, one.sentence) for one in wrong], 400 if wrong else 200


@dataclass(frozen=True, slots=True)
class _Born:
    typed: Mapping[str, str]
    in_words: str


def _born(entered: Entered) -> _Born:
    """The kept date as it is typed and as nobody can misread it; what is no date stays as it is."""
    try:
        born = date.fromisoformat(entered.get("date_of_birth", ""))
    except ValueError:
        return _Born({}, "")
    typed = {"date_of_birth": f"{born.month}/{born.day}/{born.year}"}
    return _Born(typed, f"{born:%B} {born.day}, {born.year}")
