"""What is typed on each page of the upgrade: the tidy values, and all problems at once."""

from collections.abc import Callable, Mapping
from datetime import date

from signon.accounts import entries, passwords
from signon.accounts.entries import Check, Entered
from signon.accounts.passwords import Policy, Words
from signon.errors import InputError
from signon.upgrade.entered import Step

Checked = tuple[dict[str, str], list[InputError]]
FIELDS: Mapping[Step, Mapping[str, Check]] = {
    Step.PERSON: entries.ABOUT,
    Step.ADDRESS: entries.ADDRESS,
    Step.FIRM: entries.FIRM,
    Step.SECURITY: entries.USERNAME,
}
"""What each step asks for, but for the password."""


def checked(step: Step, typed: Entered, today: date) -> Checked:
    """The tidy values of a step, kept only when nothing is wrong."""
    return entries.checked(FIELDS[step], typed, today)


def security(typed: Entered, today: date, policy: Policy, words: Callable[[str], Words]) -> Checked:
    """The username and the password, which leaves this place only for the hash.

    `words` are those around a person who has that username.
    """
    values, wrong = checked(Step.SECURITY, typed, today)
    password = typed.get("new_password", "")
    found = ["Enter a password."]
    if password:
        found = passwords.problems(password, policy, words(typed.get("username", "")))
    return values, [*wrong, *(InputError(one, field="new_password") for one in found)]
