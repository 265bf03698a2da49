"""Account numbers."""

import re

from signon.accounts import numbers


def test_numbers_have_seven_digits_and_no_order():
    """Drawn at random: no run of a thousand ascends, repeats much or starts with 0."""
    drawn = [numbers.draw() for _ in range(1000)]
    assert all(re.fullmatch("[1-9][0-9]{6}", number) for number in drawn)
    assert len(set(drawn)) > 990
    assert drawn != sorted(drawn)
