"""Whoever has lost every second factor asks at the sign-in, with the password, to have them removed.

It is the operators' removal (`factor_reset`), with its delay, notices and ways to stop it. What is
different: nobody has looked at the person. So the mailbox alone must not be enough (SP 800-63B
section 4.2): a password that was chosen by a mailed link and never used with a second factor
since begins nothing, and choosing one so meanwhile stops it. Filing stays closed afterwards until
there is a factor again. (docs/decisions/0032-lost-factors-by-the-holder.md)
"""

from datetime import timedelta

from signon.accounts import history
from signon.accounts.credentials import PASSWORD
from signon.accounts.directory import Account, by_id
from signon.accounts.models import AccountKind
from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits import counters
from signon.signin import factor_reset, factors
from signon.signin.half_sign_ins import HalfSignIn
from signon.web.visitor import Source
from signon.words.sentences import _, together

ASKED = "own_factor_resets"
"""Bucket: removals that were begun with one account's password."""
MOST = 3
WINDOW = timedelta(days=30)
REASON = "asked at the sign-in"
BY_DEVICE = _(
    "The removal of your second factors was stopped in a browser that you have signed in with "
    "before. They stay as they are."
)
BY_PASSWORD = _(
    "A new password was chosen by a mailed link, so the removal of your second factors was "
    "stopped: mail alone must not be enough for both."
)
CALL = _("Call the help desk.")


def ask(unit: Unit, settings: Settings, half: HalfSignIn) -> Account:
    """Begin it. Raises RefusedError: `operator`, `mailed_password`, `too_often`, or as
    `factor_reset.ask` does.
    """
    account = half.account
    if refusal := _why_not(unit, account):
        raise refusal
    key = counters.key(account.id)
    if counters.hit(unit, ASKED, key, window=WINDOW).count > MOST:
        raise RefusedError(
            "too_often",
            _(
                "This was asked for {most} times within {days} days, and stopped each time.",
                most=MOST,
                days=WINDOW.days,
            ),
            CALL,
        )
    return factor_reset.ask(unit, settings, account.number, reason=REASON, actor=account.id)


def may_stop(half: HalfSignIn) -> bool:
    """Whether this browser has shown a second factor of the account before."""
    return half.known is not None and half.known.with_factor


def stop(unit: Unit, settings: Settings, half: HalfSignIn, *, source: Source) -> None:
    """Let the factors be: the password and a browser of before say so. Raises RefusedError."""
    if not may_stop(half):
        raise RefusedError(
            "unknown_device",
            _("This browser cannot stop it."),
            _("Follow the link in the mail about it, or sign in with one of your second factors."),
        )
    factor_reset.stop(
        unit,
        settings.issuer,
        half.account.id,
        actor=half.account.id,
        reason="known_device",
        source=source,
        told=BY_DEVICE,
    )


def stop_by_mailed_password(unit: Unit, issuer: str, account_id: str, *, source: Source) -> None:
    """A password was chosen by a mailed link: what was begun with the one before is over."""
    account = by_id(unit, account_id)
    if account and account.factor_reset_due_at and factor_reset.is_own(unit, account):
        factor_reset.stop(
            unit,
            issuer,
            account_id,
            actor=account_id,
            reason="mailed_password",
            source=source,
            told=BY_PASSWORD,
        )


def _why_not(unit: Unit, account: Account) -> RefusedError | None:
    if account.kind is AccountKind.OPERATOR:
        return RefusedError("operator", _("Another operator has to begin that."), CALL)
    changed = history.latest_of(unit, account.id, PASSWORD)
    if changed is None or changed.proof.address is None:
        return None
    used_at = factors.last_used_at(unit, account.id)
    if used_at is not None and used_at > changed.at:
        return None
    return RefusedError(
        "mailed_password",
        _(
            "Your password was chosen by a mailed link, and no second factor was used with it since."
        ),
        together(_("Mail alone must not be enough to get in."), CALL),
    )
