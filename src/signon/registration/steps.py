"""The steps of a registration in their order, and which one comes next."""

from collections.abc import Mapping
from enum import StrEnum

from signon.accounts.entries import Entered


class Step(StrEnum):
    """A step, by the last part of its address."""

    ABOUT = "about"
    ADDRESS = "address"
    SIGN_IN = "sign-in"
    CHECK = "check"
    MAIL = "mail"


NEEDS: Mapping[Step, tuple[str, ...]] = {
    Step.ABOUT: ("last_name", "email", "date_of_birth"),
    Step.ADDRESS: ("street", "phone"),
    Step.SIGN_IN: ("username", "password_hash"),
}
"""Without these a step has not been taken."""


def missing(entered: Entered) -> Step | None:
    """The first step that has not been taken, or None when everything was entered."""
    return next(
        (step for step, needs in NEEDS.items() if any(not entered.get(n) for n in needs)), None
    )
