"""Nobody asks themselves into a firm; whoever accepts is asked again (`firms.answering`)."""

from signon.accounts import directory, own_account
from signon.accounts.directory import Account, email_key
from signon.db import Unit
from signon.errors import RefusedError
from signon.firms.access import ActedAs, Authority


def own_of(unit: Unit, authority: Authority) -> Account | None:
    """The account of the administrator who asks; a program has none, an operator's joins no firm."""
    is_person = authority.acted_as is ActedAs.ADMINISTRATOR
    return directory.by_id(unit, authority.actor) if is_person else None


def require_another(unit: Unit, authority: Authority, target: str) -> None:
    """Raises RefusedError (`own_account`)."""
    if refused := why_not(own_of(unit, authority), target):
        raise refused


def why_not(own: Account | None, target: str) -> RefusedError | None:
    """Why a number or an address cannot be invited by that account, or None."""
    is_own = own is not None and target in {own.number, email_key(own.email)}
    return own_account.refused() if is_own else None
