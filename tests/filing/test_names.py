"""Whether two names can be one person's, as courts and people write them."""

import pytest

from signon.filing.linking.names import are_alike

ONE_PERSON = [
    ("J. Robert", "Smith", "Robert", "Smith"),
    ("Bob", "Lee", "Robert", "Lee"),
    ("Mary Ann", "Lee", "Maryann", "Lee"),
    ("Kaʻiulani", "Kahananui", "Kaiulani", "Kahananui"),
    ("Ann", "St. John", "Ann", "Saint John"),
    ("Ann", "Smith V", "Ann", "Smith"),
    ("Jürgen", "Müller", "Juergen", "Mueller"),
    ("", "Suharto", "", "Suharto"),
    ("", "Suharto", "FNU", "Suharto"),
    ("", "Suharto", "Suharto", "LNU"),
    ("", "Suharto", "Suharto", ""),
    ("Suharto", "LNU", "FNU", "Suharto"),
]
TWO_PEOPLE = [
    ("J. Robert", "Smith", "William", "Smith"),
    ("Bob", "Lee", "William", "Lee"),
    ("Ann", "Smith", "Ann", "Smyth"),
    ("Ann", "St. John", "Ann", "John"),
    ("Ann", "V", "Ann", "Smith"),
    ("", "Suharto", "Ann", "Suharto"),
    ("", "Suharto", "Ann", "LNU"),
    ("Ann", "LNU", "Bob", "LNU"),
    ("Ann", "Suharto", "Suharto", "LNU"),
    ("", "Suharto", "FNU", "LNU"),
]


@pytest.mark.parametrize("names", ONE_PERSON)
def test_one_person(names: tuple[str, str, str, str]):
    """Either way round."""
    first, last, other_first, other_last = names
    assert are_alike(first, last, other_first, other_last)
    assert are_alike(other_first, other_last, first, last)


@pytest.mark.parametrize("names", TWO_PEOPLE)
def test_two_people(names: tuple[str, str, str, str]):
    first, last, other_first, other_last = names
    assert not are_alike(first, last, other_first, other_last)
    assert not are_alike(other_first, other_last, first, last)
