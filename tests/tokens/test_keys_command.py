"""`signon keys` as an operator meets it."""

import base64
import json

import pytest

from tests.infra.command_line import CommandLine

FIRST = base64.urlsafe_b64encode(bytes(range(32))).decode()


def states(signon: CommandLine) -> list[tuple[str, str]]:
    listed = json.loads(signon("keys", "list", "--json").out)
    return [(key["alg"], key["state"]) for key in listed]


def test_the_life_of_keys(signon: CommandLine):
    """First keys are active, later ones next; retiring the only active one is refused."""
    empty = signon("keys", "list")
    assert (empty.status, "signon keys rotate" in empty.err) == (0, True)
    made = json.loads(signon("keys", "rotate", "--json").out)
    assert [key["state"] for key in made] == ["active", "active"]
    assert signon("keys", "rotate", "--alg", "ES256").status == 0
    assert states(signon) == [("RS256", "active"), ("ES256", "next"), ("ES256", "active")]
    again = signon("keys", "rotate", "--alg", "ES256")
    assert (again.status, len(again.err.splitlines())) == (1, 1)
    old = made[1]["kid"]
    assert signon("keys", "retire", old).status == 1
    done = json.loads(signon("keys", "retire", old, "--now", "--json").out)
    assert (done["kid"], done["state"]) == (old, "withdrawn")
    assert "active" in signon("keys", "list").out


def test_no_private_part_is_ever_printed(signon: CommandLine):
    """Not with --json, and not without."""
    for command in (("rotate", "--json"), ("list", "--json"), ("list",)):
        assert '"d"' not in signon("keys", *command).out


@pytest.mark.parametrize(
    ("arguments", "ends", "says"),
    [
        (("rotate", "--alg", "HS256"), 1, "RS256, ES256, PS256, Ed25519"),
        (("retire", "nothing"), 1, "signon keys list"),
        (("retire", "-nothing"), 1, "signon keys list"),
        (("retire", "--now", "--3Tz2Nnothing"), 1, "signon keys list"),
        (("retire",), 2, "Missing argument"),
    ],
)
def test_refusals(signon: CommandLine, arguments: tuple[str, ...], ends: int, says: str):
    """One line that says how to mend it."""
    done = signon("keys", *arguments)
    assert done.status == ends
    assert says in done.err


def test_a_new_secret_needs_no_settings(signon: CommandLine, monkeypatch: pytest.MonkeyPatch):
    """It is what the settings are made of: 32 bytes, each time others."""
    monkeypatch.delenv("SIGNON_SECRET_KEYS")
    monkeypatch.delenv("SIGNON_DATABASE_URL")
    first, second = (signon("keys", "new-secret").out.strip() for _ in range(2))
    assert len(base64.urlsafe_b64decode(first)) == 32
    assert first != second
    assert len(json.loads(signon("keys", "new-secret", "--json").out)["secret_key"]) == 44


def test_reencrypt_says_when_a_key_may_go(signon: CommandLine, monkeypatch: pytest.MonkeyPatch):
    """Ring of one, ring of two, and the new ring alone, which still opens the keys."""
    signon("keys", "rotate")
    assert "only key" in signon("keys", "reencrypt").err
    new = signon("keys", "new-secret").out.strip()
    monkeypatch.setenv("SIGNON_SECRET_KEYS", f"{new},{FIRST}")
    done = signon("keys", "reencrypt")
    assert done.status == 0
    assert "may leave SIGNON_SECRET_KEYS" in done.err
    monkeypatch.setenv("SIGNON_SECRET_KEYS", new)
    assert json.loads(signon("keys", "reencrypt", "--json").out) == {
        "looked_at": 2,
        "moved": 0,
        "spoilt": 0,
    }
    monkeypatch.setenv("SIGNON_SECRET_KEYS", FIRST)
    lost = signon("keys", "reencrypt")
    assert lost.status == 1
    assert "2 stored secrets open with no key" in lost.err
