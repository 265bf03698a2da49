"""Confirming a link: the proof is spent, and a legacy login becomes a right of an account.

The constraints of `filing_rights` decide who wins a race; the legacy login stops working in
the same transaction, since a login with a right can prove nothing any more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon.accounts import directory, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import court_policy
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import conditions, folding, namesakes, prepared_links, proving
from signon.filing.linking.proving import Bound
from signon.filing.models import folded_logins, link_proofs
from signon.filing.models import legacy_logins as logins
from signon.filing.models import rights as table
from signon.filing.rights import rights, second_factor, training
from signon.filing.rights.rights import REVIEW, Right
from signon.filing.rights.training import CERTIFICATION
from signon.filing.rights.unlinking import UNDO_FOR
from signon.filing.roles import admission_of, labels
from signon.notices import mail
from signon.notices.link_made import LinkMade
from signon.prepared import one
from signon.signin.session import Session
from signon.web.dates import moment_in_words
from signon.web.visitor import Source
from signon.words.sentences import _

PROOF_GONE = "proof_expired"


@dataclass(frozen=True, slots=True)
class Linked:
    """A login that this person linked; `waits_for_review`: the court looks at it first."""

    login: str
    roles: tuple[str, ...]
    waits_for_review: bool = False


def confirm(
    unit: Unit,
    session: Session,
    court: Court,
    journey_id: str,
    *,
    settings: Settings,
    source: Source,
    second: bool = False,
) -> Linked:
    """Link what was proved on this journey; asked twice, it answers the same again.

    Raises RefusedError.
    """
    if done := find_linked(unit, session, court, journey_id):
        return done
    try:
        if refusal := conditions.refuse(unit, session, court, settings, second=second):
            raise refusal
        made = _spend_and_link(unit, session, court, journey_id, source, second=second)
    except RefusedError as error:
        # the other half of a double click may have been a moment faster
        if done := find_linked(unit, session, court, journey_id):
            return done
        raise proving.noted(unit, error, session, court, source=source) from None
    if not made.waits_for_review:
        second_factor.announce(unit, settings, session.account)
    return made


def find_linked(unit: Unit, session: Session, court: Court, journey_id: str) -> Linked | None:
    """What this person linked on this journey, as long as the right stands."""
    bound = proving.bound_to(session, court, journey_id)
    return _linked(unit, bound) or _folded(unit, bound)


def _spend_and_link(
    unit: Unit, session: Session, court: Court, journey_id: str, source: Source, *, second: bool
) -> Linked:
    """Raises RefusedError, and then at most the proof is spent."""
    if refusal := conditions.refuse_court(court, unit.now):
        raise refusal
    spent = spend(unit, session, court, journey_id)
    account, login = spent.account, spent.login
    if second and (held := rights.held(unit, account.id, court.id)):
        return _fold(unit, account, court, held, login, session.proof, source)
    made = make(unit, account, court, login, proof=session.proof, source=source)
    if made is None:
        raise beaten(unit, account, court, login)
    return made


class Spent(NamedTuple):
    """Whose proof it was and which login it proves, both held; the password, if it was kept."""

    account: Account
    login: LegacyLogin
    password: str


def spend(unit: Unit, session: Session, court: Court, journey_id: str) -> Spent:
    """Use the journey's proof up. Raises RefusedError."""
    spent = _spend(unit, proving.bound_to(session, court, journey_id), unit.now)
    login = legacy_logins.hold(unit, spent.legacy_login_id) if spent else None
    account = directory.locked(unit, session.account.id)
    if spent is None or login is None or account is None:
        raise _proof_gone()
    # held: neither an import nor a freeze comes between
    refusal = (
        conditions.refuse_login(login, court, account)
        or conditions.refuse_outdated(login, spent.login_version)
        or repudiation.refuse_frozen(account)
    )
    if refusal:
        raise refusal
    context = proving.seal_context(spent.id)
    password = unit.ring.open(spent.password, context).decode() if spent.password else ""
    return Spent(account, login, password)


def make(
    unit: Unit,
    account: Account,
    court: Court,
    login: LegacyLogin,
    *,
    proof: Proof,
    source: Source | None = None,
) -> Linked | None:
    """Make a login that was proved, and is held, a right of an account; both addresses are told.

    None when the account has a right there, or somebody this login. What the account had prepared
    there has found its end.
    """
    right = _right(unit, account, court, login)
    made = rights.make(
        unit,
        right,
        Event.LINK_MADE,
        actor=account.id,
        source=source,
        proof=proof,
        legacy_login=login.id,
    )
    if not made:
        return None
    prepared_links.close(unit, account.id, court.id, prepared_links.LINKED, unit.now)
    _tell(unit, account, court, login, right)
    return Linked(login.login, login.roles, REVIEW in right.pending_for)


def _fold(
    unit: Unit,
    account: Account,
    court: Court,
    held: Right,
    login: LegacyLogin,
    proof: Proof,
    source: Source,
) -> Linked:
    """Into the right that is there. Raises RefusedError."""
    reviewed = waits_for_review(unit, court, account, login)
    right = folding.fold(
        unit, account, court, held, login, reviewed=reviewed, source=source, proof=proof
    )
    _tell(unit, account, court, login, right or replace(held, pending_for=(REVIEW,)))
    return Linked(login.login, login.roles, right is None)


def waits_for_review(unit: Unit, court: Court, account: Account, login: LegacyLogin) -> bool:
    """Whether the court wants to look at the link before it is made: the names differ."""
    return court_policy.reviews_names(court) and not namesakes.is_namesake(unit, account, login)


def _right(unit: Unit, account: Account, court: Court, login: LegacyLogin) -> Right:
    return rights.new(
        unit,
        account.id,
        court.id,
        roles=login.roles,
        cases=login.cases,
        admission=admission_of(login.roles, login.cases),
        legacy_login_id=login.id,
        login=login.login,
        pending_for=(REVIEW,) if waits_for_review(unit, court, account, login) else (),
        # whoever ever needed a certificate there does not come round it by linking anew
        suspended_by=(CERTIFICATION,)
        if training.rests(unit, court, account.id, login.roles)
        else (),
    )


def beaten(unit: Unit, account: Account, court: Court, login: LegacyLogin) -> RefusedError:
    """A constraint said no: this account, or somebody else with this login, was faster."""
    taken = legacy_logins.by_id(unit, login.id)
    own = conditions.refuse_account(unit, account, court)
    other = taken and conditions.refuse_login(taken, court, account)
    return own or other or _proof_gone()


def _tell(unit: Unit, account: Account, court: Court, login: LegacyLogin, right: Right) -> None:
    """Mail to both addresses."""
    letter = LinkMade(
        account_number=account.number,
        court=court.name,
        court_id=court.id,
        court_url=court.cmecf_url,
        login=login.login,
        roles=labels(login.roles),
        linked_at=moment_in_words(unit.now, court.time_zone),
        waits_for_review=int(REVIEW in right.pending_for),
        undo_until=moment_in_words(unit.now + UNDO_FOR, court.time_zone),
    )
    addresses = {address.casefold(): address for address in (account.email, login.email)}
    letters = [(address, letter) for address in addresses.values() if address]
    mail.send_many(unit, letters, language=account.language)


def _proof_gone() -> RefusedError:
    return RefusedError(
        PROOF_GONE,
        _("The page was open for too long, or it belongs to an earlier sign-in."),
        _("Start again at the court, and enter the legacy login once more."),
    )


class _Spent(NamedTuple):
    id: str
    password: bytes | None
    legacy_login_id: str
    login_version: int


@one(_Spent)
def _spend(to: Bound, now: datetime) -> ReturningUpdate[*tuple[Any, ...]]:
    return (
        update(link_proofs)
        .where(proving.is_bound(to), proving.is_open(now))
        .values(used_at=now)
        .returning(*(link_proofs.c[name] for name in _Spent._fields))
    )


def _as_linked(login: str | None, roles: list[str], pending_for: list[str] | None) -> Linked:
    assert login is not None
    return Linked(login, tuple(roles), REVIEW in (pending_for or ()))


def _as_folded(login: str, roles: list[str], accepted_at: datetime | None) -> Linked:
    return Linked(login, tuple(roles), accepted_at is None)


@one(_as_folded)
def _folded(to: Bound) -> Select[str, list[str], datetime | None]:
    return (
        select(logins.c.login, logins.c.roles, folded_logins.c.accepted_at)
        .join(link_proofs, link_proofs.c.legacy_login_id == logins.c.id)
        .join(folded_logins, folded_logins.c.legacy_login_id == logins.c.id)
        .join(table, table.c.id == folded_logins.c.right_id)
        .where(
            proving.is_bound(to),
            link_proofs.c.used_at.is_not(None),
            table.c.account_id == link_proofs.c.account_id,
            table.c.ended_at.is_(None),
        )
    )


@one(_as_linked)
def _linked(to: Bound) -> Select[str | None, list[str], list[str] | None]:
    return (
        select(table.c.login, table.c.roles, table.c.pending_for)
        .join(link_proofs, link_proofs.c.legacy_login_id == table.c.legacy_login_id)
        .where(
            proving.is_bound(to),
            link_proofs.c.used_at.is_not(None),
            table.c.account_id == link_proofs.c.account_id,
            table.c.ended_at.is_(None),
        )
    )
