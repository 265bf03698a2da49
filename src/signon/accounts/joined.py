"""An account in a statement of a higher feature, which selects its columns last and in their order."""

from typing import Any

from signon.accounts.credentials import Credential
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus


def account(
    account_id: str, number: str, kind: str, username: str, status: str, *rest: Any
) -> Account:
    """The account in the columns of `directory.ACCOUNT_COLUMNS`."""
    return Account(account_id, number, AccountKind(kind), username, AccountStatus(status), *rest)


def credential(*columns: Any) -> Credential:
    """What is in the columns of `credentials.CREDENTIAL`."""
    *own, password = columns
    return Credential(account(*own), password)
