"""What of a stranger's words can be kept at all."""

import pytest

from signon.texts import is_keepable, read_json


@pytest.mark.parametrize("text", ["", "Ada", "Ädä", "\r\n\t", "😀", "\U0010ffff"])
def test_characters_are_kept(text: str):
    """Whatever they are."""
    assert is_keepable(text)
    assert read_json(f'["{text.strip()}"]') == [text.strip()]


@pytest.mark.parametrize("text", ["\0", "Ä\0", "\ud800", "a\udfff"])
def test_what_no_column_holds_is_not(text: str):
    """PostgreSQL's keep no NUL, and half a character is none."""
    assert not is_keepable(text)


@pytest.mark.parametrize(
    "text",
    [
        '"\\u0000"',
        '{"\\u0000":1}',
        '"\\ud800"',
        "{",
        "[" * 100_000,
        "NaN",
        "",
        b"\xff",
        '{"a":1e999}',
    ],
)
def test_json_is_read_strictly(text: str | bytes):
    """Too deep, no JSON, or with something in it that cannot be kept: one error."""
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        read_json(text)
