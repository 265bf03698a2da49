"""What people enter about themselves, step by step, and what may stand there.

What is kept is text by field name: dates as ISO 8601, phones as E.164, states and countries as
their two letters.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from signon.accounts import checks, passwords
from signon.accounts.passwords import Policy, Words
from signon.accounts.places import MILITARY, STATES_OF_THE_US, country_code
from signon.accounts.user_types import user_type
from signon.errors import InputError
from signon.words.sentences import _, plural

Entered = Mapping[str, str]
Check = Callable[[str, Entered, date], str | None]
"""Given the text, the other fields and today; answers the tidy value, or raises InputError."""

DATE_FORMS = ("%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d")
ADULT_YEARS = 18
ASKED_BEFORE = "date_of_birth_before"
"""A hidden field: the date of birth as it was sent the last time."""
_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
_PHONE_SIGNS = re.compile(r"[\s().\-/]")
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def checked(
    step: Mapping[str, Check], typed: Entered, today: date
) -> tuple[dict[str, str], list[InputError]]:
    """The tidy values of a step's fields, and everything that is wrong with the others."""
    tidy, wrong = {}, []
    for field, check in step.items():
        try:
            tidy[field] = check(typed.get(field, ""), typed, today) or ""
        except InputError as error:
            wrong.append(error)
    return tidy, wrong


def born(text: str) -> date:
    """A date as people write it, month first, or in the machine's form. Raises InputError."""
    for form in DATE_FORMS:
        try:
            # only the day is meant: no time zone is involved
            return datetime.strptime("".join(text.split()), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise InputError(
        _("Enter your date of birth as month/day/year, such as 4/28/1976."), field="date_of_birth"
    )


def choose_words(entered: Entered, court_name: str | None) -> Words:
    """What the password may not be made of."""
    return passwords.words_of(
        username=entered.get("username"),
        email=entered.get("email"),
        names=[entered.get("first_name"), entered.get("middle_name"), entered.get("last_name")],
        place=[court_name] if court_name else [],
    )


def check_sign_in(
    username: str, password: str, entered: Entered, court_name: str | None, policy: Policy
) -> list[InputError]:
    """Everything that is wrong with a username and a new password."""
    wrong = checks.problems(lambda: _username(username, entered, date.min))
    words = choose_words({**entered, "username": username}, court_name)
    if not password:
        return [*wrong, InputError(_("Choose a password."), field="new_password")]
    found = passwords.problems(password, policy, words)
    return [*wrong, *(InputError(problem, field="new_password") for problem in found)]


def _needed(field: str, words: str, longest: int) -> Check:
    def check(text: str, _typed: Entered, _today: date) -> str | None:
        tidy = checks.name(text, field, longest)
        if tidy is None:
            raise InputError(_("Enter {words}.", words=words), field=field)
        return tidy

    return check


def _optional(field: str, longest: int) -> Check:
    def check(text: str, _typed: Entered, _today: date) -> str | None:
        return checks.name(text, field, longest)

    return check


def _email(text: str, _typed: Entered, _today: date) -> str:
    if not text:
        raise InputError(_("Enter your e-mail address."), field="email")
    return checks.email(text)


def _date_of_birth(text: str, typed: Entered, today: date) -> str:
    """A child's is asked once more: mostly it is the year that was mistyped, and it is permanent."""
    found = born(text)
    checks.date_of_birth(found, today)
    years = today.year - found.year - ((today.month, today.day) < (found.month, found.day))
    if years < ADULT_YEARS and typed.get(ASKED_BEFORE, "") != text:
        told = plural(
            "By this date you are {number} year old. If it is right, send it once more; if not, "
            "correct it.",
            "By this date you are {number} years old. If it is right, send it once more; if not, "
            "correct it.",
            years,
        )
        raise InputError(told, field="date_of_birth")
    return found.isoformat()


def _user_type(text: str, _typed: Entered, _today: date) -> str:
    return user_type(text)


def _username(text: str, _typed: Entered, _today: date) -> str:
    if not text:
        raise InputError(_("Choose a username."), field="username")
    return checks.username(text)


def _country(text: str, _typed: Entered, _today: date) -> str:
    code = country_code(text)
    if code is None:
        raise InputError(_("Enter the country, such as United States or CA."), field="country")
    return code


def _state(text: str, typed: Entered, _today: date) -> str | None:
    tidy = checks.name(text, "state", 100)
    if not _is_in_the_us(typed):
        return tidy
    names = {name.casefold(): code for code, name in STATES_OF_THE_US.items()}
    code = names.get((tidy or "").casefold(), (tidy or "").upper())
    if code not in STATES_OF_THE_US and code not in MILITARY:
        raise InputError(_("Enter the state as two letters or its name."), field="state")
    return code


def _postal_code(text: str, typed: Entered, _today: date) -> str | None:
    tidy = checks.name(text, "postal_code", 20)
    if _is_in_the_us(typed) and not _ZIP.fullmatch(tidy or ""):
        raise InputError(_("Enter the ZIP code: 92101 or 92101-1234."), field="postal_code")
    return tidy


def _county(text: str, typed: Entered, _today: date) -> str | None:
    tidy = checks.name(text, "county", 100)
    if tidy is None and _is_in_the_us(typed):
        raise InputError(_("Enter the county or parish."), field="county")
    return tidy


def _phone(text: str, _typed: Entered, _today: date) -> str:
    bare = _PHONE_SIGNS.sub("", text)
    digits = bare.removeprefix("1") if len(bare) == 11 else bare
    number = f"+1{digits}" if len(digits) == 10 and digits.isdigit() else bare
    if not _PHONE.fullmatch(number):
        raise InputError(
            _("Enter a phone number such as (619) 555-0100, or with + and the country’s code."),
            field="phone",
        )
    return number


def _is_in_the_us(typed: Entered) -> bool:
    return not typed.get("country", "").strip() or country_code(typed["country"]) == "US"


# whoever has one name writes it as the last name
ABOUT: Mapping[str, Check] = {
    "first_name": _optional("first_name", 100),
    "middle_name": _optional("middle_name", 100),
    "last_name": _needed("last_name", _("your last name"), 100),
    "email": _email,
    "date_of_birth": _date_of_birth,
    "user_type": _user_type,
}
ADDRESS: Mapping[str, Check] = {
    "street": _needed("street", _("the street address"), 200),
    "city": _needed("city", _("the city"), 100),
    "state": _state,
    "postal_code": _postal_code,
    "county": _county,
    "country": _country,
    "phone": _phone,
}
FIRM: Mapping[str, Check] = {
    name: {**ABOUT, **ADDRESS}[name] for name in ("date_of_birth", "county")
}
"""What the upgrade asks a firm: its administrator's date of birth, and the county."""
USERNAME: Mapping[str, Check] = {"username": _username}
"""The steps' fields, in the order in which they are asked for."""
