"""What of a stranger's words reaches others."""

import pytest

from signon.accounts import checks, creation, entries
from signon.accounts.creation import NewAccount
from signon.accounts.models import AccountKind
from signon.accounts.plain_words import ADDRESS, MARKS, problem
from signon.errors import InputError
from signon.firms.entries import checked_remark
from signon.firms.registering import FIELDS
from signon.signin import factors
from tests.accounts.test_entries import TODAY


@pytest.mark.parametrize(
    "text",
    [
        *("O'Brien-Müller, Jr.", "O’Neill", "Nguyễn", "D.C. Smith", "D.C.Smith", "St. John"),
        *("St.John", "Smith & Jones LLP", "Smith, Jones & Co., Ltd.", "A.B.C. Law, P.C."),
        *("A.B.C.Law, P.C.", "A.B.Co, Inc.", "Jones.Day", "U.S. Bank, N.A.", "J.Li", "Ph.D."),
        *(
            "Gal·la",
            "Anna Petrova",
            "Анна Петрова",
            "李小龍",
            "ジョン・スミス",
            "محمد",
            "M. Paral·lel",
        ),
        *(
            "5th @ Main",
            "1/2 Main St.",
            "Re: the case",
            "Section 3.2.1",
            "Legal Aid 24/7",
            "García",
        ),
        *("María-José", "de la Cruz", "Hon.John", "Law Offices of J.P. Moss", "Sukarno"),
    ],
)
def test_names_of_people_and_firms(text: str):
    """Abbreviations, initials, accents and other alphabets are words."""
    assert problem(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("evil.com", "EVIL.COM", "Pay at https://evil.example/x", "www.evil", "x.com", "t.me/a"),
        *("bit.ly", "evil.co.uk", "evil.law", "10.0.0.1", "mailto:x", "javascript: x", "hxxp:x"),
        *("bob@evil", "bob＠evil", "evil．com", "evil。com", "evil․com", "evil‧com", "evil·com"),
        *("evil[.]com", "evil(.)com", "http∶⁄⁄evil", "ｅｖｉｌ．ｃｏｍ", "evil.соm", "пример.рф"),
        *("evil.xn--p1ai", "see evil.com/pay now", "Smith (evil.com)", "//evil: //x"),
    ],
)
def test_addresses_of_any_kind(text: str):
    """Also with dots, slashes and letters that only look like them."""
    assert problem(text) == ADDRESS


@pytest.mark.parametrize(
    "mark",
    [
        *("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u200f", "\u061c"),
        *("\u0000", "\u001b", "\u007f", "\u3164", "\u115f", "\u2800", "\ufe0f", "\u034f", "\ue000"),
    ],
)
def test_nothing_that_cannot_be_seen(mark: str):
    """Control, bidirectional and zero-width marks, fillers and variants."""
    assert problem(f"Ada{mark}Moss") == MARKS


EVIL = "Pay at evil.com"


@pytest.mark.parametrize("field", ["first_name", "middle_name", "last_name", "street", "city"])
def test_what_people_enter_about_themselves(field: str):
    """The forms of registering, upgrading and changing."""
    typed = {"country": "US", field: EVIL}
    step = {field: {**entries.ABOUT, **entries.ADDRESS}[field]}
    assert [one.field for one in entries.checked(step, typed, TODAY)[1]] == [field]


def test_what_a_firm_enters():
    """Its name, and what its administrators write to people."""
    wrong = entries.checked({"firm_name": FIELDS["firm_name"]}, {"firm_name": EVIL}, TODAY)[1]
    assert [one.field for one in wrong] == ["firm_name"]
    with pytest.raises(InputError):
        checked_remark(EVIL)
    with pytest.raises(InputError):
        checked_remark("joins\u202eus")
    assert checked_remark("Starts in May. It is agreed.")


def test_whatever_way_an_account_is_made():
    """Operators' and files' accounts too."""
    for wanted in (
        NewAccount(AccountKind.FIRM, "firm.one", "a@example.org", firm_name=EVIL),
        NewAccount(AccountKind.INDIVIDUAL, "ada.moss", "a@example.org", EVIL, last_name="Moss"),
        NewAccount(AccountKind.INDIVIDUAL, "ada.moss", "a@example.org", "Ada", last_name=EVIL),
    ):
        with pytest.raises(InputError, match="internet or e-mail address"):
            creation.checked(wanted, TODAY)


def test_names_of_factors():
    """They stand on pages that others help with."""
    with pytest.raises(InputError):
        factors.nickname(EVIL)
    assert factors.nickname("Ada’s phone, no. 2") == "Ada’s phone, no. 2"


def test_a_contact_s_phone_and_postal_code_are_no_addresses():
    """Their dots separate digits."""
    given = checks.Contact(phone="+1.619.555.0100", postal_code="92101", street="1 St. James Sq.")
    assert checks.contact(given) == given
