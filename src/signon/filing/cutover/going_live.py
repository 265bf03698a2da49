"""The day: what was prepared becomes a right, each in a short unit of its own and none twice.

The look of every minute does it for every court that is live; a court's date is read where the
unit writes, so a date that moves at that moment decides for each of them alone.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from signon import logs
from signon.accounts import directory
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court, read_one
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import RefusedError, SignonError
from signon.filing.cutover import moved
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import conditions, linking, prepared_links, preparing
from signon.filing.linking.prepared_links import Prepared
from signon.filing.rights import second_factor
from signon.words.sentences import _

BATCH = 500
"""As many are looked for at once."""

_log = logs.get(__name__)


async def look(database: Database, settings: Settings, hasher: Hasher) -> int:
    """End what courts have changed, tell of days that moved, and make rights of what is due;
    answers how many ended or became rights.
    """
    done = await _make_due(database, settings)
    # whom a court's new list concerns waits for hashes, and so after everybody else
    done += await _end_outdated(database, hasher)
    await moved.tell(database)
    return done + await _make_due(database, settings)


async def _make_due(database: Database, settings: Settings) -> int:
    done, after = 0, ""
    while due := await database.read(_due, after):
        for prepared_id in due:
            done += await _become(database, settings, prepared_id)
        after = due[-1]
    return done


async def _end_outdated(database: Database, hasher: Hasher) -> int:
    """Those whose login the court has changed, unless it has only hashed the password anew."""
    done, after = 0, ""
    while some := await database.read(_outdated, after):
        for found, sealed, login, ring in some:
            is_same = await asyncio.to_thread(
                preparing.still_proves, ring, hasher, found, sealed, login
            )
            done += await database.write(_renew if is_same else _end, found, login)
        after = some[-1].prepared.id
    return done


class _Outdated(NamedTuple):
    prepared: Prepared
    password: bytes | None
    login: LegacyLogin
    ring: KeyRing


def _outdated(unit: Unit, after: str) -> list[_Outdated]:
    found = []
    for one in prepared_links.outdated(unit, after, BATCH):
        login = legacy_logins.by_id(unit, one.legacy_login_id)
        assert login is not None
        found.append(_Outdated(one, prepared_links.password(unit, one.id), login, unit.ring))
    return found


def _renew(unit: Unit, found: Prepared, login: LegacyLogin) -> int:
    prepared_links.renew(unit, found.id, found.login_version, login.proof_version)
    return 0


def _end(unit: Unit, found: Prepared, _login: LegacyLogin) -> int:
    return preparing.end_outdated(unit, read_one(unit, found.court_id), found)


async def _become(database: Database, settings: Settings, prepared_id: str) -> bool:
    """One that fails does not keep the others waiting: its turn comes again."""
    try:
        return await database.write(become, settings, prepared_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others' rights do not wait for it
        trace = None if isinstance(error, SignonError) else error
        kind = type(error).__name__
        _log.error("prepared link waits", prepared=prepared_id, error=kind, exc_info=trace)
        return False


def become(unit: Unit, settings: Settings, prepared_id: str) -> bool:
    """Make the right of one prepared link, as if it were linked now; its holder is told either way.

    False when it has ended, or its court is not live.
    """
    found = prepared_links.by_id(unit, prepared_id)
    if found is None:
        return False
    login = legacy_logins.hold(unit, found.legacy_login_id)
    account = directory.locked(unit, found.account_id)
    assert login is not None
    assert account is not None
    if login.proof_version != found.login_version:
        # whether it still proves the login takes a hash: the next look says so
        return False
    if not prepared_links.take(unit, found.id, unit.now):
        return False
    court = read_one(unit, found.court_id)
    refusal = refuse(unit, account, court, login)
    if refusal is None:
        made = linking.make(unit, account, court, login, proof=found.proof)
        if made is not None:
            if not made.waits_for_review:
                second_factor.announce(unit, settings, account)
            return True
        refusal = linking.beaten(unit, account, court, login)
    _refused(unit, account, court, found, refusal)
    return True


@dataclass(slots=True)
class Foretold:
    """What the day would bring if it were now: how many rights, how many of them would wait for the
    court's look at the names, and how many would be refused, by the reason.
    """

    rights: int = 0
    reviews: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def foretell(unit: Unit, court: Court) -> Foretold:
    """Look at all that is prepared there as `become` would, and write nothing."""
    told, after = Foretold(), ""
    while some := prepared_links.of_court(unit, court.id, after, BATCH):
        for found in some:
            _foretell(unit, court, found, told)
        after = some[-1].id
    return told


def _foretell(unit: Unit, court: Court, found: Prepared, told: Foretold) -> None:
    login = legacy_logins.by_id(unit, found.legacy_login_id)
    account = directory.by_id(unit, found.account_id)
    assert login is not None
    assert account is not None
    refusal = refuse(unit, account, court, login) or conditions.refuse_outdated(
        login, found.login_version
    )
    if refusal:
        told.refused[refusal.reason] += 1
        return
    told.rights += 1
    told.reviews += linking.waits_for_review(unit, court, account, login)


def refuse(unit: Unit, account: Account, court: Court, login: LegacyLogin) -> RefusedError | None:
    """Why no right comes of it: what keeps anybody from linking on that day, or None."""
    if not account.is_active and account.frozen_at is None:
        return RefusedError(
            "account_disabled",
            _("Your PACER account is disabled."),
            _("Call the PACER Service Center at (800) 676-6856."),
        )
    return conditions.refuse_account(unit, account, court) or conditions.refuse_login(
        login, court, account
    )


def _refused(
    unit: Unit, account: Account, court: Court, found: Prepared, refusal: RefusedError
) -> None:
    prepared_links.refuse(unit, found.id, refusal.reason)
    trail.record(
        unit,
        Event.LINK_REFUSED,
        actor=trail.SYSTEM,
        account_id=account.id,
        court_id=court.id,
        reason=refusal.reason,
        legacy_login=found.legacy_login_id,
    )
    told = _("The filing login {login}, which you had prepared, was not linked.", login=found.login)
    preparing.tell_ended(unit, court, found, refusal.reason, told, str(refusal.next_step))


def _due(unit: Unit, after: str) -> list[str]:
    return prepared_links.due(unit, unit.now, after, BATCH)
