"""Whether an account and a legacy login are one person's, by the names that the account bore.

Not only by today's: whoever could rename themselves first would never be looked at.
"""

from collections.abc import Iterator
from datetime import timedelta

from signon.accounts import history
from signon.accounts.directory import Account
from signon.db import Unit
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import names

LOOKED_AT = timedelta(days=90)
"""How far back names count."""


def is_namesake(unit: Unit, account: Account, login: LegacyLogin) -> bool:
    """Whether every name of the account's last 90 days can be that of the login's filer."""
    return all(
        names.are_alike(first, last, login.first_name, login.last_name)
        for first, last in _names(unit, account)
    )


def _names(unit: Unit, account: Account) -> Iterator[tuple[str | None, str | None]]:
    """Today's, then back through the changes; one that began without a name had none to differ."""
    first, last = account.first_name, account.last_name
    yield first, last
    for change in reversed(history.since(unit, account.id, unit.now - LOOKED_AT)):
        before = change.before
        if before.keys() & {"first_name", "last_name"}:
            first = before.get("first_name") or first
            last = before.get("last_name") or last
            yield first, last
