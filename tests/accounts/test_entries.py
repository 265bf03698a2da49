"""What may be entered."""

from datetime import date

import pytest

from signon.accounts import entries
from signon.errors import InputError

DATE = entries.ABOUT["date_of_birth"]
TODAY = date(2026, 3, 2)
ADDRESS = {
    "street": "1  Harbor Drive",
    "city": "San Diego",
    "state": "ca",
    "postal_code": "92101-1234",
    "county": "San Diego",
    "country": "US",
    "phone": "619 555 0100",
}


def wrong(**typed: str) -> list[str | None]:
    """The fields of the address that are refused."""
    return [error.field for error in entries.checked(entries.ADDRESS, ADDRESS | typed, TODAY)[1]]


@pytest.mark.parametrize("text", ["4/28/1976", "04/28/1976", " 4 / 28 / 1976", "1976-04-28"])
def test_dates_as_people_write_them(text: str):
    """Month first, or the machine's form."""
    assert entries.born(text) == date(1976, 4, 28)


@pytest.mark.parametrize("text", ["", "28/4/1976", "4/28/76", "2/30/1976", "April", "0/0/0000"])
def test_dates_that_nobody_can_read(text: str):
    """Nothing is guessed: the date is permanent."""
    with pytest.raises(InputError, match="month/day/year"):
        entries.born(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("619-555-0100", "+16195550100"),
        ("1 (619) 555-0100", "+16195550100"),
        ("+1.619.555.0100", "+16195550100"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_phones_are_kept_as_e164(text: str, number: str):
    """With the country's code; ten digits are American ones."""
    assert entries.checked(entries.ADDRESS, ADDRESS | {"phone": text}, TODAY)[0]["phone"] == number


@pytest.mark.parametrize("text", ["", "5550100", "phone", "+0123456789", "٦١٩٥٥٥٠١٠٠"])
def test_phones_that_cannot_be_called(text: str):
    """Too short, no digits, or others than ours."""
    assert wrong(phone=text) == ["phone"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("us", "US"), ("United States", "US"), ("U.S.A.", "US"), ("canada", "CA"), ("Türkiye", None),
     ("United  Kingdom", "GB"), ("south korea", "KR"), ("XX", None), ("", None)],
)  # fmt: skip
def test_a_country_by_its_name(text: str, code: str | None):
    """Two letters or the name; what is neither is asked for again."""
    tidy, _ = entries.checked(entries.ADDRESS, ADDRESS | {"country": text}, TODAY)
    assert tidy.get("country") == code


def test_a_childs_date_of_birth_is_asked_once_more():
    """The same date again is taken; another one is asked about again."""
    about = {"date_of_birth": "3/3/2008"}
    _, (refused, *_) = entries.checked({"date_of_birth": DATE}, about, TODAY)
    assert "you are 17 years old" in refused.sentence
    again = about | {entries.ASKED_BEFORE: "3/3/2008"}
    assert entries.checked({"date_of_birth": DATE}, again, TODAY)[1] == []
    other = again | {"date_of_birth": "3/3/2025"}
    assert (
        "you are 0 years old"
        in entries.checked({"date_of_birth": DATE}, other, TODAY)[1][0].sentence
    )
    grown = {"date_of_birth": "3/2/2008"}
    assert entries.checked({"date_of_birth": DATE}, grown, TODAY)[1] == []


def test_an_american_address_has_state_zip_and_county():
    """The county says which court is the person's."""
    assert wrong() == []
    assert wrong(state="Puerto Rico", country="") == ["country"]
    assert wrong(state="AE") == []
    assert wrong(state="Bavaria", postal_code="K1A 0B1", county="") == [
        "state",
        "postal_code",
        "county",
    ]


def test_an_address_elsewhere_may_lack_them():
    """Other countries have other divisions."""
    assert wrong(state="", postal_code="", county="", country="de", phone="+4930901820") == []
    assert wrong(country="Germany", state="", county="") == []
