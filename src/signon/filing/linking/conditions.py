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
from signon.filing.court.court_policy import help_desk
from signon.filing.legacy_logins.legacy_logins import LegacyLogin, LoginStatus
from signon.filing.rights import filing_status
from signon.filing.rights.filing_status import EcfStatus, FilingStatus
from signon.signin.session import Session
from signon.web.dates import day_in_words

SIGN_IN_AGAIN = "sign_in_again"
"""The one refusal that a page answers by asking for the password."""

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
        sentence = f"{court.name} does not use central sign-on for filing yet. No date is set."
        until = "Until then"
    else:
        sentence = (
            f"{court.name} does not use central sign-on for filing yet. "
            f"It starts on {day_in_words(when)}."
        )
        until = "From that day on you can link your login here. Until then"
    return RefusedError(
        "court_not_live",
        sentence,
        f"{until}, file at the court’s own site with the login that the court gave you. "
        "Keep its password at hand: you will need it once to link.",
    )


def refuse_account(
    unit: Unit, session: Session, court: Court, *, second: bool = False
) -> RefusedError | None:
    """Only an upgraded individual account holds filing rights, and one for each court.

    One that is frozen gains none. `second`: the login is to be folded into the right that is there.
    """
    account = session.account
    if frozen := repudiation.refuse_frozen(account):
        return frozen
    if account.kind is not AccountKind.INDIVIDUAL:
        return RefusedError("account_not_individual", *_WRONG_KIND[account.kind])
    if not account.is_upgraded:
        return RefusedError(
            NOT_UPGRADED,
            "Your PACER account is a legacy account. Only an upgraded account can hold filing "
            "rights.",
            "Upgrade your account now: it takes a few minutes, and then you come back here and "
            "link your filing login.",
        )
    if frozen := repudiation.refuse_frozen(account):
        return frozen
    found = filing_status.find(unit, account.id, court)
    if second and found.status is EcfStatus.ACTIVE and found.login:
        return None
    return _refuse_second(found, court)


def _refuse_second(found: FilingStatus, court: Court) -> RefusedError | None:
    """An account has one filing login at a court, suspended or not."""
    if found.status is EcfStatus.NOT_LINKED:
        return None
    if found.status is EcfStatus.PENDING and found.login is None:
        return RefusedError(
            "registration_pending",
            f"{court.name} has your request for filing rights and has not finished with it.",
            "Wait for the court’s answer: it comes by mail. To link a filing login that you "
            "already have, withdraw the request first.",
        )
    login = f"the filing login {found.login}" if found.login else "filing rights"
    sentence = f"Your PACER account already has {login} at {court.name}."
    if found.status is EcfStatus.PENDING:
        return RefusedError(
            ALREADY_LINKED,
            f"{sentence} It is not in force yet.",
            "Your list of what is needed there says what it waits for.",
        )
    if found.status is EcfStatus.SUSPENDED:
        return RefusedError(
            ALREADY_LINKED,
            f"{sentence} The court has suspended it.",
            f"Ask {help_desk(court)} what to do.",
        )
    return RefusedError(
        ALREADY_LINKED,
        f"{sentence} An account has one filing login at a court.",
        "Go back to the court and refresh the page to see the filing menus. If it is the wrong "
        f"login, ask {help_desk(court)}. A second login of yours can be folded into it.",
    )


def refuse_stale(unit: Unit, session: Session, settings: Settings) -> RefusedError | None:
    """Linking moves rights, so the person at the keyboard has just signed in."""
    if session.is_fresh(unit.now, settings):
        return None
    return RefusedError(
        SIGN_IN_AGAIN,
        "You signed in a while ago.",
        "Enter your password again to go on.",
    )


def refuse(
    unit: Unit, session: Session, court: Court, settings: Settings, *, second: bool = False
) -> RefusedError | None:
    """The first reason why this person cannot link a login at this court, or None."""
    return (
        refuse_court(court, unit.now)
        or refuse_account(unit, session, court, second=second)
        or refuse_stale(unit, session, settings)
    )


def refuse_outdated(login: LegacyLogin, version: int) -> RefusedError | None:
    """Why a proof of the login as it was in that version proves nothing any more."""
    if login.proof_version == version:
        return None
    return RefusedError(
        "login_changed",
        "The court has changed this filing login since you proved that it is yours.",
        "Prove it once more: with its password of now, or by a new link to the address on file.",
    )


def refuse_login(login: LegacyLogin, court: Court, account: Account | None) -> RefusedError | None:
    """Why a login cannot be linked, to that account if one is named; told only to somebody who
    knows its password.
    """
    if account is not None and account.id in {login.imported_by, login.import_asked_by}:
        return RefusedError(
            own_account.OWN,
            f"You brought the filing login {login.login} into the court’s list yourself.",
            "Ask a colleague at the court to import it; then it can be linked.",
        )
    if login.is_linked:
        return RefusedError(
            "login_taken",
            f"The filing login {login.login} is already linked to another PACER account.",
            f"If you did not do that yourself, tell {help_desk(court)} at once. If it was you, "
            "sign in with that account.",
        )
    if login.status is not LoginStatus.ACTIVE:
        return RefusedError(
            f"login_{login.status}",
            f"The court has {login.status} the filing login {login.login}.",
            f"Ask {help_desk(court)} to open it again, then come back and link it.",
        )
    return None


_WRONG_KIND = {
    AccountKind.SHARED: (
        "You are signed in with a shared account. Shared accounts are for reading only.",
        "Sign out, then sign in with a PACER account of your own and link your filing login "
        "to it. The shared account stays as it is.",
    ),
    AccountKind.FIRM: (
        "You are signed in with a firm’s administrative account. Such accounts manage and pay "
        "for others and cannot file.",
        "Sign out, then sign in with your own individual PACER account and link your filing "
        "login to it.",
    ),
    AccountKind.OPERATOR: (
        "You are signed in with an operator’s account of this service. Such accounts cannot file.",
        "Sign out, then sign in with your own individual PACER account.",
    ),
}
