"""A link under another name, which the court wanted to look at: accepted or refused by its staff."""

from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.desk import Desk
from signon.filing.linking.conditions import help_desk
from signon.filing.rights import filers, rights, second_factor
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import REVIEW

NOT_WAITING = "not_waiting_for_review"


def accept(unit: Unit, desk: Desk, settings: Settings, number: str) -> Filer:
    """The names may differ: the right comes into force, unless a certificate is missing.

    Raises NotFoundError, RefusedError (`NOT_WAITING`, `frozen`).
    """
    filer = _waiting(unit, desk, number)
    filers.require_unfrozen(filer.account)
    left = tuple(one for one in filer.right.pending_for if one != REVIEW)
    after = rights.change(
        unit, filer.right, Event.LINK_ACCEPTED, actor=desk.actor, pending_for=left
    )
    told = "The court has accepted the link of your filing login."
    filers.tell(unit, desk.court, filer.account, told)
    if after.is_in_force:
        second_factor.announce(unit, settings, filer.account)
    return Filer(filer.account, after)


def reject(unit: Unit, desk: Desk, number: str, reason: str) -> Filer:
    """The link is not made; the legacy login works for linking again, with proof.

    Raises InputError for the reason, NotFoundError, RefusedError (`NOT_WAITING`).
    """
    tidy = filers.reason_of(reason)
    filer = _waiting(unit, desk, number)
    noted = {"legacy_login": filer.right.legacy_login_id}
    ended = rights.end(unit, filer.right, Event.LINK_REJECTED, actor=desk.actor, noted=noted)
    filers.tell(
        unit,
        desk.court,
        filer.account,
        "The court has refused the link of the filing login, which bears another name.",
        reason=tidy,
        next_step=f"If the login is yours, ask {help_desk(desk.court)}.",
    )
    return Filer(filer.account, ended)


def _waiting(unit: Unit, desk: Desk, number: str) -> Filer:
    filer = filers.held(unit, desk, number)
    if REVIEW not in filer.right.pending_for:
        raise RefusedError(NOT_WAITING, f"Filer {number} does not wait for a review of names.")
    return filer
