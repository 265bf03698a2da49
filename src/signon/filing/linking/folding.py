"""A person's second login of a court: proved like the first, and folded into the one right.

Old systems gave some people two logins. An account has one right at a court, so the roles are
united; `ecf_login` stays the first, by which the court knows the person, and `ecf_other_logins`
lists the rest. Where the court looks first, the login gives nothing until it is accepted, and
the right goes on as it was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Delete, Select, Update, delete, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import ReturningDelete

from signon.accounts import history, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF, Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing import roles as catalogue
from signon.filing.court import court_policy
from signon.filing.court.court_policy import help_desk
from signon.filing.court.desk import Desk, Power
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin, LoginStatus
from signon.filing.linking import remaining
from signon.filing.models import folded_logins
from signon.filing.models import legacy_logins as logins
from signon.filing.rights import filers, rights, unlinking
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import COURT, FOLD, Right
from signon.filing.rights.training import CERTIFICATION
from signon.filing.rights.unlinking import UNDO_FOR
from signon.filing.roles import Role, admission_of, in_order
from signon.prepared import change, one, value
from signon.web.acts import Act
from signon.web.visitor import Source
from signon.words.sentences import _

SECOND = "second"
"""In a journey's request: the person says that the login is a second one."""
NOT_WAITING = "no_login_waits"
WORKS_AGAIN = _("The legacy login works for linking again, with its password or by a mailed link.")


class Fold(NamedTuple):
    """A login that was folded in."""

    legacy_login_id: str
    login: str


class _Unfolded(NamedTuple):
    accepted_at: datetime | None


def fold(
    unit: Unit,
    account: Account,
    court: Court,
    right: Right,
    login: LegacyLogin,
    *,
    reviewed: bool,
    source: Source,
    proof: Proof = NO_PROOF,
) -> Right | None:
    """Fold a proved login into the right, both held; None: the court looks at it first.

    `reviewed`: something else about the login makes the court look. Raises RefusedError.
    """
    if refusal := _refuse(right, login, court):
        raise refusal
    waits = reviewed or court_policy.reviews_second_logins(court)
    return _fold(unit, account, court, right, login, waits=waits, source=source, proof=proof)


def _fold(
    unit: Unit,
    account: Account,
    court: Court,
    right: Right,
    login: LegacyLogin,
    *,
    waits: bool,
    source: Source,
    proof: Proof,
) -> Right | None:
    if _keep(unit, login.id, right.id, unit.now, None if waits else unit.now) != 1:
        raise _taken(court)
    if not waits:
        return _unite(unit, right, login, actor=account.id, source=source, proof=proof)
    event_id = trail.record(
        unit,
        Event.LOGIN_FOLDED,
        actor=account.id,
        account_id=account.id,
        court_id=court.id,
        source=source,
        legacy_login=login.id,
        waits=True,
    )
    _note_own(unit, right, event_id, proof, "after", login.id)
    return None


def undoable(unit: Unit, right: Right | None) -> Fold | None:
    """What its holder folded in last, within the time in which a link may be undone; what a court
    has suspended stays as it is.
    """
    if right is None or any(why != CERTIFICATION for why in right.suspended_by):
        return None
    return _newest(unit, right.id, unit.now - UNDO_FOR)


def undo(
    unit: Unit, account: Account, court: Court, *, source: Source, proof: Proof = NO_PROOF
) -> Right:
    """Take back what one linked last: a folded login alone, else the link itself.

    Raises as `unlinking.undo` does.
    """
    right = rights.held(unit, account.id, court.id)
    last = undoable(unit, right)
    if right is None or last is None:
        return unlinking.undo(unit, account, court, source=source, proof=proof)
    repudiation.require_unfrozen(account)
    after = take_back(unit, right, last.legacy_login_id, proof=proof, source=source)
    told = _("You took back the further filing login {login}.", login=last.login)
    filers.tell(unit, court, account, told, next_step=WORKS_AGAIN)
    return after


def take_back(
    unit: Unit,
    right: Right,
    login_id: str,
    *,
    proof: Proof = NO_PROOF,
    source: Source,
    reason: str | None = None,
) -> Right:
    """Undo one folding of a right that is held: what that login alone gave goes, the rest stays.

    What the court has changed since stays too. Nothing happens when it is folded in no more.
    """
    login = legacy_logins.by_id(unit, login_id)
    waited = _unfold(unit, right.id, login_id)
    if login is None or waited is None:
        return right
    if waited.accepted_at is not None:
        return rights.change(
            unit,
            right,
            Event.LOGIN_UNFOLDED,
            actor=right.account_id,
            noted={"source": source, "legacy_login": login_id, "reason": reason, "proof": proof},
            **remaining.without(unit, right, login),
        )
    event_id = trail.record(
        unit,
        Event.LOGIN_UNFOLDED,
        actor=right.account_id,
        account_id=right.account_id,
        court_id=right.court_id,
        source=source,
        reason=reason,
        legacy_login=login_id,
    )
    _note_own(unit, right, event_id, proof, "before", login_id)
    return right


def disown(unit: Unit, right: Right, login_id: str, *, source: Source, reason: str) -> None:
    """`take_back` of what was somebody else's; what a court has suspended stays as it is."""
    if COURT not in right.suspended_by:
        take_back(unit, right, login_id, source=source, reason=reason)


def bring_back(unit: Unit, account: Account, undone: Mapping[str, Any], *, source: Source) -> None:
    """Fold a login in again that somebody else took back with the account, as the history has it,
    unless it is another's by now, or the court has closed it. It waits for the court if it did.
    """
    # in the order in which an import holds them
    login = legacy_logins.hold(unit, undone["legacy_login"])
    right = rights.held(unit, account.id, undone["court"])
    is_open = login and not login.is_linked and login.status is LoginStatus.ACTIVE
    is_same = right and right.id == undone["right"] and COURT not in right.suspended_by
    if not (login and right and is_open and is_same):
        return
    court, waits = read_one(unit, right.court_id), "waits" in undone
    if not _refuse(right, login, court):
        _fold(unit, account, court, right, login, waits=waits, source=source, proof=NO_PROOF)


def _note_own(
    unit: Unit, right: Right, event_id: str, proof: Proof, side: str, login_id: str
) -> None:
    """Of a login that waits, which changes no right: where it can be disowned."""
    this = {
        "right": right.id,
        "court": right.court_id,
        "legacy_login": login_id,
        "waits": True,
    }
    history.note(
        unit,
        right.account_id,
        FOLD,
        event_id,
        actor=right.account_id,
        proof=proof,
        **{side: this},
    )


def waiting(unit: Unit, right: Right | None) -> str | None:
    """The login that the court is to look at, if one waits."""
    return _waiting(unit, right.id) if right else None


def accept(unit: Unit, desk: Desk, number: str) -> Filer:
    """It is the filer's: its roles come to the right.

    Raises NotFoundError, RefusedError (`NOT_WAITING`, `frozen`, `logins_differ`).
    """
    filer = filers.held(unit, desk, number)
    filers.require_unfrozen(filer.account)
    login = _of_waiting(unit, filer, number)
    if refusal := _refuse(filer.right, login, desk.court):
        raise refusal
    _accept(unit, login.id, unit.now)
    after = _unite(unit, filer.right, login, actor=desk.actor, source=desk.source)
    told = _("The court has accepted your further filing login {login}.", login=login.login)
    filers.tell(unit, desk.court, filer.account, told)
    return Filer(filer.account, after)


def reject(unit: Unit, desk: Desk, number: str, reason: str) -> Filer:
    """It is not: the login can be proved by whoever holds it; the right stays as it is.

    Raises InputError for the reason, NotFoundError, RefusedError (`NOT_WAITING`).
    """
    tidy = filers.reason_of(reason)
    filer = filers.held(unit, desk, number)
    login = _of_waiting(unit, filer, number)
    _drop(unit, login.id)
    trail.record(
        unit,
        Event.FOLD_REJECTED,
        actor=desk.actor,
        account_id=filer.account.id,
        court_id=desk.court.id,
        source=desk.source,
        legacy_login=login.id,
    )
    told = _("The court has not accepted {login} as your further filing login.", login=login.login)
    filers.tell(unit, desk.court, filer.account, told, reason=tidy)
    return filer


ACCEPT = Act(
    "accept-login",
    accept,
    needs=Power.FILERS,
    done="The further login is accepted. The filer is told by mail.",
)
REJECT = Act(
    "reject-login",
    reject,
    needs=Power.FILERS,
    done="The further login is refused. The filer is told by mail.",
)


def _unite(
    unit: Unit,
    right: Right,
    login: LegacyLogin,
    *,
    actor: str,
    source: Source,
    proof: Proof = NO_PROOF,
) -> Right:
    roles, cases = _united(right, login)
    return rights.change(
        unit,
        right,
        Event.LOGIN_FOLDED,
        actor=actor,
        noted={"source": source, "legacy_login": login.id, "proof": proof},
        roles=tuple(role.value for role in roles),
        cases=cases,
        admission=right.admission or admission_of(login.roles, login.cases),
        other_logins=(*right.other_logins, login.login),
    )


def _united(right: Right, login: LegacyLogin) -> tuple[tuple[Role, ...], tuple[str, ...] | None]:
    roles = in_order({*right.roles, *login.roles})
    if right.cases is None or login.cases is None:
        return roles, None
    return roles, tuple(dict.fromkeys((*right.cases, *login.cases)))


def _refuse(right: Right, login: LegacyLogin, court: Court) -> RefusedError | None:
    """Cases limit a whole right: a login for some cases and one for all are no one right."""
    roles, cases = _united(right, login)
    is_mixed = (right.cases is None) != (login.cases is None)
    if not is_mixed and not catalogue.problem_with(roles, cases, court.type):
        return None
    return RefusedError(
        "logins_differ",
        _(
            "The login {login} and the one that you have are limited to cases in different ways, "
            "so they cannot be one filing right.",
            login=login.login,
        ),
        _("Ask {court}.", court=help_desk(court)),
    )


def _of_waiting(unit: Unit, filer: Filer, number: str) -> LegacyLogin:
    login_id = _waiting_id(unit, filer.right.id)
    login = legacy_logins.by_id(unit, login_id) if login_id else None
    if login is None:
        raise RefusedError(NOT_WAITING, f"Filer {number} has no further login that waits.")
    return login


def _taken(court: Court) -> RefusedError:
    return RefusedError(
        "login_taken",
        _("The login was folded into a filing right meanwhile."),
        _("If you did not do that yourself, tell {court} at once.", court=help_desk(court)),
    )


@change
def _keep(login_id: str, right_id: str, now: datetime, accepted_at: datetime | None) -> Insert:
    made = insert(folded_logins).values(
        legacy_login_id=login_id, right_id=right_id, folded_at=now, accepted_at=accepted_at
    )
    return made.on_conflict_do_nothing()


@change
def _accept(login_id: str, now: datetime) -> Update:
    waits = update(folded_logins).where(*_waits(), folded_logins.c.legacy_login_id == login_id)
    return waits.values(accepted_at=now)


@change
def _drop(login_id: str) -> Delete:
    return delete(folded_logins).where(*_waits(), folded_logins.c.legacy_login_id == login_id)


@one(_Unfolded)
def _unfold(right_id: str, login_id: str) -> ReturningDelete[datetime | None]:
    of_both = folded_logins.c.right_id == right_id, folded_logins.c.legacy_login_id == login_id
    return delete(folded_logins).where(*of_both).returning(folded_logins.c.accepted_at)


@one(Fold)
def _newest(right_id: str, since: datetime) -> Select[str, str]:
    return (
        select(folded_logins.c.legacy_login_id, logins.c.login)
        .join(logins, logins.c.id == folded_logins.c.legacy_login_id)
        .where(folded_logins.c.right_id == right_id, folded_logins.c.folded_at > since)
        .order_by(folded_logins.c.folded_at.desc(), folded_logins.c.legacy_login_id)
        .limit(1)
    )


def _waits() -> tuple[ColumnElement[bool], ...]:
    return (folded_logins.c.accepted_at.is_(None),)


@value
def _waiting(right_id: str) -> Select[str]:
    found = select(logins.c.login).join(
        folded_logins, folded_logins.c.legacy_login_id == logins.c.id
    )
    return found.where(*_waits(), folded_logins.c.right_id == right_id).limit(1)


@value
def _waiting_id(right_id: str) -> Select[str]:
    found = select(folded_logins.c.legacy_login_id).where(
        *_waits(), folded_logins.c.right_id == right_id
    )
    return found.limit(1)
