"""A link under another name, which the court wanted to look at: accepted or refused by its staff."""

from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.court_policy import help_desk
from signon.filing.court.desk import Desk, Power
from signon.filing.rights import filers, rights, second_factor
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import REVIEW
from signon.web.acts import Act
from signon.words.sentences import _

NOT_WAITING = "not_waiting_for_review"


def accept(unit: Unit, desk: Desk, number: str) -> Filer:
    """The names may differ: the right comes into force, unless a certificate is missing.

    Raises NotFoundError, RefusedError (`NOT_WAITING`, `frozen`).
    """
    filer = _waiting(unit, desk, number)
    filers.require_unfrozen(filer.account)
    left = tuple(one for one in filer.right.pending_for if one != REVIEW)
    after = rights.change(
        unit, filer.right, Event.LINK_ACCEPTED, actor=desk.actor, pending_for=left
    )
    told = _("The court has accepted the link of your filing login.")
    filers.tell(unit, desk.court, filer.account, told)
    if after.is_in_force:
        second_factor.announce(unit, desk.settings, filer.account)
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
        _("The court has refused the link of the filing login, which bears another name."),
        reason=tidy,
        next_step=_("If the login is yours, ask {court}.", court=help_desk(desk.court)),
    )
    return Filer(filer.account, ended)


ACCEPT = Act(
    "accept-link",
    accept,
    needs=Power.FILERS,
    done="The link is accepted. The filer is told by mail.",
)
REJECT = Act(
    "reject-link",
    reject,
    needs=Power.FILERS,
    done="The link is refused. The filer is told by mail.",
)


def _waiting(unit: Unit, desk: Desk, number: str) -> Filer:
    filer = filers.held(unit, desk, number)
    if REVIEW not in filer.right.pending_for:
        raise RefusedError(NOT_WAITING, f"Filer {number} does not wait for a review of names.")
    return filer
