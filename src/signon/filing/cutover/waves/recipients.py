"""Whom a wave goes to: an address once, however many logins it has.

States that depend on accounts are chosen inside. A court that saw the numbers of such a wave could
reckon from them who has an account, so only those states are chosen whose number it may see anyway
(`states.told`): none with fewer than ten.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Select, distinct, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from signon.accounts.directory import email_key
from signon.accounts.models import accounts, unreachable_addresses
from signon.db import Unit
from signon.filing.cutover import states
from signon.filing.cutover.states import OF_ACCOUNTS, LoginState, Preparedness
from signon.filing.cutover.waves.kept import Wave
from signon.filing.cutover.waves.models import unsubscribed, wave_mails
from signon.filing.models import legacy_logins
from signon.prepared import change, every, given
from signon.words.language import Language, tagged

CHOICES = (Preparedness.PREPARED.value, Preparedness.NOT_PREPARED.value, *OF_ACCOUNTS)
"""The states that a wave may be for."""


class Holder(NamedTuple):
    """Whoever has an address: their logins, and the language that they are known to read."""

    address: str
    logins: Sequence[str]
    is_prepared: bool
    language: Language | None


def tidy(names: Sequence[str]) -> list[str]:
    """The states in their order; all four of those that depend on accounts are *not prepared*."""
    named = set(names)
    if named.issuperset(OF_ACCOUNTS):
        named.add(Preparedness.NOT_PREPARED)
    if Preparedness.NOT_PREPARED in named:
        named -= set(OF_ACCOUNTS)
    return [one for one in CHOICES if one in named]


def many_enough(unit: Unit, wave: Wave) -> list[str]:
    """The wave's states without those that too few would be told by."""
    if not wave.by_account:
        return list(wave.states)
    counts = dict(_by_state(unit, wave.court_id))
    told = states.told({one: counts.get(one.value, 0) for one in LoginState})
    hidden = {one.value for one, number in told.items() if not number}
    return [one for one in wave.states if one not in hidden]


def choose(unit: Unit, wave: Wave, chosen: Sequence[str]) -> int:
    """Write down whom it goes to; answers how many there are."""
    if not chosen:
        return 0
    add = _add_by_state if wave.by_account else _add_by_standing
    return add(unit, wave.id, wave.court_id, *chosen)


def holders(
    unit: Unit, wave: Wave, chosen: Sequence[str], addresses: Sequence[str]
) -> dict[str, Holder]:
    """Those of the addresses that there is still something to remind of."""
    state = states.state() if wave.by_account else states.standing()
    return _holders(unit, wave.court_id, addresses, state, chosen)


def unprepared(unit: Unit, court_id: str, addresses: Sequence[str]) -> list[Holder]:
    """Those of the addresses that want mail, and none of whose logins is prepared."""
    usable = (Preparedness.PREPARED, Preparedness.NOT_PREPARED)
    found = _holders(unit, court_id, addresses, states.standing(), usable, is_any=True)
    return [one for one in found.values() if not one.is_prepared]


def _holders(
    unit: Unit,
    court_id: str,
    addresses: Sequence[str],
    state: ColumnElement[str],
    wanted: Sequence[str],
    *,
    is_any: bool = False,
) -> dict[str, Holder]:
    """By address; prepared when all of the logins are, or any."""
    rows = unit.execute(
        select(legacy_logins.c.email_key, legacy_logins.c.login, state.label("state"))
        .select_from(states.joined())
        .where(*_may_be_told(court_id), legacy_logins.c.email_key.in_(addresses))
        .where(state.in_(wanted))
        .order_by(legacy_logins.c.login_key)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for address, login, name in rows:
        found.setdefault(address, []).append((login, name))
    count = any if is_any else all
    spoken = _languages(unit, list(found))
    return {
        address: Holder(
            address,
            [login for login, _ in logins],
            count(name == Preparedness.PREPARED for _, name in logins),
            spoken.get(address),
        )
        for address, logins in found.items()
    }


def _languages(unit: Unit, addresses: Sequence[str]) -> Mapping[str, Language | None]:
    """Of accounts with these addresses: what is written to their holders anyway."""
    address = func.lower(accounts.c.email)
    keys = [email_key(one) for one in addresses]
    rows = unit.execute(
        select(address, accounts.c.locale).where(
            accounts.c.email_key.in_(keys), address.in_(addresses), accounts.c.email_verified
        )
    )
    return {known: tagged(locale) for known, locale in rows}


# ── In SQL ───────────────────────────────────────────────────────────────────


def _may_be_told(court_id: str) -> tuple[ColumnElement[bool], ...]:
    """Of a login in `states.joined`: it has an address, which mail reaches and which wants it."""
    address = legacy_logins.c.email_key
    ended = exists().where(
        unsubscribed.c.court_id == given(court_id), unsubscribed.c.address == address
    )
    fails = exists().where(
        unreachable_addresses.c.address == address, unreachable_addresses.c.works_since.is_(None)
    )
    return (
        legacy_logins.c.court_id == court_id,
        address != "",
        ~ended.correlate(legacy_logins),
        ~fails.correlate(legacy_logins),
    )


def _chosen(wave_id: str, court_id: str, state: ColumnElement[str], names: Sequence[str]) -> Insert:
    whom = (
        select(given(wave_id), legacy_logins.c.email_key)
        .distinct()
        .select_from(states.joined())
        .where(*_may_be_told(court_id), state.in_(names))
    )
    new = insert(wave_mails).from_select(["wave_id", "address"], whom)
    return new.on_conflict_do_nothing()


@change
def _add_by_standing(wave_id: str, court_id: str, *names: str) -> Insert:
    return _chosen(wave_id, court_id, states.standing(), names)


@change
def _add_by_state(wave_id: str, court_id: str, *names: str) -> Insert:
    return _chosen(wave_id, court_id, states.state(), names)


def _pair(name: str, number: int) -> tuple[str, int]:
    return name, number


@every(_pair)
def _by_state(court_id: str) -> Select[*tuple[Any, ...]]:
    # by the name that the subquery gives it: spelled out twice, PostgreSQL takes them for two
    each = (
        select(legacy_logins.c.email_key, states.state().label("state"))
        .select_from(states.joined())
        .where(*_may_be_told(court_id))
        .subquery()
    )
    number = func.count(distinct(each.c.email_key)).label("number")
    return select(each.c.state, number).group_by(each.c.state)
