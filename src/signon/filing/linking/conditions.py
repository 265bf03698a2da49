"""What must be so before anything is linked, in the order in which people are told.

Every refusal says why in plain words and what to do next; its reason is stable and stands in
the audit trail.
"""

from datetime import datetime

from signon.accounts import own_account, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.court_policy import help_desk, may_prepare
from signon.filing.legacy_logins.legacy_logins import LegacyLogin, LoginStatus
from signon.filing.linking import prepared_links
from signon.filing.rights import filing_status
from signon.filing.rights.filing_status import EcfStatus, FilingStatus
from signon.notices import rehearsals
from signon.signin.session import Session
from signon.web.dates import day_in_words
from signon.words.sentences import _, together

SIGN_IN_AGAIN = "sign_in_again"
"""The one refusal that a page answers by asking for the password."""

ALREADY_PREPARED = "already_prepared"

ALREADY_LINKED = "already_linked"
"""The one after which a second login can be proved."""

NOT_UPGRADED = "account_not_upgraded"
"""The one that the person can mend at once."""


def refuse_court(court: Court, now: datetime) -> RefusedError | None:
    """A court takes over its filers from its go-live on, not before."""
    if court.is_live(now):
        return None
    when = court.go_live_local
    if when is None:
        sentence = _(
            "{name} does not use central sign-on for filing yet. No date is set.", name=court.name
        )
        until = _(
            "Until then, file at the court’s own site with the login that the court gave you. "
            "Keep its password at hand: you will need it once to link."
        )
    else:
        sentence = _(
            "{name} does not use central sign-on for filing yet. It starts on {when}.",
            name=court.name,
            when=day_in_words(when),
        )
        until = _(
            "From that day on you can link your login here. Until then, file at the court’s own "
            "site with the login that the court gave you. Keep its password at hand: you will need "
            "it once to link."
        )
    return RefusedError(
        "court_not_live",
        sentence,
        until,
    )


def refuse_account(
    unit: Unit, account: Account, court: Court, *, second: bool = False
) -> RefusedError | None:
    """Only an upgraded individual account holds filing rights, and one for each court.

    One that is frozen gains none. `second`: the login is to be folded into the right that is there.
    """
    if frozen := repudiation.refuse_frozen(account):
        return frozen
    if elsewhere := refuse_elsewhere(account, court):
        return elsewhere
    if account.kind is not AccountKind.INDIVIDUAL:
        return RefusedError("account_not_individual", *_WRONG_KIND[account.kind])
    if not account.is_upgraded:
        return RefusedError(
            NOT_UPGRADED,
            _(
                "Your PACER account is a legacy account. Only an upgraded account can hold filing "
                "rights."
            ),
            _(
                "Upgrade your account now: it takes a few minutes, and then you come back here and "
                "link your filing login."
            ),
        )
    if frozen := repudiation.refuse_frozen(account):
        return frozen
    found = filing_status.find(unit, account.id, court)
    if second and found.status is EcfStatus.ACTIVE and found.login:
        return None
    return _refuse_second(found, court)


def refuse_elsewhere(account: Account, court: Court) -> RefusedError | None:
    """Whoever was invented for a rehearsal holds rights there alone."""
    if not rehearsals.is_elsewhere(account.email, court.id):
        return None
    return RefusedError(
        "account_of_a_rehearsal",
        _("Your account was invented for a rehearsal of a court, and opens nothing else."),
        _("Sign out, then sign in with a PACER account of your own."),
    )


def _refuse_second(found: FilingStatus, court: Court) -> RefusedError | None:
    """An account has one filing login at a court, suspended or not."""
    if found.status in {EcfStatus.NOT_LINKED, EcfStatus.NOT_LIVE}:
        return None
    if found.status is EcfStatus.PENDING and found.login is None:
        return RefusedError(
            "registration_pending",
            _(
                "{name} has your request for filing rights and has not finished with it.",
                name=court.name,
            ),
            _(
                "Wait for the court’s answer: it comes by mail. To link a filing login that you "
                "already have, withdraw the request first."
            ),
        )
    if found.login:
        has = _("Your PACER account already has the filing login {login} at {name}.")
    else:
        has = _("Your PACER account already has filing rights at {name}.")
    sentence = _(has, login=found.login, name=court.name)
    if found.status is EcfStatus.PENDING:
        return RefusedError(
            ALREADY_LINKED,
            together(sentence, _("It is not in force yet.")),
            _("Your list of what is needed there says what it waits for."),
        )
    if found.status is EcfStatus.SUSPENDED:
        return RefusedError(
            ALREADY_LINKED,
            together(sentence, _("The court has suspended it.")),
            _("Ask {court} what to do.", court=help_desk(court)),
        )
    return RefusedError(
        ALREADY_LINKED,
        together(sentence, _("An account has one filing login at a court.")),
        _(
            "Go back to the court and refresh the page to see the filing menus. If it is the wrong "
            "login, ask {court}. A second login of yours can be folded into it.",
            court=help_desk(court),
        ),
    )


def refuse_stale(unit: Unit, session: Session, settings: Settings) -> RefusedError | None:
    """Linking moves rights, so the person at the keyboard has just signed in."""
    if session.is_fresh(unit.now, settings):
        return None
    return RefusedError(
        SIGN_IN_AGAIN,
        _("You signed in a while ago."),
        _("Enter your password again to go on."),
    )


def refuse(
    unit: Unit, session: Session, court: Court, settings: Settings, *, second: bool = False
) -> RefusedError | None:
    """The first reason why this person cannot link a login at this court, or None.

    Before the court goes live a login can be proved too, if the court lets people prepare.
    """
    return (
        refuse_proving(court, unit.now)
        or refuse_account(unit, session.account, court, second=second)
        or refuse_prepared(unit, session.account, court)
        or refuse_stale(unit, session, settings)
    )


def refuse_proving(court: Court, now: datetime) -> RefusedError | None:
    """Why nobody can prove a login of this court now."""
    return None if may_prepare(court, now) else refuse_court(court, now)


def refuse_prepared(unit: Unit, account: Account, court: Court) -> RefusedError | None:
    """Until the court goes live, an account prepares one login there."""
    found = None if court.is_live(unit.now) else prepared_links.find(unit, account.id, court.id)
    if found is None:
        return None
    return RefusedError(
        ALREADY_PREPARED,
        _(
            "Your PACER account has prepared the filing login {login} at {name} already.",
            login=found.login,
            name=court.name,
        ),
        _("If it is the wrong login, undo that first. Then prepare the right one."),
    )


def refuse_login_prepared(login: LegacyLogin, court: Court) -> RefusedError:
    """Another account was first; told only to somebody who proved the login."""
    return RefusedError(
        "login_prepared",
        _(
            "The filing login {login} was already prepared by another PACER account.",
            login=login.login,
        ),
        _(
            "If you did not do that yourself, tell {court} at once. If it was you, "
            "sign in with that account.",
            court=help_desk(court),
        ),
    )


def refuse_outdated(login: LegacyLogin, version: int) -> RefusedError | None:
    """Why a proof of the login as it was in that version proves nothing any more."""
    if login.proof_version == version:
        return None
    return RefusedError(
        "login_changed",
        _("The court has changed this filing login since you proved that it is yours."),
        _("Prove it once more: with its password of now, or by a new link to the address on file."),
    )


def refuse_login(login: LegacyLogin, court: Court, account: Account | None) -> RefusedError | None:
    """Why a login cannot be linked, to that account if one is named; told only to somebody who
    knows its password.
    """
    if account is not None and account.id in {login.imported_by, login.import_asked_by}:
        return RefusedError(
            own_account.OWN,
            _(
                "You brought the filing login {login} into the court’s list yourself.",
                login=login.login,
            ),
            _("Ask a colleague at the court to import it; then it can be linked."),
        )
    if login.is_linked:
        return RefusedError(
            "login_taken",
            _(
                "The filing login {login} is already linked to another PACER account.",
                login=login.login,
            ),
            _(
                "If you did not do that yourself, tell {court} at once. If it was you, "
                "sign in with that account.",
                court=help_desk(court),
            ),
        )
    if login.status is not LoginStatus.ACTIVE:
        return RefusedError(
            f"login_{login.status}",
            _(
                "The court has {status} the filing login {login}.",
                status=login.status,
                login=login.login,
            ),
            _("Ask {court} to open it again, then come back and link it.", court=help_desk(court)),
        )
    return None


_WRONG_KIND = {
    AccountKind.SHARED: (
        _("You are signed in with a shared account. Shared accounts are for reading only."),
        _(
            "Sign out, then sign in with a PACER account of your own and link your filing login "
            "to it. The shared account stays as it is."
        ),
    ),
    AccountKind.FIRM: (
        _(
            "You are signed in with a firm’s administrative account. Such accounts manage and pay "
            "for others and cannot file."
        ),
        _(
            "Sign out, then sign in with your own individual PACER account and link your filing "
            "login to it."
        ),
    ),
    AccountKind.OPERATOR: (
        _(
            "You are signed in with an operator’s account of this service. Such accounts cannot file."
        ),
        _("Sign out, then sign in with your own individual PACER account."),
    ),
}
