"""Inventing the people of a rehearsal: their old logins, their accounts, and what they prepared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert

from signon import ids
from signon.accounts import credentials, foreign_hashes, importing
from signon.accounts.creation import NewAccount, NewRow, row_of
from signon.accounts.hashing import Hasher
from signon.accounts.history import NO_PROOF
from signon.accounts.models import AccountKind, SearchStatus
from signon.audit import trail
from signon.courts.registry import Court
from signon.db import Database, Unit
from signon.filing.cutover import points
from signon.filing.cutover.casting import Player
from signon.filing.cutover.models import rehearsal_people
from signon.filing.cutover.states import LoginState
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.import_file import ImportLine
from signon.filing.legacy_logins.import_rows import Importer, write_logins
from signon.filing.linking import prepared_links, preparing
from signon.filing.roles import Role

BATCH = 200
BORN, OLD = date(1970, 1, 1), date(2012, 1, 1)
"""Everybody's birthday, and when the legacy accounts among them were made."""


@dataclass(frozen=True, slots=True)
class Playing:
    """What a rehearsal is made with; `password` is everybody's, of accounts and old logins."""

    database: Database
    hasher: Hasher
    password: str


def invent(
    means: Playing, court: Court, people: Sequence[Player], advance: Callable[[int], object]
) -> None:
    """Invent everybody, batch by batch; `advance` is told of each. Then the first day is counted."""
    hashed = means.hasher.hash(means.password)
    stored = foreign_hashes.prepare(foreign_hashes.parse(hashed), means.hasher.argon2)
    for start in range(0, len(people), BATCH):
        some = people[start : start + BATCH]
        with means.database.writing() as unit:
            _bring_in(unit, means, court, some, stored)
        advance(len(some))
    with means.database.writing() as unit:
        points.take(unit, court)


def _bring_in(
    unit: Unit, means: Playing, court: Court, people: Sequence[Player], stored: str
) -> None:
    """Invent a batch of them; `stored` is the hash of everybody's password."""
    lines = [_line(one, stored) for one in people]
    write_logins(
        unit,
        Importer(unit.ring, court, trail.COMMAND_LINE),
        lines,
        {},
        {line.key: stored for line in lines},
    )
    holders = _open_accounts(unit, [one for one in people if one.has_account], stored)
    for one in people:
        if one.state is LoginState.PREPARED:
            _prepare(unit, court, one, holders[one.number], means.password)


def _line(one: Player, stored: str) -> ImportLine:
    return ImportLine(
        number=one.number,
        key=legacy_logins.login_key(one.login),
        login=one.login,
        first_name=one.first_name,
        last_name=one.last_name,
        bar_id=None,
        email=one.email,
        roles=tuple(Role(name) for name in one.roles),
        status=one.status,
        cases=None,
        override=False,
        password_hash=stored,
    )


def _open_accounts(unit: Unit, people: Sequence[Player], stored: str) -> dict[int, str]:
    """Their accounts, by the numbers of the people."""
    if not people:
        return {}
    numbers = importing.free_numbers(unit, len(people))
    made = {one.number: ids.new_id() for one in people}
    rows = [_account(unit, one, made[one.number], next(numbers), stored) for one in people]
    importing.add(unit, rows)
    unit.execute(
        insert(rehearsal_people),
        [{"account_id": made[one.number], "court_id": one.court_id} for one in people],
    )
    return made


def _account(unit: Unit, one: Player, account_id: str, number: str, stored: str) -> NewRow:
    """Nobody searches with it: what is searched costs fees."""
    is_shared = one.state is LoginState.SHARED_ONLY
    new = NewAccount(
        kind=AccountKind.SHARED if is_shared else AccountKind.INDIVIDUAL,
        username=one.username,
        email=one.email,
        first_name=one.first_name,
        last_name=one.last_name,
        date_of_birth=BORN,
        created_on=OLD if one.state is LoginState.LEGACY_ACCOUNT else unit.now.date(),
    )
    return row_of(unit, new, account_id)._replace(
        number=number,
        **credentials.columns(unit.ring, account_id, stored)._asdict(),
        password_changed_at=unit.now,
        email_verified=True,
        search_status=SearchStatus.INACTIVE,
    )


def _prepare(unit: Unit, court: Court, one: Player, account_id: str, password: str) -> None:
    login = legacy_logins.by_login(unit, court.id, one.login)
    assert login is not None
    new = preparing.new_of(unit, account_id, court, login, NO_PROOF, password)
    prepared_links.add(unit, new)
