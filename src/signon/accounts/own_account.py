"""Nobody acts on the own account at a desk.

A desk is wherever somebody acts for others: a court's, a firm's, the operators'. Whatever is more
than looking asks here first, once it knows which account it is about. What people may do to their
own account they do as its holder, on the account's own pages, by the rules for holders.
"""

from signon.errors import RefusedError

OWN = "own_account"


def require_another(actor: str, account_id: str, *, reason: str = OWN) -> None:
    """Raises RefusedError (`reason`) when whoever acts is whom it is about.

    `actor` is the id of an account or of a program, which is no account's.
    """
    if actor == account_id:
        raise refused(reason)


def refused(reason: str = OWN) -> RefusedError:
    """What is said of it, for whatever answers line by line."""
    return RefusedError(reason, "This is about your own account: somebody else has to do it.")
