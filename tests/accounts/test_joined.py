"""What a higher feature's statement selects of an account, against what is made of it by place."""

from dataclasses import fields

from signon.accounts.credentials import CREDENTIAL
from signon.accounts.directory import ACCOUNT_COLUMNS, Account


def test_the_columns_of_an_account_stand_in_the_order_of_its_fields():
    columns = [column.key for column in ACCOUNT_COLUMNS]
    assert columns == ["account_id", *[each.name for each in fields(Account)][1:]]


def test_a_credential_is_the_account_and_then_its_password():
    assert [column.key for column in CREDENTIAL[len(ACCOUNT_COLUMNS) :]] == ["password"]
