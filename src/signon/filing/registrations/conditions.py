"""Who may register for e-filing at a court, in the order in which people are told."""

from datetime import datetime

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.court_policy import help_desk, offered_types
from signon.filing.linking.conditions import NOT_UPGRADED, refuse_elsewhere
from signon.filing.rights import filing_status
from signon.filing.rights.filing_status import EcfStatus
from signon.web.dates import day_in_words
from signon.words.sentences import _, together

NOT_LIVE = "court_not_live"
ALREADY = "already_has_rights"
CLOSED = "registration_closed"
NOT_INDIVIDUAL = "account_not_individual"


def refuse(unit: Unit, account: Account | None, court: Court) -> RefusedError | None:
    """The first reason why this person cannot register at this court, or None; a stranger is
    told only what is true for everybody.
    """
    refusal = refuse_court(court, unit.now)
    if refusal or account is None:
        return refusal
    return (
        refuse_elsewhere(account, court)
        or refuse_account(account)
        or _refuse_second(unit, account, court)
    )


def refuse_court(court: Court, now: datetime) -> RefusedError | None:
    """A court decides registrations here from its go-live on."""
    if not court.is_live(now):
        when = court.go_live_local
        starts = (
            _("It starts on {when}.", when=day_in_words(when)) if when else _("No date is set yet.")
        )
        return RefusedError(
            NOT_LIVE,
            together(_("{name} does not take registrations here yet.", name=court.name), starts),
            _(
                "Until then, register and file at the court’s own site. If the court has given you a "
                "filing login, keep its password: you link it here once the court has started."
            ),
        )
    if not offered_types(court):
        return RefusedError(
            CLOSED,
            _("{name} takes no registrations for e-filing here.", name=court.name),
            _("Ask {court} how to file there.", court=help_desk(court)),
        )
    return None


def refuse_account(account: Account) -> RefusedError | None:
    """Only an upgraded individual account holds filing rights."""
    if account.kind is not AccountKind.INDIVIDUAL:
        return RefusedError(
            NOT_INDIVIDUAL,
            _(
                "Filing rights belong to one person. You are signed in with an account that is not "
                "one person’s."
            ),
            _("Sign out, then sign in with an individual PACER account of your own."),
        )
    if not account.is_upgraded:
        return RefusedError(
            NOT_UPGRADED,
            _(
                "Your PACER account is a legacy account. Only an upgraded account can hold filing "
                "rights."
            ),
            _("Upgrade your account now: it takes a few minutes, and then you come back here."),
        )
    return repudiation.refuse_frozen(account)


def _refuse_second(unit: Unit, account: Account, court: Court) -> RefusedError | None:
    """One right at a court; whoever wants to do more there asks the court."""
    found = filing_status.find(unit, account.id, court)
    if found.status is EcfStatus.NOT_LINKED or not found.has_right:
        return None
    return RefusedError(
        ALREADY,
        _("You already have filing rights at {name}.", name=court.name),
        _("If they are suspended, or you need another role, ask {court}.", court=help_desk(court)),
    )
