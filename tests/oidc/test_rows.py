"""The wide rows of the token endpoint: what is selected, against what is made of it by place."""

import pytest

from signon.oidc import codes, refreshing


@pytest.mark.parametrize("module", [codes, refreshing])
def test_the_columns_stand_in_the_order_of_the_fields(module):
    *own, person = module._Found._fields
    assert [column.key for column in module._COLUMNS] == own
    assert person == "person"
