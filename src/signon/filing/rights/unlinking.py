"""Ending a right: by the court, or by the person who has just linked the wrong login.

Nothing can be undone at PACER (domain facts 10: "wrong account linked, irreversible"). Here the
person has a day. The legacy login can be proved again afterwards, and only a new proof links it.
"""

from datetime import datetime, timedelta

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF, Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.court_policy import help_desk
from signon.filing.court.desk import Desk, Power
from signon.filing.rights import filers, rights
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import Right
from signon.filing.rights.training import CERTIFICATION
from signon.web.acts import Act
from signon.web.visitor import Source
from signon.words.sentences import _

UNDO_FOR = timedelta(hours=24)
NOTHING_TO_UNDO, TOO_LATE, SUSPENDED = "nothing_to_undo", "undo_too_late", "right_suspended"


def unlink(unit: Unit, desk: Desk, number: str, reason: str) -> Filer:
    """End the right of a filer, linked or approved; the filer is told why.

    Raises InputError for the reason, NotFoundError.
    """
    tidy = filers.reason_of(reason)
    filer = filers.held(unit, desk, number)
    noted = {"legacy_login": filer.right.legacy_login_id}
    ended = rights.end(unit, filer.right, Event.RIGHT_UNLINKED, actor=desk.actor, noted=noted)
    filers.tell(
        unit,
        desk.court,
        filer.account,
        "The court has ended your filing rights there.",
        reason=tidy,
        next_step=f"If you do not know why, ask {help_desk(desk.court)}.",
    )
    return Filer(filer.account, ended)


UNLINK = Act(
    "unlink",
    unlink,
    needs=Power.FILERS,
    done="The filing rights have ended. The filer is told by mail.",
)


def undo_until(right: Right, now: datetime) -> datetime | None:
    """Until when the person may undo this link, or None when they may not any more."""
    ends = right.created_at + UNDO_FOR
    by_others = [one for one in right.suspended_by if one != CERTIFICATION]
    return ends if right.legacy_login_id and not by_others and now < ends else None


def undoable(unit: Unit, account: Account, court: Court) -> Right:
    """The right whose link may be undone, held. Raises RefusedError: there is none."""
    right = rights.held(unit, account.id, court.id)
    if right is None or right.legacy_login_id is None:
        raise RefusedError(
            NOTHING_TO_UNDO,
            _("Your account has no linked filing login at {court}.", court=court.name),
            _("There is nothing to undo."),
        )
    if undo_until(right, unit.now):
        repudiation.require_unfrozen(account)
        return right
    if unit.now >= right.created_at + UNDO_FOR:
        raise RefusedError(
            TOO_LATE,
            _("A link can be undone for 24 hours, and this one is older."),
            _("Ask {help_desk} to end it.", help_desk=help_desk(court)),
        )
    raise RefusedError(
        SUSPENDED,
        _("The court has suspended these filing rights, so the link stays as it is."),
        f"Ask {help_desk(court)}.",
    )


def undo(
    unit: Unit, account: Account, court: Court, *, source: Source, proof: Proof = NO_PROOF
) -> Right:
    """End one's own fresh link; the legacy login works for linking again, with proof.

    Whoever calls this has made sure that the sign-in is one of just now. Raises RefusedError,
    which stands in the trail.
    """
    try:
        found = undoable(unit, account, court)
    except RefusedError as error:
        trail.record(
            unit,
            Event.RIGHT_REFUSED,
            actor=account.id,
            account_id=account.id,
            court_id=court.id,
            reason=error.reason,
            source=source,
        )
        raise unit.keep(error) from None
    noted = {"legacy_login": found.legacy_login_id, "source": source, "proof": proof}
    ended = rights.end(unit, found, Event.LINK_UNDONE, actor=account.id, noted=noted)
    filers.tell(
        unit,
        court,
        account,
        f"You undid the link of the filing login {found.login}.",
        next_step="The login works for linking again, with its password or by a mailed link.",
    )
    return ended
