"""Nobody acts on the own account at a desk.

A desk is wherever somebody acts for others: a court's, a firm's, the operators'. Whatever is more
than looking asks here first, once it knows which account it is about. What people may do to their
own account they do as its holder, on the account's own pages, by the rules for holders.
"""

from signon.errors import RefusedError

OWN = "own_account"


def require_another(actor: str | None, account: str) -> None:
    """Raises RefusedError (`own_account`) when whoever acts is whom it is about.

    Both are ids of accounts, or both are numbers. A program's id is no account's.
    """
    if actor == account:
        raise refused()


def refused() -> RefusedError:
    """What is said of it, for lists that answer line by line."""
    return RefusedError(OWN, "This is about your own account: somebody else has to do it.")
