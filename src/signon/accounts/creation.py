"""Making an account: what each kind needs, and a number that nobody can guess."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert

from signon import ids
from signon.accounts import checks, credentials, found_by, numbers, usernames
from signon.accounts.checks import Contact
from signon.accounts.directory import (
    LEGACY_BEFORE,
    LEGACY_KINDS,
    Account,
    by_id,
    email_key,
    holder,
    list_name,
    name_key,
    username_key,
)
from signon.accounts.models import AccountKind, AccountStatus, SearchStatus, accounts
from signon.accounts.search import SEARCHING_KINDS
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.prepared import change
from signon.words.language import spoken_tag

MAX_DRAWS = 50
"""With a third of all numbers taken, so many misses in a row do not happen."""

UPGRADED_KINDS = {AccountKind.INDIVIDUAL, AccountKind.FIRM, AccountKind.OPERATOR}
"""A shared account is never an upgraded one: it can be neither linked nor used to file."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of; `created_on` of None is today."""

    kind: AccountKind
    username: str
    email: str
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    date_of_birth: date | None = None
    firm_name: str | None = None
    user_type: str | None = None
    created_on: date | None = None
    contact: Contact = checks.NO_CONTACT

    @property
    def is_legacy(self) -> bool:
        """Whether it was made before accounts were upgraded ones from the start."""
        made = self.created_on
        return self.kind in LEGACY_KINDS and made is not None and made < LEGACY_BEFORE

    @property
    def is_upgraded(self) -> bool:
        """Whether it counts as upgraded from its first day."""
        return self.kind in UPGRADED_KINDS and not self.is_legacy


def checked(wanted: NewAccount, today: date) -> NewAccount:
    """The same with tidy names and a date. Raises InputError for the first field that is wrong."""
    tidy = replace(
        wanted,
        email=checks.email(wanted.email),
        first_name=checks.name(wanted.first_name, "first_name", 100),
        middle_name=checks.name(wanted.middle_name, "middle_name", 100),
        last_name=checks.name(wanted.last_name, "last_name", 100),
        firm_name=checks.name(wanted.firm_name, "firm_name", 200),
        created_on=wanted.created_on or today,
        contact=checks.contact(wanted.contact),
    )
    if tidy.created_on and tidy.created_on > today:
        raise InputError("The day of creation lies in the future.", field="created_on")
    checks.username(tidy.username, is_upgraded=tidy.is_upgraded)
    checks.date_of_birth(tidy.date_of_birth, today)
    _check_required(tidy)
    return tidy


def create(
    unit: Unit,
    ring: KeyRing,
    wanted: NewAccount,
    *,
    password_hash: str | None,
    actor: str,
    status: AccountStatus = AccountStatus.ACTIVE,
    status_reason: str | None = None,
    email_verified: bool = False,
    draw: Callable[[], str] = numbers.draw,
) -> Account:
    """Make the account, with a number drawn until a free one is found.

    Without a hash nobody can sign in until the person has chosen a password by a mailed link.
    Raises InputError, or RefusedError (`username_taken`, `numbers_exhausted`).
    """
    new = checked(wanted, unit.now.date())
    account_id = ids.new_id()
    row = row_of(unit, new, account_id)._replace(
        **credentials.columns(ring, account_id, password_hash)._asdict(),
        password_changed_at=unit.now if password_hash else None,
        status=status,
        status_reason=status_reason,
        email_verified=email_verified,
    )
    # uniqueness is the constraints' business; only who collided is looked up, afterwards
    for _ in range(MAX_DRAWS):
        if _insert(unit, row._replace(number=draw())) == 1:
            break
        _refuse_taken(unit, new.username)
    else:
        raise RefusedError("numbers_exhausted", "No free account number was found. Try again.")
    if usernames.is_held(unit, new.username, account_id):
        raise _taken(new.username)
    found_by.renew(unit, account_id)
    trail.record(
        unit, Event.ACCOUNT_CREATED, actor=actor, account_id=account_id, kind=new.kind.value
    )
    made = by_id(unit, account_id)
    assert made is not None
    return made


class NewRow(NamedTuple):
    """A new account's row."""

    id: str
    kind: AccountKind
    username: str
    username_key: str
    valid_from: datetime
    created_on: date | None
    created_at: datetime
    updated_at: datetime
    upgraded_at: datetime | None
    search_status: SearchStatus
    email: str
    email_key: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    name_key: str | None
    list_name: str
    user_type: str | None
    date_of_birth: date | None
    firm_name: str | None
    phone: str | None
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    county: str | None
    country: str | None
    number: str = ""
    password: bytes | None = None
    password_work: str = ""
    password_changed_at: datetime | None = None
    status: AccountStatus = AccountStatus.ACTIVE
    status_reason: str | None = None
    email_verified: bool = False
    last_signed_in_at: datetime | None = None
    locale: str | None = None
    spare_due: bool = False


def row_of(unit: Unit, new: NewAccount, account_id: str) -> NewRow:
    """The row of a `checked` account, but for its number, password and status."""
    return NewRow(
        id=account_id,
        kind=new.kind,
        username=new.username,
        username_key=username_key(new.username),
        valid_from=unit.now,
        created_on=new.created_on,
        created_at=unit.now,
        updated_at=unit.now,
        upgraded_at=unit.now if new.is_upgraded else None,
        search_status=(
            SearchStatus.ACTIVE if new.kind in SEARCHING_KINDS else SearchStatus.INACTIVE
        ),
        email=new.email,
        email_key=email_key(new.email),
        first_name=new.first_name,
        middle_name=new.middle_name,
        last_name=new.last_name,
        name_key=name_key(new.first_name, new.last_name),
        list_name=list_name(new.first_name, new.last_name, new.firm_name),
        user_type=new.user_type,
        date_of_birth=new.date_of_birth,
        firm_name=new.firm_name,
        **asdict(new.contact),
        locale=spoken_tag(),
    )


def _refuse_taken(unit: Unit, username: str) -> None:
    if holder(unit, username_key(username)):
        raise _taken(username)


def _taken(username: str) -> RefusedError:
    return RefusedError(
        "username_taken", f"The username {username!r} is taken (in some case): choose another."
    )


def _check_required(new: NewAccount) -> None:
    needed: dict[AccountKind, tuple[str, ...]] = {
        AccountKind.INDIVIDUAL: ("last_name", "date_of_birth"),
        AccountKind.FIRM: ("firm_name",),
    }
    for field in needed.get(new.kind, ()):
        # accounts of old were made without it; the upgrade asks for it
        if field == "date_of_birth" and new.is_legacy:
            continue
        if not getattr(new, field):
            words = field.replace("_", " ")
            article = "an" if new.kind is AccountKind.INDIVIDUAL else "a"
            raise InputError(
                f"The {words} is missing: {article} {new.kind} account needs it.", field=field
            )


@change
def _insert(row: NewRow) -> Insert:
    return insert(accounts).values(**row._asdict()).on_conflict_do_nothing()
