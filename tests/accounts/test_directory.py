"""What an account is to the rest of the house."""

from dataclasses import fields

from signon.accounts.directory import ACCOUNT_COLUMNS, Account


def test_the_columns_are_those_of_an_account():
    """In their order: `account_of` takes them by place, in joins whose names nobody checks.

    The last field comes from elsewhere, or not at all.
    """
    names = [column.key for column in ACCOUNT_COLUMNS]
    assert names == ["account_id", *[field.name for field in fields(Account)][1:-1]]
