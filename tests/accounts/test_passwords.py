"""What a password must be like, under either policy."""

from datetime import UTC, datetime, timedelta

import pytest

from signon.accounts import passwords
from signon.accounts.passwords import Policy, Words
from signon.errors import InputError

ANN = passwords.words_of(
    username="ann.example",
    email="ann.harbor@example.test",
    names=("Ann-Marie", "Harborwoodington"),
    place=("San Diego Bankruptcy",),
)


@pytest.mark.parametrize(
    ("policy", "password"),
    [
        ("nist", "quiet orange boat"),
        ("nist", "xk" * 64),
        ("nist", "pässwörter sind länger"),
        ("nist", "😀😂" * 64),
        ("nist", "wholly lower case"),
        ("pacer", "Quiet-OrangeBo"),
        ("pacer", "Quiet-Orange" + "xk" * 16 + "x"),
    ],
)
def test_accepted(policy: Policy, password: str):
    """NIST asks no composition (SP 800-63B section 3.1.1.2); PACER asks no digit."""
    assert passwords.problems(password, policy, ANN) == []


@pytest.mark.parametrize(
    ("policy", "password", "why"),
    [
        ("nist", "", "too short"),
        ("nist", "quiet orange b", "at least 15"),
        ("nist", "xk" * 64 + "x", "too long"),
        ("nist", "😀😂" * 64 + "x", "too long"),
        ("nist", "e\u0301o" * 7, "at least 15"),
        ("nist", "line one\nline two and more", "line break"),
        ("nist", "carriage return at end\r", "line break"),
        ("nist", "x" * 15, "again and again"),
        ("nist", "abcdefghijklmnop", "neighbours"),
        ("nist", "PasswordPassword", "guessed first"),
        ("nist", "12345!sunshine!!", "guessed first"),
        ("nist", "2026-uscourts-2026", "name of this service"),
        ("nist", "San Diego Bankruptcy", "name of this service or of a court"),
        ("nist", "HARBORWOODINGTON", "your own name"),
        ("nist", "Ann.Harbor@example.test", "your own name or address"),
        ("pacer", "Quiet-OrangeB", "at least 14"),
        ("pacer", "Quiet-Orange" + "xk" * 17, "45"),
        ("pacer", "quiet-orange-boat", "an upper-case letter"),
        ("pacer", "QUIET-ORANGE-BOAT", "a lower-case letter"),
        ("pacer", "QuietOrangeBoat1", "a special character"),
        ("pacer", "The-harbor-is-blue", "part of your name"),
        ("pacer", "Marie-likes-boats", "part of your name"),
    ],
)
def test_refused(policy: Policy, password: str, why: str):
    """Code points count, after composition, and nothing is cut off; the reason is told."""
    with pytest.raises(InputError, match=why) as refused:
        passwords.require_acceptable(password, policy, ANN)
    assert password not in refused.value.sentence or not password


LEE = passwords.words_of(
    username="lee.anne77", email="anne@mail.comet.example", names=["Anne", "Lee"]
)


@pytest.mark.parametrize(
    "password",
    [
        "Sleepy-planner-Ltd!",
        "Complex.orbits.fleet!",
        "Example?-of-a-tree",
        "Planned!-and-manned",
    ],
)
def test_what_nobody_would_take_for_a_name_is_accepted(password: str):
    """`lee` in `sleepy`, `anne` in `planner`, and an address's `.example`."""
    assert passwords.problems(password, "pacer", LEE) == []


@pytest.mark.parametrize(
    ("password", "part"),
    [
        ("Quiet-lee-harbors!", "lee"),
        ("quietLeeHarbors!", "lee"),
        ("QUIET!lee-harbors", "lee"),
        ("Anne-Marie-on-a-boat!", "anne"),
        ("annexed-Harbors!!", "anne"),
        ("Halleys-comet-2061!", "comet"),
    ],
)
def test_a_part_of_a_name_is_named(password: str, part: str):
    """As a word, or where it begins one."""
    assert [f"“{part}”" in problem for problem in passwords.problems(password, "pacer", LEE)] == [
        True
    ]


def test_every_reason_is_told_at_once():
    """Nobody has to try four times to learn four rules."""
    found = passwords.problems("harbor", "pacer", ANN)
    assert len(found) == 4


def test_the_list_of_common_passwords_is_long_enough():
    """ASVS 6.2.4 wants 3,000; ours holds the thirty thousand of zxcvbn and more."""
    assert len(passwords._common()) > 30_000


def test_only_pacer_wants_another_password_by_the_calendar():
    """SP 800-63B forbids periodic changes; PACER's standard has 180 days."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert not passwords.is_due(now - timedelta(days=9999), "nist", now)
    assert not passwords.is_due(now - timedelta(days=179), "pacer", now)
    assert passwords.is_due(now - timedelta(days=180), "pacer", now)
    assert passwords.problems("quiet orange boat", "nist", Words()) == []


@pytest.mark.parametrize("policy", ["nist", "pacer"])
def test_what_a_page_says_is_what_the_policy_asks(policy: Policy):
    """The numbers shown beside the field are those that are checked."""
    length = passwords.shown(policy)[0]
    fitting = "aB!kzQxWvRmNpLhYt" * 10
    for count in (length.least, length.most):
        assert passwords.problems(fitting[:count], policy) == []
    for count in (length.least - 1, length.most + 1):
        assert "at least" in passwords.problems(fitting[:count], policy)[0] or (
            "too long" in passwords.problems(fitting[:count], policy)[0]
        )
