"""Making an account: what each kind needs, and a number that nobody can guess."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from signon import ids
from signon.accounts import credentials, numbers
from signon.accounts.directory import LEGACY_BEFORE, Account, by_id, username_key
from signon.accounts.models import AccountKind, AccountStatus, SearchStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit, insert_for
from signon.errors import InputError, RefusedError

MAX_DRAWS = 50
"""With a third of all numbers taken, so many misses in a row do not happen."""
LONGEST_LIFE_YEARS = 130

UPGRADED_KINDS = {AccountKind.INDIVIDUAL, AccountKind.FIRM, AccountKind.OPERATOR}
"""A shared account is never an upgraded one: it can be neither linked nor used to file."""
SEARCHING_KINDS = {AccountKind.INDIVIDUAL, AccountKind.SHARED}
"""A firm's account pays and manages, an operator's runs the service; neither searches."""

_USERNAME = re.compile(r"[A-Za-z0-9._@+-]+", re.ASCII)
_SHORTEST_USERNAME = 8
_SHORTEST_OLD_USERNAME = 6
_LONGEST_USERNAME = 40


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


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of; `created_on` of None is today."""

    kind: AccountKind
    username: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    date_of_birth: date | None = None
    firm_name: str | None = None
    created_on: date | None = None
    contact: Contact = Contact()

    @property
    def is_legacy(self) -> bool:
        """Whether it was made before accounts were upgraded ones from the start."""
        made = self.created_on
        return self.kind in _LEGACY_KINDS and made is not None and made < LEGACY_BEFORE

    @property
    def is_upgraded(self) -> bool:
        """Whether it counts as upgraded from its first day."""
        return self.kind in UPGRADED_KINDS and not self.is_legacy


_LEGACY_KINDS = {AccountKind.INDIVIDUAL, AccountKind.FIRM}


def checked(wanted: NewAccount, today: date) -> NewAccount:
    """The same with tidy names and a date. Raises InputError for the first field that is wrong."""
    tidy = replace(
        wanted,
        email=_email(wanted.email),
        first_name=_name(wanted.first_name, "first_name", 100),
        last_name=_name(wanted.last_name, "last_name", 100),
        firm_name=_name(wanted.firm_name, "firm_name", 200),
        created_on=wanted.created_on or today,
        contact=_contact(wanted.contact),
    )
    if tidy.created_on and tidy.created_on > today:
        raise InputError("The day of creation lies in the future.", field="created_on")
    _check_username(tidy)
    _check_birth(tidy.date_of_birth, today)
    _check_required(tidy)
    return tidy


def create(
    unit: Unit,
    ring: KeyRing,
    wanted: NewAccount,
    *,
    password_hash: str,
    actor: str,
    draw: Callable[[], str] = numbers.draw,
) -> Account:
    """Make the account, with a number drawn until a free one is found.

    Raises InputError, or RefusedError (`username_taken`, `numbers_exhausted`).
    """
    new = checked(wanted, unit.now.date())
    account_id = ids.new_id()
    row = _row(unit, new, account_id) | {
        "password": credentials.seal(ring, account_id, password_hash)
    }
    # uniqueness is the constraints' business; only who collided is looked up, afterwards
    statement = insert_for(unit)(accounts).on_conflict_do_nothing().returning(accounts.c.id)
    for _ in range(MAX_DRAWS):
        if unit.execute(statement, row | {"number": draw()}).one_or_none():
            break
        _refuse_taken(unit, new.username)
    else:
        raise RefusedError("numbers_exhausted", "No free account number was found. Try again.")
    trail.record(
        unit, Event.ACCOUNT_CREATED, actor=actor, account_id=account_id, kind=new.kind.value
    )
    made = by_id(unit, account_id)
    assert made is not None
    return made


def _row(unit: Unit, new: NewAccount, account_id: str) -> dict[str, object]:
    search = SearchStatus.ACTIVE if new.kind in SEARCHING_KINDS else SearchStatus.INACTIVE
    return {
        "id": account_id,
        "kind": new.kind.value,
        "username": new.username,
        "username_key": username_key(new.username),
        "password_changed_at": unit.now,
        "status": AccountStatus.ACTIVE.value,
        "valid_from": unit.now,
        "created_on": new.created_on,
        "created_at": unit.now,
        "updated_at": unit.now,
        "upgraded_at": unit.now if new.is_upgraded else None,
        "search_status": search.value,
        "email": new.email,
        "first_name": new.first_name,
        "last_name": new.last_name,
        "date_of_birth": new.date_of_birth,
        "firm_name": new.firm_name,
        **asdict(new.contact),
    }


def _refuse_taken(unit: Unit, username: str) -> None:
    statement = select(accounts.c.id).where(accounts.c.username_key == username_key(username))
    if unit.scalar(statement):
        raise RefusedError(
            "username_taken", f"The username {username!r} is taken (in some case): choose another."
        )


def _check_username(new: NewAccount) -> None:
    """The courts' published rule is the length; the alphabet is what needs no quoting anywhere."""
    least = _SHORTEST_USERNAME if new.is_upgraded else _SHORTEST_OLD_USERNAME
    if not least <= len(new.username) <= _LONGEST_USERNAME:
        raise InputError(
            f"The username must have {least} to {_LONGEST_USERNAME} characters.", field="username"
        )
    if not _USERNAME.fullmatch(new.username):
        raise InputError(
            "The username may hold letters without accents, digits and . _ - @ + only.",
            field="username",
        )


def _check_birth(born: date | None, today: date) -> None:
    if born and not 0 <= today.year - born.year <= LONGEST_LIFE_YEARS:
        raise InputError("The date of birth is not a living person's.", field="date_of_birth")
    if born and born > today:
        raise InputError("The date of birth lies in the future.", field="date_of_birth")


def _check_required(new: NewAccount) -> None:
    needed: dict[AccountKind, tuple[str, ...]] = {
        AccountKind.INDIVIDUAL: ("first_name", "last_name", "date_of_birth"),
        AccountKind.FIRM: ("firm_name",),
    }
    for field in needed.get(new.kind, ()):
        if not getattr(new, field):
            words = field.replace("_", " ")
            article = "an" if new.kind is AccountKind.INDIVIDUAL else "a"
            raise InputError(
                f"The {words} is missing: {article} {new.kind} account needs it.", field=field
            )


def _email(text: str) -> str:
    try:
        # .test is reserved for trying things out and reaches nobody (RFC 6761)
        found = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise InputError(f"The e-mail address is not valid. {error}", field="email") from None
    return found.ascii_email or found.normalized


def _contact(given: Contact) -> Contact:
    longest = {"phone": 32, "street": 200, "city": 100, "state": 100, "postal_code": 20}
    longest |= {"county": 100, "country": 2}
    return Contact(
        **{name: _name(getattr(given, name), name, most) for name, most in longest.items()}
    )


def _name(text: str | None, field: str, longest: int) -> str | None:
    """A name without surrounding or doubled white space, in NFC; empty is none."""
    if text is None:
        return None
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(character).startswith("C") for character in tidy):
        raise InputError(f"The {field.replace('_', ' ')} holds a control character.", field=field)
    if len(tidy) > longest:
        raise InputError(
            f"The {field.replace('_', ' ')} may have {longest} characters at most.", field=field
        )
    return tidy or None
