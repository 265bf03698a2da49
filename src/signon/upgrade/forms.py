"""What is typed on each page of the upgrade, checked field by field.

Every function answers the tidy values and all problems at once; the values are kept only when
there is none.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from signon.accounts import checks, passwords
from signon.accounts.passwords import Policy, Words
from signon.accounts.user_types import user_type
from signon.errors import InputError

Typed = Mapping[str, str]
Checked = tuple[dict[str, Any], list[InputError]]


def person(typed: Typed, today: date) -> Checked:
    """The name, the date of birth, the e-mail address and the user type."""
    return _checked(
        {
            "first_name": lambda: _needed(typed, "first_name", 100, "your first name"),
            "middle_name": lambda: checks.line(typed.get("middle_name"), "middle_name", 100),
            "last_name": lambda: _needed(typed, "last_name", 100, "your last name"),
            "date_of_birth": lambda: _born(typed, today),
            "email": lambda: checks.email(_needed(typed, "email", 254, "your e-mail address")),
            "user_type": lambda: user_type(typed.get("user_type", "")),
        }
    )


def address(typed: Typed) -> Checked:
    """Where the person lives or works, with the county, and the phone number."""

    def line(name: str, what: str) -> Callable[[], str]:
        return lambda: _needed(typed, name, checks.CONTACT_LENGTHS[name], what)

    return _checked(
        {
            "street": line("street", "the street and number"),
            "city": line("city", "the city"),
            "state": line("state", "the state"),
            "postal_code": line("postal_code", "the ZIP or postal code"),
            "county": line("county", "the county"),
            "country": lambda: _country(typed),
            "phone": lambda: checks.phone(_needed(typed, "phone", 40, "a phone number")),
        }
    )


def firm(typed: Typed, today: date) -> Checked:
    """What a firm's account is asked instead: its administrator's date of birth, the county."""
    return _checked(
        {
            "date_of_birth": lambda: _born(typed, today),
            "county": lambda: _needed(typed, "county", 100, "the county"),
        }
    )


def security(typed: Typed, policy: Policy, words: Callable[[str], Words]) -> Checked:
    """The username and the password, which leaves this place only for the hash.

    `words` are those around a person who has that username.
    """
    username, password = typed.get("username", "").strip(), typed.get("password", "")
    values, found = _checked({"username": lambda: _username(username)})
    if not password:
        found.append(InputError("Enter a password.", field="password"))
        return values, found
    wrong = passwords.problems(password, policy, words(username))
    found += [InputError(problem, field="password") for problem in wrong]
    if not wrong and typed.get("password_again", "") != password:
        found.append(
            InputError("The two passwords are not the same: type both again.", field="password")
        )
    return values, found


def _checked(fields: Mapping[str, Callable[[], Any]]) -> Checked:
    values: dict[str, Any] = {}
    found = []
    for name, check in fields.items():
        try:
            values[name] = check()
        except InputError as error:
            found.append(error)
    return values, found


def _needed(typed: Typed, field: str, longest: int, what: str) -> str:
    value = checks.line(typed.get(field), field, longest)
    if value is None:
        raise InputError(f"Enter {what}.", field=field)
    return value


def _username(username: str) -> str:
    if not username:
        raise InputError("Choose a username.", field="username")
    return checks.username(username)


def _born(typed: Typed, today: date) -> str:
    text = _needed(typed, "date_of_birth", 40, "the date of birth")
    born = checks.written_date(text, "date_of_birth")
    checks.date_of_birth(born, today)
    return born.isoformat()


def _country(typed: Typed) -> str:
    code = _needed(typed, "country", 40, "the country’s two letters").upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise InputError("Write the country in two letters, such as US.", field="country")
    return code
