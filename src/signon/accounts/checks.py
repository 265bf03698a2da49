"""What may stand in each field of an account, for every way in which one can be written.

Each function answers the tidy value or raises `InputError` with the field's name. Forms name
all their problems at once: `problems` runs several and gathers what they raise.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from email_validator import EmailNotValidError, validate_email

from signon.accounts import plain_words
from signon.errors import InputError
from signon.words.sentences import _

LONGEST_LIFE_YEARS = 130
SHORTEST_USERNAME = 8
"""Upgraded accounts have usernames of eight characters and more (domain facts 1.1)."""
SHORTEST_OLD_USERNAME = 6
LONGEST_USERNAME = 40

_USERNAME = re.compile(r"[A-Za-z0-9._@+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where somebody can be reached; `phone` as E.164 writes it, `country` as ISO 3166-1."""

    phone: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    county: str | None = None
    country: str | None = None


NO_CONTACT = Contact()


def problems(*checks: Callable[[], object]) -> list[InputError]:
    """What the checks raise, in their order; an empty list when all is well."""
    found = []
    for check in checks:
        try:
            check()
        except InputError as error:
            found.append(error)
    return found


def username(text: str, *, is_upgraded: bool = True) -> str:
    """The courts' published rule is the length; the alphabet is what needs no quoting anywhere."""
    least = SHORTEST_USERNAME if is_upgraded else SHORTEST_OLD_USERNAME
    if not least <= len(text) <= LONGEST_USERNAME:
        raise InputError(
            _(
                "The username must have {least} to {LONGEST_USERNAME} characters.",
                least=least,
                LONGEST_USERNAME=LONGEST_USERNAME,
            ),
            field="username",
        )
    if not _USERNAME.fullmatch(text):
        raise InputError(
            _("The username may contain only letters without accents, digits and . _ - @ +"),
            field="username",
        )
    return text


def date_of_birth(born: date | None, today: date) -> date | None:
    """A living person's, or none."""
    if born and not 0 <= today.year - born.year <= LONGEST_LIFE_YEARS:
        raise InputError(_("The date of birth is not a living person's."), field="date_of_birth")
    if born and born > today:
        raise InputError(_("The date of birth lies in the future."), field="date_of_birth")
    return born


def email(text: str, *, field: str = "email") -> str:
    """An address that mail can be sent to without SMTPUTF8; its domain in ASCII."""
    try:
        # .test is reserved for trying things out and reaches nobody (RFC 6761)
        found = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise InputError(
            _("The e-mail address is not valid. Enter one such as name@example.com."), field=field
        ) from None
    return found.ascii_email or found.normalized


def contact(given: Contact) -> Contact:
    """Each line tidy, or the first that cannot be used."""
    return Contact(
        **{one: name(getattr(given, one), one, most) for one, most in CONTACT_LENGTHS.items()}
    )


CONTACT_LENGTHS = {
    "phone": 32,
    "street": 200,
    "city": 100,
    "state": 100,
    "postal_code": 20,
    "county": 100,
    "country": 2,
}
"""Each line of `Contact`, and how many characters it may have."""


def plain(text: str, field: str) -> str:
    """Words that others may be shown: no addresses, nothing unseen. Raises InputError."""
    if problem := plain_words.problem(text):
        raise InputError(
            _("The {field} {problem}.", field=field_name(field), problem=problem),
            field=field,
        )
    return text


def name(text: str | None, field: str, longest: int) -> str | None:
    """A `line` of plain words. Raises InputError."""
    tidy = line(text, field, longest)
    return plain(tidy, field) if tidy else None


def line(text: str | None, field: str, longest: int) -> str | None:
    """One line without surrounding or doubled white space, in NFC; empty is none."""
    if text is None:
        return None
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    # what is printable holds none, and is told at once
    if not tidy.isprintable() and any(unicodedata.category(one)[0] == "C" for one in tidy):
        raise InputError(
            _("The {field} holds a control character.", field=field_name(field)),
            field=field,
        )
    if len(tidy) > longest:
        raise InputError(
            _(
                "The {field} may have {longest} characters at most.",
                field=field_name(field),
                longest=longest,
            ),
            field=field,
        )
    return tidy or None


def field_name(field: str) -> str:
    """What a column is called in a sentence."""
    return _FIELDS.get(field) or field.replace("_", " ")


_FIELDS = {
    "first_name": _("first name"),
    "middle_name": _("middle name"),
    "last_name": _("last name"),
    "firm_name": _("firm name"),
    "street": _("street"),
    "city": _("city"),
    "state": _("state"),
    "postal_code": _("postal code"),
    "county": _("county"),
    "country": _("country"),
    "phone": _("phone"),
}
