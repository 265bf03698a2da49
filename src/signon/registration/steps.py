"""The steps of a registration in their order, and which one comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from signon.accounts import entries
from signon.accounts.entries import Check, Entered


@dataclass(frozen=True, slots=True)
class Step:
    """A step: the last part of its address, its name for people, and what it asks for."""

    path: str
    label: str
    checks: Mapping[str, Check] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """Without these the step has not been taken."""


ABOUT = Step("about", "About you", entries.ABOUT, ("first_name", "email", "date_of_birth"))
ADDRESS = Step("address", "Address", entries.ADDRESS, ("street", "phone"))
SIGN_IN = Step("sign-in", "Username and password", entries.USERNAME, ("username", "password_hash"))
CHECK = Step("check", "Check")
MAIL = Step("mail", "E-mail")
STEPS = (ABOUT, ADDRESS, SIGN_IN, CHECK, MAIL)
LABELS = [step.label for step in STEPS]


def missing(entered: Entered) -> Step | None:
    """The first step that has not been taken, or None when everything was entered."""
    return next((step for step in STEPS if any(not entered.get(n) for n in step.needs)), None)


def address(registration_id: str, step: Step) -> str:
    """The step's page."""
    return f"/register/{registration_id}/{step.path}"
