"""What a name is found by, and what is typed for it."""

import pytest

from signon.searching import words


def test_a_name_is_kept_once_for_each_word():
    """Each word comes first once; accents, case and signs are no matter."""
    assert words.turns("Ana María", "García-López") == {
        "ana maria garcia lopez",
        "maria garcia lopez ana",
        "garcia lopez ana maria",
        "lopez ana maria garcia",
    }
    assert words.turns("Seán", "O’Brien") == {"sean obrien", "obrien sean"}
    assert words.turns(None, None) == set()


@pytest.mark.parametrize(
    "typed", ["garc", "Maria García", "LOPEZ", "maria garcia", "ana", "lopez ana"]
)
def test_what_is_typed_is_the_beginning_of_one(typed: str):
    """From any word on, in the order of the name, or the last name first."""
    keys = words.turns("Ana María", "García López")
    assert any(key.startswith(one) for key in keys for one in words.beginnings(typed))


def test_a_part_in_a_word_is_not():
    """Only its beginning."""
    assert not any(key.startswith("arcia") for key in words.turns("Ana", "García"))


def test_a_login_that_the_address_begins_with_is_kept_once():
    """Who types it finds the address."""
    assert words.whole("J.Doe", "j.doe@example.org") == {"j.doe@example.org"}
    assert words.whole("jd", "doe@example.org") == {"jd", "doe@example.org"}
