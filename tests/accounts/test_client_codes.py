"""Client codes, and the masks that they may have to fit."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signon.accounts import client_codes
from signon.accounts.client_codes import ClientCodeRule
from signon.errors import InputError

LITERALS = [one for one in string.printable if one.isprintable() and one not in " ,#A?*\\"]
SIGNS = {
    "#": st.sampled_from(string.digits),
    "A": st.sampled_from(string.ascii_letters),
    "?": st.sampled_from(string.ascii_letters + string.digits + "._-/Ä"),
    **{one: st.just(one) for one in LITERALS},
    **{f"\\{one}": st.just(one) for one in "#A?*\\x"},
}
"""The signs of a mask, and what each takes."""


@st.composite
def masks_with_codes(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """The signs of a mask and the characters of a code that fits it."""
    signs = draw(st.lists(st.sampled_from(sorted(SIGNS)), min_size=1, max_size=16))
    return signs, [draw(SIGNS[sign]) for sign in signs]


@pytest.mark.parametrize("text", ["4711", "smith-v.jones", "x" * 32, "Müller/7"])
def test_accepted(text: str):
    """Up to 32 characters of whatever a firm's books use."""
    assert client_codes.checked(text) == text


def test_none_is_none():
    """It is optional."""
    assert client_codes.checked("") is None


@pytest.mark.parametrize("text", ["x" * 33, "a b", "a,b", "a\tb", "a\u00a0b", "a\u200eb"])
def test_refused(text: str):
    """No space and no comma since 2024-04-14 (domain facts 3), and nothing invisible."""
    with pytest.raises(InputError) as refused:
        client_codes.checked(text)
    assert refused.value.field == "client_code"


@given(masks_with_codes())
def test_a_code_made_by_the_mask_fits(made: tuple[list[str], list[str]]):
    """Sign by sign; with a star at the end so does whatever begins like it."""
    signs, code = "".join(made[0]), "".join(made[1])
    assert client_codes.checked_pattern(signs) == signs
    assert client_codes.matches(signs, code)
    assert client_codes.matches(f"{signs}*", code)
    assert client_codes.matches(f"{signs}*", f"{code}.more")


@given(masks_with_codes(), st.data())
def test_a_code_with_one_wrong_character_does_not(
    made: tuple[list[str], list[str]], data: st.DataObject
):
    """Nor a longer, nor a shorter one."""
    signs, code = made
    pattern = "".join(signs)
    assert not client_codes.matches(pattern, "".join(code) + "x")
    assert not client_codes.matches(pattern, "".join(code[:-1]))
    at = data.draw(st.integers(0, len(signs) - 1))
    if signs[at] != "?":
        code[at] = "é"
        assert not client_codes.matches(pattern, "".join(code))
        assert not client_codes.matches(f"{pattern}*", "".join(code))


@given(masks_with_codes())
def test_the_example_fits(made: tuple[list[str], list[str]]):
    """What people are shown as a code that fits does fit."""
    for pattern in ("".join(made[0]), "".join(made[0]) + "*", "*"):
        assert client_codes.matches(pattern, client_codes.example(pattern))


@pytest.mark.parametrize("pattern", ["x" * 33, "# #", "#,#", "#*#", "**", "#\\", "\\\\\\"])
def test_what_is_no_mask(pattern: str):
    """Too long, with a space or comma, a star before the end, a backslash before nothing."""
    with pytest.raises(InputError) as refused:
        client_codes.checked_pattern(pattern)
    assert refused.value.field == "client_code_pattern"


def test_required_and_form_are_two_things():
    """A code may be left out where it is optional, but one that is given must fit."""
    optional, required = ClientCodeRule(False, "####"), ClientCodeRule(True, "####")
    assert [optional.fits(code) for code in (None, "4711", "x")] == [True, True, False]
    assert [required.fits(code) for code in (None, "4711", "x")] == [False, True, False]
    assert [ClientCodeRule(True).fits(code) for code in (None, "x")] == [False, True]
    assert "1234" in required.words
