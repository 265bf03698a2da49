"""Who can upgrade, in the order in which people are told why not."""

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.errors import RefusedError
from signon.words.sentences import _

NOTHING_TO_DO = "nothing_to_do"
SHARED = "shared"


def refuse(account: Account) -> RefusedError | None:
    """The first reason why this account is not upgraded now, or None."""
    if account.kind is AccountKind.SHARED:
        return RefusedError(SHARED, *_SHARED)
    if account.kind is AccountKind.OPERATOR or account.is_upgraded:
        return RefusedError(NOTHING_TO_DO, *_NOTHING_TO_DO)
    return repudiation.refuse_frozen(account)


_SHARED = (
    _(
        "You are signed in with a shared account. It cannot be upgraded, because an upgraded account "
        "belongs to one person and a shared one to several."
    ),
    _(
        "To file, register an individual account of your own. The shared account stays as it is, for "
        "reading. If your office wants one bill for everybody, a firm account pays for the accounts "
        "of its people."
    ),
)
_NOTHING_TO_DO = (
    _("There is nothing to do: your account is not a legacy account."),
    _("You can link a filing login to an individual account at every court that is live."),
)
