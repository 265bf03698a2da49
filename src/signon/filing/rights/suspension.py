"""A court suspends a filer's rights with a reason, and restores them."""

from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.court_policy import help_desk
from signon.filing.court.desk import Desk, Power
from signon.filing.rights import filers, rights, training
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import COURT, IMPORT
from signon.filing.rights.training import CERTIFICATION
from signon.web.acts import Act

ALREADY, NOT_SUSPENDED = "already_suspended", "not_suspended"


def suspend(unit: Unit, desk: Desk, number: str, reason: str) -> Filer:
    """Nothing can be filed there any more, at once; the filer is told why.

    Raises InputError for the reason, NotFoundError, RefusedError (`ALREADY`).
    """
    tidy = filers.reason_of(reason)
    filer = filers.held(unit, desk, number)
    before = filer.right
    if COURT in before.suspended_by:
        raise RefusedError(ALREADY, f"The rights of filer {number} are suspended already.")
    after = rights.change(
        unit,
        before,
        Event.RIGHT_SUSPENDED,
        actor=desk.actor,
        suspended_by=(*before.suspended_by, COURT),
        suspension_reason=tidy,
    )
    filers.tell(
        unit,
        desk.court,
        filer.account,
        "The court has suspended your filing rights: you cannot file there until it restores them.",
        reason=tidy,
        next_step=f"Ask {help_desk(desk.court)}.",
    )
    return Filer(filer.account, after)


SUSPEND = Act(
    "suspend",
    suspend,
    needs=Power.FILERS,
    done="The filing rights are suspended. The filer is told by mail.",
)


def restore(unit: Unit, desk: Desk, number: str) -> Filer:
    """End what staff or an imported list suspended. A missing certificate suspends on.

    Raises NotFoundError, RefusedError (`NOT_SUSPENDED`, `frozen`).
    """
    filer = filers.held(unit, desk, number)
    filers.require_unfrozen(filer.account)
    before = filer.right
    court = desk.court
    gone = {COURT, IMPORT}
    if not training.rests(unit, court, filer.account.id, before.roles):
        # the court may ask for less training than when the rights were suspended
        gone.add(CERTIFICATION)
    left = tuple(one for one in before.suspended_by if one not in gone)
    if left == before.suspended_by:
        raise RefusedError(
            NOT_SUSPENDED,
            f"The rights of filer {number} rest for want of a certificate: record one."
            if CERTIFICATION in left
            else f"The last day of filer {number}’s rights is over: set a later one."
            if left
            else f"The rights of filer {number} are not suspended.",
        )
    after = rights.change(
        unit,
        before,
        Event.RIGHT_RESTORED,
        actor=desk.actor,
        suspended_by=left,
        suspension_reason=None,
    )
    told = "The court has restored your filing rights."
    if not after.is_in_force:
        told += " They come into force once there is a valid certificate."
    filers.tell(unit, desk.court, filer.account, told)
    return Filer(filer.account, after)


RESTORE = Act(
    "restore",
    restore,
    needs=Power.FILERS,
    done="The suspension is ended. The filer is told by mail.",
)
