"""Whether one of a court's own people can sign in right now, and if not, until when or why."""

from datetime import datetime
from typing import NamedTuple

from signon.accounts import credentials
from signon.accounts.directory import Account
from signon.accounts.models import AccountStatus
from signon.config import Settings
from signon.db import Unit
from signon.filing.callers import attempts
from signon.signin import factor_tries

CENTER = "The PACER Service Center, (800) 676-6856"


class SignInState(NamedTuple):
    """`kind` is good, wait or no; `until` is when a wait is over; `tell` is for the caller.

    `is_password`: a new password by mail is the way on.
    """

    kind: str
    heading: str
    text: str
    tell: str = ""
    until: datetime | None = None
    is_password: bool = False


def of(unit: Unit, settings: Settings, account: Account) -> SignInState:
    """As things stand, the first that is in the way."""
    if stopped := _stopped(account):
        return stopped
    if not account.password_changed_at:
        return SignInState(
            "no",
            "Cannot sign in yet",
            "The account has no password. Its owner chooses one by a mailed link.",
            "Follow the link in the mail, and choose a password.",
            is_password=True,
        )
    if not credentials.guesses_left(unit, account.id, settings.login_failures_cap):
        return SignInState(
            "no",
            "The password counts only in browsers used before",
            "There were too many wrong passwords in a row.",
            "Use a browser in which you signed in before, a passkey, or the link in the mail.",
            is_password=True,
        )
    return _waits(unit, account) or SignInState(
        "good", "Can sign in right now", _factor(account), "Forgotten the password? It is mailed."
    )


def _stopped(account: Account) -> SignInState | None:
    match account.status:
        case AccountStatus.DISABLED:
            told = f"{CENTER}, says why and can enable it."
            return SignInState("no", "Cannot sign in", "The account is disabled.", told)
        case AccountStatus.HELD:
            return SignInState(
                "no",
                "Cannot sign in yet",
                "The new account waits for its review.",
                f"Wait for the mail that says it was reviewed. {CENTER}, knows more.",
            )
    return None


def _waits(unit: Unit, account: Account) -> SignInState | None:
    if until := attempts.wait(unit, account.username):
        return SignInState(
            "wait",
            "Has to wait",
            "After several wrong passwords the next try counts only later. Browsers in which the "
            "person signed in before do not wait.",
            "Wait, or use a browser in which you signed in before, or a new password by mail.",
            until,
            is_password=True,
        )
    if until := factor_tries.waits_until(unit, account.id):
        return SignInState(
            "wait",
            "Has to wait with the second factor",
            "The password is right; after several wrong codes the next one counts only later.",
            "Wait. Then see that the phone’s clock is right: codes are good for thirty seconds.",
            until,
        )
    return None


def _factor(account: Account) -> str:
    if account.has_factor:
        return "Password and second factor are asked for."
    return "Only the password is asked for: there is no second factor yet."
