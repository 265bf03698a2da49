"""Account numbers."""

from signon.accounts import numbers


def test_numbers_have_seven_digits_and_no_order():
    """Drawn at random: no run of a thousand ascends, repeats much or starts with 0."""
    drawn = [numbers.draw() for _ in range(1000)]
    assert all(numbers.is_number(number) and number[0] != "0" for number in drawn)
    assert len(set(drawn)) > 990
    assert drawn != sorted(drawn)


def test_only_seven_ascii_digits_are_a_number():
    """Other scripts' digits look right and are not."""
    assert not any(numbers.is_number(text) for text in ("", "123456", "12345678", "１２３４５６７"))
