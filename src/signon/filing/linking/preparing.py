"""Preparing a link before the court goes live: what was proved is kept as a proof, not as a right.

It becomes the right on the day, by itself (`filing.cutover.going_live`), and ends as soon as the
court changes what was proved. The person undoes it until then.
"""

import json
from typing import Any

from sqlalchemy import Select

from signon import ids
from signon.accounts import directory, foreign_hashes, repudiation
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.history import Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.court_policy import help_desk
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import conditions, linking, prepared_links, proving
from signon.filing.linking.linking import Spent
from signon.filing.linking.models import prepared_links as table
from signon.filing.linking.prepared_links import CHANGED, READ, UNDONE, New, Prepared, is_good
from signon.filing.linking.proving import Bound
from signon.filing.models import link_proofs
from signon.filing.rights import filers
from signon.notices import mail
from signon.notices.link_prepared import LinkPrepared
from signon.prepared import one
from signon.signin.session import Session
from signon.web.dates import day_in_words
from signon.web.visitor import Source
from signon.words.sentences import _

NOTHING_PREPARED = "nothing_to_undo"


def prepare(
    unit: Unit,
    session: Session,
    court: Court,
    journey_id: str,
    *,
    settings: Settings,
    source: Source,
) -> Prepared:
    """Keep what was proved on this journey for the day; asked twice, it answers the same again.

    Raises RefusedError.
    """
    to = proving.bound_to(session, court, journey_id)
    if done := _of_journey(unit, to):
        return done
    try:
        if refusal := conditions.refuse(unit, session, court, settings):
            raise refusal
        spent = linking.spend(unit, session, court, journey_id)
        account, login = spent.account, spent.login
        _keep(unit, session, court, spent)
    except RefusedError as error:
        # the other half of a double click may have been a moment faster
        if done := _of_journey(unit, to):
            return done
        raise proving.noted(unit, error, session, court, source=source) from None
    _note(unit, Event.LINK_PREPARED, account.id, court.id, login.id, account.id, source=source)
    _tell(unit, account, court, login)
    done = prepared_links.find(unit, account.id, court.id)
    assert done is not None
    return done


def undo(unit: Unit, account: Account, court: Court, *, source: Source) -> Prepared:
    """End what the account has prepared at a court; the login can be proved again.

    Raises RefusedError: there is nothing, or the day has come.
    """
    found = prepared_links.find(unit, account.id, court.id)
    if found is None or not prepared_links.end(unit, found.id, UNDONE, unit.now):
        raise RefusedError(
            NOTHING_PREPARED,
            _("Your account has prepared no filing login at {court}.", court=court.name),
            _("There is nothing to undo."),
        )
    repudiation.require_unfrozen(account)
    event = Event.PREPARED_LINK_UNDONE
    _note(unit, event, account.id, court.id, found.legacy_login_id, account.id, source=source)
    filers.tell(
        unit,
        court,
        account,
        _("You undid the preparation of the filing login {login}.", login=found.login),
        next_step=_("Nothing becomes of it on the day. The login can be proved again."),
    )
    return found


def end_outdated(unit: Unit, court: Court, found: Prepared) -> bool:
    """End one whose login the court has changed, and tell its holder; False when it has ended."""
    if not prepared_links.end(unit, found.id, CHANGED, unit.now):
        return False
    told = _(
        "The court has changed the filing login {login}, so what you had prepared has ended.",
        login=found.login,
    )
    step = _("If the login is yours, prove it once more: with its password of now, or by mail.")
    tell_ended(unit, court, found, CHANGED, told, step)
    return True


def tell_ended(
    unit: Unit, court: Court, found: Prepared, reason: str, what: str, next_step: str
) -> None:
    """Write down that it has ended though its holder did nothing, and mail it."""
    account = directory.by_id(unit, found.account_id)
    assert account is not None
    _note(
        unit,
        Event.PREPARED_LINK_ENDED,
        account.id,
        court.id,
        found.legacy_login_id,
        trail.SYSTEM,
        reason=reason,
    )
    filers.tell(unit, court, account, what, next_step=next_step)


def still_proves(
    ring: KeyRing, hasher: Hasher, found: Prepared, sealed: bytes | None, login: LegacyLogin
) -> bool:
    """Whether a changed login is the one that was proved, with its password hashed anew: nothing
    else has changed, not even for a while. Slow; hold no connection.
    """
    stored = legacy_logins.open_password(ring, login)
    if sealed is None or not stored or login.proof_version != found.login_version + 1:
        return False
    if login_mac(ring, login) != found.login_mac:
        return False
    password = ring.open(sealed, prepared_links.seal_context(found.id)).decode()
    return foreign_hashes.verify(stored, password, hasher.argon2)


def login_mac(ring: KeyRing, login: LegacyLogin) -> bytes:
    """Of what of a login a proof rests on beside its password."""
    parts = (login.first_name, login.last_name, login.email, login.status)
    return ring.mac("prepared-login", json.dumps(parts).encode())


def new_of(
    unit: Unit, account_id: str, court: Court, login: LegacyLogin, proof: Proof, password: str
) -> New:
    """What is kept of a login that an account has proved, by its password unless that is empty."""
    prepared_id = ids.new_id()
    context = prepared_links.seal_context(prepared_id)
    return New(
        prepared_id,
        account_id,
        court.id,
        login.id,
        login.proof_version,
        unit.now,
        proof.session_id,
        proof.factor_since,
        login_mac(unit.ring, login),
        court.go_live,
        unit.ring.seal(password.encode(), context) if password else None,
    )


def _keep(unit: Unit, session: Session, court: Court, spent: Spent) -> None:
    """Raises RefusedError: this account, or somebody else with this login, was faster."""
    account, login = spent.account, spent.login
    for one_of_them in prepared_links.in_the_way(unit, account.id, court.id, login.id):
        end_outdated(unit, court, one_of_them)
    new = new_of(unit, account.id, court, login, session.proof, spent.password)
    if not prepared_links.add(unit, new):
        raise (
            conditions.refuse_prepared(unit, account, court)
            or conditions.refuse_login_prepared(login, court)
        )


def _note(
    unit: Unit,
    event: Event,
    account_id: str,
    court_id: str,
    login_id: str,
    actor: str,
    *,
    source: Source | None = None,
    reason: str | None = None,
) -> None:
    trail.record(
        unit,
        event,
        actor=actor,
        account_id=account_id,
        court_id=court_id,
        source=source,
        reason=reason,
        legacy_login=login_id,
    )


def tell_moved(unit: Unit, court: Court, found: Prepared) -> bool:
    """Mail the court's new day to everybody who was told the old one; False: they know it."""
    if not prepared_links.tell(unit, found.id, found.told_day, court.go_live):
        return False
    account = directory.by_id(unit, found.account_id)
    login = legacy_logins.by_id(unit, found.legacy_login_id)
    assert account is not None
    assert login is not None
    _tell(unit, account, court, login, moved=True)
    return True


def _tell(
    unit: Unit, account: Account, court: Court, login: LegacyLogin, *, moved: bool = False
) -> None:
    """Mail to both addresses: whoever has the login's learns that somebody proved it."""
    letter = LinkPrepared(
        account_number=account.number,
        court=court.name,
        court_id=court.id,
        login=login.login,
        day=day_of(court),
        is_moved=int(moved),
        help_desk=help_desk(court),
    )
    addresses = {address.casefold(): address for address in (account.email, login.email)}
    letters = [(address, letter) for address in addresses.values() if address]
    mail.send_many(unit, letters, language=account.language)


def day_of(court: Court) -> str:
    """The day on which a court goes live, in words."""
    when = court.go_live_local
    return day_in_words(when) if when else _("a day that the court has yet to name")


@one(Prepared)
def _of_journey(to: Bound) -> Select[*tuple[Any, ...]]:
    return READ.join(link_proofs, link_proofs.c.legacy_login_id == table.c.legacy_login_id).where(
        proving.is_bound(to),
        link_proofs.c.used_at.is_not(None),
        table.c.account_id == link_proofs.c.account_id,
        is_good(),
    )
