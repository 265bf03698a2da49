"""Client codes."""

import pytest

from signon.errors import InputError
from signon.signin import client_code


@pytest.mark.parametrize("text", ["4711", "smith-v.jones", "x" * 32, "Müller/7"])
def test_accepted(text: str):
    """Up to 32 characters of whatever a firm's books use."""
    assert client_code.checked(text) == text


def test_none_is_none():
    """It is optional."""
    assert client_code.checked("") is None


@pytest.mark.parametrize("text", ["x" * 33, "a b", "a,b", "a\tb", "a\u00a0b", "a\u200eb"])
def test_refused(text: str):
    """No space and no comma since 2024-04-14 (domain facts 3), and nothing invisible."""
    with pytest.raises(InputError) as refused:
        client_code.checked(text)
    assert refused.value.field == "client_code"
