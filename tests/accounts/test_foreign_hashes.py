"""Foreign password hashes: what is taken over, in which form, and what is refused.

The expected hashes were made by other implementations: those of the schemes' own documents and
test suites (Drepper's SHA-crypt, crypt_blowfish, jBCrypt, the Argon2 reference code, passlib),
the rest by libxcrypt through ``crypt(3)`` and by ``openssl passwd``, ``kdf`` and ``dgst``.
"""

import base64
import functools
import subprocess
import sys
import time

import argon2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signon.accounts.foreign_hashes import ForeignHash, UnknownNotation, parse, prepare, verify

HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

STRONG = [
    (
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password",
        "argon2id",
    ),
    ("$2a$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi", "abc", "bcrypt"),
    ("$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu", "correct horse", "bcrypt"),
    ("$2b$10$abcdefghijklmnopqrstuuN.kQz3Qk.4Szw2DVFP2FX/YwomE.Ig2", "café ☃", "bcrypt"),
]

WEAK = [
    (
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "password",
        "argon2id",
    ),
    ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$4k32S5d0K+RTKTAK6uHKNQ", "password", "argon2id"),
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", "bcrypt"),
    ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.tMlv4o4JDhNTaJDvGXtZ1q3YsDzTIGC", "ãã", "bcrypt"),
    ("$2b$09$abcdefghijklmnopqrstuu5i2ZWuLNMLJE.p.KbVU/9BMQd.yS3Ve", "correct horse", "bcrypt"),
    (
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCo"
        "EOfaS35inz1",
        "Hello world!",
        "sha512-crypt",
    ),
    (
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8v"
        "OuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
        "Hello world!",
        "sha512-crypt",
    ),
    (
        "$6$rounds=1000$roundsalt$iet2Zg/GfbgHknF41F1mVwc4WZNUNxRQWRayfvstibEm8o26F/nhKLRKMosh7Qx/"
        "wfdG31Ktj0rCFMDcfRci0.",
        "café ☃",
        "sha512-crypt",
    ),
    (
        "$6$$6LUofpTKYGJWmsxkYcfhDE9wD283B.yVCb5N1sauapb401RaE4WCRGITJhyCTMm1Vn0P9o4AW6q0BRXpOJZc9.",
        "correct horse",
        "sha512-crypt",
    ),
    (
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "Hello world!",
        "sha256-crypt",
    ),
    (
        "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
        "Hello world!",
        "sha256-crypt",
    ),
    (
        "$5$rounds=1000$roundsalt$bM.8i4I88u8I3/y3SHObw8G0Uh0b4nJT8A1QIrixdY.",
        "café ☃",
        "sha256-crypt",
    ),
    ("$1$saltsalt$NuzA7WTAelpl95xgBGWN60", "correct horse", "md5-crypt"),
    ("$1$saltsalt$itj5Rrvf5iHWsW0r0vIfX1", "café ☃", "md5-crypt"),
    ("$1$$IfI/mw4YSCwcQoW.D.DSu1", "correct horse", "md5-crypt"),
    (
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "password",
        "pbkdf2-sha256",
    ),
    (
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
        "password",
        "pbkdf2-sha256",
    ),
    (
        "$pbkdf2-sha256$600000$cGJrZGYyLXNhbHQtMTZieQ$7WmmhhvKecWfjiEMAjzqmTznXvqZyhnsQoe7..0OzcE",
        "correct horse",
        "pbkdf2-sha256",
    ),
    ("abhfCpXqd4GrI", "correct horse", "des-crypt"),
    ("abxnklWOEviQM", "café", "des-crypt"),
    ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "password", "ldap-sha"),
    ("{sha}L55TUjtiq8FBorTWAZ0jy6g129A=", "correct horse", "ldap-sha"),
    ("{SSHA}BMltGXumMzaroYhMMrufN2XgVgZTYUx0", "correct horse", "ldap-ssha"),
    ("{MD5}X03MO1qnZdYdgyfeuILPmQ==", "password", "ldap-md5"),
    ("{MD5}PLTnMmMfR+brlh80VUt83g==", "correct horse", "ldap-md5"),
]

DEAR = ("m=65536", "$10$", "$2b$09$", "600000")
"""What takes a tenth of a second for each password; every scheme is there more cheaply too."""
CHEAP = [one for one in WEAK if not any(cost in one[0] for cost in DEAR)]

BCRYPT_OF_72 = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
SEVENTY_TWO = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

ARGON2_TAIL = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
BCRYPT_TAIL = "$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
SHA256_TAIL = "$roundsalt$jpU5gFOrGVUJcjSEzqa9v3lPC990P3VUOViFApQCnRD"
PBKDF2_TAIL = "$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"

TOO_COSTLY = [
    "$argon2id$v=19$m=262145,t=1,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=4294967295,t=1,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=1024,t=33,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=262144,t=5,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=65536,t=1,p=17" + ARGON2_TAIL,
    "$argon2id$v=19$m=8,t=1,p=2" + ARGON2_TAIL,
    "$2b$16" + BCRYPT_TAIL,
    "$2b$31" + BCRYPT_TAIL,
    "$5$rounds=1000001" + SHA256_TAIL,
    "$5$rounds=999999999" + SHA256_TAIL,
    "$pbkdf2-sha256$1000001" + PBKDF2_TAIL,
    "$pbkdf2-sha256$4294967295" + PBKDF2_TAIL,
]

MALFORMED = [
    "$argon2id$",
    "$argon2id$v=16$m=65536,t=2,p=1" + ARGON2_TAIL,
    "$argon2id$m=65536,t=2,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=65536,t=2,p=1,keyid=AA" + ARGON2_TAIL,
    "$argon2id$v=19$m=65536,t=2,p=1,l=32" + ARGON2_TAIL,
    "$argon2id$v=19$m=65536,t=0,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=٦٥٥٣٦,t=2,p=1" + ARGON2_TAIL,
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO0",
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPd",
    "$argon2id$v=19$m=65536,t=2,p=1" + ARGON2_TAIL + "\n",
    "$2b$",
    "$2b$03" + BCRYPT_TAIL,
    "$2b$1" + BCRYPT_TAIL,
    "$2b$10" + BCRYPT_TAIL[:-1],
    "$2b$10" + BCRYPT_TAIL[:-1] + "v",
    "$2b$10" + BCRYPT_TAIL + "u",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4t",
    "$6$saltstringsaltstr" + "$" + "." * 86,
    "$5$rounds=999" + SHA256_TAIL,
    "$5$rounds=01000" + SHA256_TAIL,
    "$5$rounds=" + SHA256_TAIL,
    "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEcz",
    "$1$saltsaltx$NuzA7WTAelpl95xgBGWN60",
    "$1$saltsalt$NuzA7WTAelpl95xgBGWN6z",
    "$pbkdf2-sha256$0" + PBKDF2_TAIL,
    "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdA$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9N",
    "{SHA}",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9h=",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
    "{SHA}BMltGXumMzaroYhMMrufN2XgVgZTYUx0",
    "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "{MD5}X03MO1qnZdYdgyfeuILP",
    "{MD5}5f4dcc3b5aa765d61d8327deb882cf99",
    "abhfCpXqd4GrJ",
    "ab",
]

NOT_ACCEPTED = [
    "",
    " ",
    "a",
    "correct horse",
    "long-password",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "$argon2i$v=19$m=65536,t=2,p=1" + ARGON2_TAIL,
    "$2x$10" + BCRYPT_TAIL,
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
    "$apr1$saltsalt$NuzA7WTAelpl95xgBGWN60",
    "$pbkdf2-sha512" + "$6400" + PBKDF2_TAIL,
    "{CRYPT}abhfCpXqd4GrI",
    "{SSHA512}BMltGXumMzaroYhMMrufN2XgVgZTYUx0",
    "!$1$saltsalt$NuzA7WTAelpl95xgBGWN60",
    "wrapped$YWI$argon2id$v=19$m=65536,t=2,p=1" + ARGON2_TAIL,
]


@functools.cache
def _stored(notation: str) -> str:
    return prepare(parse(notation), HASHER)


def _digest(notation: str) -> str:
    if notation.startswith("{"):
        return notation.partition("}")[2]
    if notation.startswith("$2"):
        return notation[29:]
    return notation.rpartition("$")[2] if notation.startswith("$") else notation[2:]


@pytest.mark.parametrize(("notation", "password", "scheme"), STRONG + WEAK)
def test_the_right_password_matches_what_was_stored(notation, password, scheme):
    """Every accepted notation verifies after `prepare` as it did in the court's old system."""
    foreign = parse(notation)

    assert foreign.scheme == scheme
    assert verify(prepare(foreign, HASHER), password, HASHER) is True


@pytest.mark.parametrize(("notation", "password", "scheme"), STRONG + WEAK)
def test_another_password_does_not_match(notation, password, scheme):
    """A wrong password, an empty one and the hash itself are answered with False."""
    stored = prepare(parse(notation), HASHER)

    # Not at the end: DES crypt reads eight characters only.
    wrongs = ("x" + password, password.swapcase(), "", notation, stored)
    for wrong in wrongs[: 1 if any(cost in notation for cost in DEAR) else None]:
        assert verify(stored, wrong, HASHER) is False


@pytest.mark.parametrize(("notation", "password", "scheme"), STRONG)
def test_a_strong_hash_is_stored_as_it_is(notation, password, scheme):
    """Argon2id at OWASP's settings and bcrypt of cost 10 need no wrapping."""
    foreign = parse(notation)

    assert not foreign.is_weak
    assert prepare(foreign, HASHER) == notation


@pytest.mark.parametrize(("notation", "password", "scheme"), WEAK)
def test_of_a_weak_hash_no_digest_is_stored(notation, password, scheme):
    """A weak hash is wrapped: its digest appears in no spelling, nor does the whole notation."""
    foreign = parse(notation)
    stored = prepare(foreign, HASHER)
    digest = _digest(notation)

    assert foreign.is_weak
    assert stored.startswith("wrapped$")
    settings_part = base64.urlsafe_b64decode(stored.split("$")[1] + "==")
    for old in (digest, notation, foreign.digest):
        raw = old.encode()
        for spelt in (old, old.rstrip("="), raw.hex(), base64.b64encode(raw).decode().rstrip("=")):
            assert spelt not in stored
            assert spelt.encode() not in settings_part


def test_the_digest_of_ldap_hashes_is_not_stored_in_binary_either():
    """LDAP keeps digest and salt in one text; only the salt goes along."""
    raw = base64.b64decode("BMltGXumMzaroYhMMrufN2XgVgZTYUx0")
    stored = prepare(parse("{SSHA}BMltGXumMzaroYhMMrufN2XgVgZTYUx0"), HASHER)

    settings_part = base64.urlsafe_b64decode(stored.split("$")[1] + "==")
    assert settings_part == b"{SSHA}U2FMdA$"
    assert raw[:20] not in settings_part


def test_a_wrapped_hash_is_a_house_argon2id_hash():
    """What follows the settings is Argon2id with the caller's parameters and its own salt."""
    foreign = parse("abhfCpXqd4GrI")
    first, second = prepare(foreign, HASHER), prepare(foreign, HASHER)

    assert first.startswith("wrapped$YWI$argon2id$v=19$m=8,t=1,p=1$")
    assert first != second


@pytest.mark.parametrize(
    ("costs", "is_weak"),
    [
        ("m=47104,t=1,p=1", False),
        ("m=19456,t=2,p=1", False),
        ("m=12288,t=3,p=1", False),
        ("m=9216,t=4,p=1", False),
        ("m=7168,t=5,p=1", False),
        ("m=65536,t=3,p=4", False),
        ("m=262144,t=4,p=16", False),
        ("m=19456,t=1,p=1", True),
        ("m=7168,t=4,p=1", True),
        ("m=7167,t=32,p=1", True),
        ("m=4096,t=3,p=1", True),
    ],
)
def test_argon2id_is_strong_from_owasps_settings_on(costs, is_weak):
    """OWASP's five equivalent settings are the floor; half the work or little memory is weak."""
    assert parse(f"$argon2id$v=19${costs}{ARGON2_TAIL}").is_weak is is_weak


@pytest.mark.parametrize(
    ("cost", "is_weak"), [("04", True), ("09", True), ("10", False), ("15", False)]
)
def test_bcrypt_is_strong_from_cost_10_on(cost, is_weak):
    """OWASP asks for a bcrypt cost of at least 10."""
    assert parse(f"$2b${cost}{BCRYPT_TAIL}").is_weak is is_weak


def _refusal(notation: str) -> str:
    with pytest.raises(UnknownNotation) as refused:
        parse(notation)
    assert refused.value.__context__ is None
    return str(refused.value)


@pytest.mark.parametrize("notation", TOO_COSTLY)
def test_absurd_costs_are_refused(notation):
    """A cost that would stop the server is refused when it is read, before anything is hashed."""
    started = time.process_time()

    assert _refusal(notation).endswith(" cost out of bounds")
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("notation", MALFORMED)
def test_malformed_hashes_are_refused(notation):
    """A known opening with a wrong rest is refused and the scheme named; no password matches it."""
    assert " not a well-formed " in _refusal(notation)


@pytest.mark.parametrize("notation", NOT_ACCEPTED)
def test_other_notations_are_refused(notation):
    """Whatever is no accepted notation, plain text included, is unknown."""
    assert _refusal(notation) == "unknown password notation"


def test_overlong_hashes_are_refused():
    """More than 512 characters are not even looked at."""
    salt = base64.b64encode(b"s" * 300).decode()
    notation = f"$pbkdf2-sha256$6400${salt}$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"

    assert parse(notation.replace(salt, salt[:400])).scheme == "pbkdf2-sha256"
    assert _refusal(notation + "A" * 100) == "unknown password notation: over 512 characters"


@pytest.mark.parametrize("notation", [*TOO_COSTLY, *MALFORMED[1:-1], *NOT_ACCEPTED[3:]])
def test_a_refusal_never_shows_the_hash(notation):
    """The message goes into a report that people keep: nothing of the hash stands in it."""
    message = _refusal(notation)

    assert notation not in message
    for part in notation.replace("}", "$").split("$"):
        assert len(part) < 9 or part == "pbkdf2-sha256" or part not in message


def test_a_hash_that_was_read_shows_nothing_of_itself():
    """The repr of a `ForeignHash` reaches logs and tracebacks: scheme and strength only."""
    assert repr(parse("abhfCpXqd4GrI")) == "ForeignHash(scheme='des-crypt', is_weak=True)"


def test_a_bare_weak_hash_matches_nothing():
    """A weak hash that reached the store unwrapped is a fault; it opens no door."""
    for notation, password, _ in WEAK:
        # Argon2id needs no wrapping to be verified; the house itself may run with less in tests.
        if not notation.startswith("$argon2id$"):
            assert verify(notation, password, HASHER) is False


def test_the_houses_own_argon2id_is_verified_too():
    """What the caller's hasher made is verified like any other stored Argon2id string."""
    stored = HASHER.hash("correct horse")

    assert verify(stored, "correct horse", HASHER) is True
    assert verify(stored, "correct hors", HASHER) is False


@pytest.mark.parametrize("tail", ["", "chars after 72 are ignored", "é"])
def test_bcrypt_reads_72_bytes_as_the_old_systems_did(tail):
    """Bytes after the 72nd never counted there; refusing them would lock people out here."""
    stored = prepare(parse(BCRYPT_OF_72), HASHER)

    assert verify(stored, SEVENTY_TWO + tail, HASHER) is True
    assert verify(stored, SEVENTY_TWO[:-1] + tail, HASHER) is False


def test_bcrypt_cuts_within_a_character():
    """The limit counts bytes of UTF-8: a character across it counts with its first byte only."""
    import bcrypt

    whole = ("x" * 71 + "é").encode()
    notation = bcrypt.hashpw(whole[:72], b"$2b$10$abcdefghijklmnopqrstuu").decode()

    assert verify(notation, "x" * 71 + "é", HASHER) is True
    assert verify(notation, "x" * 71, HASHER) is False


def test_bcrypt_salts_with_unused_bits_set_are_read():
    """Some systems fill the last bits of the salt; crypt(3) ignores them, and so do we."""
    for last in "CDN":
        notation = f"$2a$05$CCCCCCCCCCCCCCCCCCCCC{last}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
        assert verify(prepare(parse(notation), HASHER), "U*U", HASHER) is True
    kept = "$2b$10$abcdefghijklmnopqrstuv23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
    assert verify(prepare(parse(kept), HASHER), "correct horse", HASHER) is True


def test_des_crypt_reads_eight_characters_as_the_old_systems_did():
    """DES crypt knows eight characters; this is why it is wrapped and linked once only."""
    stored = prepare(parse("abz3SNMDtvA4w"), HASHER)

    assert verify(stored, "long-pas", HASHER) is True
    assert verify(stored, "long-password", HASHER) is True
    assert verify(stored, "long-pa", HASHER) is False


@pytest.mark.parametrize(("notation", "password", "scheme"), CHEAP[2:])
def test_a_password_with_a_nul_never_matches(notation, password, scheme):
    """C strings end at a NUL: what comes before it must not be enough (Argon2id reads all)."""
    stored = prepare(parse(notation), HASHER)

    for odd in (password + "\0", password + "\0more", "\0" + password, "\0"):
        assert verify(stored, odd, HASHER) is False


def test_an_empty_old_password_is_not_met_by_a_nul():
    """A login whose old password was empty is not opened by text that only looks like some."""
    stored = prepare(parse("{MD5}1B2M2Y8AsgTpgAmY7PhCfg=="), HASHER)

    assert verify(stored, "", HASHER) is True
    assert verify(stored, "\0", HASHER) is False


@pytest.mark.parametrize("password", ["\ud800", "x" * 4097, "é" * 2049, "\U0010ffff" * 1024])
def test_odd_passwords_are_wrong_and_not_errors(password):
    """Lone surrogates and texts beyond every limit are wrong passwords in every notation."""
    for notation, _, _ in CHEAP:
        assert verify(_stored(notation), password, HASHER) is False


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "$argon2id$",
        "$argon2id$é",
        "$argon2id$v=19$m=1,t=1,p=1$c29tZXNhbHQ$AAAA",
        "wrapped$",
        "wrapped$YWI",
        "wrapped$YWI$",
        "wrapped$YWI$argon2id$v=19",
        "wrapped$A$argon2id$v=19$m=8,t=1,p=1" + ARGON2_TAIL,
        "wrapped$é$argon2id$v=19$m=8,t=1,p=1" + ARGON2_TAIL,
        "wrapped$JDEk$argon2id$v=19$m=8,t=1,p=1" + ARGON2_TAIL,
        "wrapped$"
        + base64.urlsafe_b64encode(
            b"$argon2id$v=19$m=9999999999,t=1,p=1,l=32$c29tZXNhbHQ$"
        ).decode()
        + "$argon2id$v=19$m=8,t=1,p=1"
        + ARGON2_TAIL,
        "wrapped$"
        + base64.urlsafe_b64encode(b"$5$rounds=999999999$salt$").decode()
        + "$argon2id$v=19$m=8,t=1,p=1"
        + ARGON2_TAIL,
        "$1$saltsalt$",
        "\ud800",
    ],
)
def test_a_damaged_stored_string_matches_nothing(stored):
    """`verify` answers, whatever the store holds, and computes nothing absurd for it."""
    assert verify(stored, "password", HASHER) is False


OPENINGS = ["", "$1$", "$5$", "$5$rounds=", "$6$", "$2b$10$", "$2a$", "$argon2id$v=19$m="]
OPENINGS += ["$pbkdf2-sha256$", "{SHA}", "{SSHA}", "{MD5}", "wrapped$", "$argon2id$", "ab"]


@given(st.sampled_from(OPENINGS), st.text() | st.text("./0Az+=$,{}", max_size=100))
def test_any_text_is_read_or_refused(opening, rest):
    """`parse` either returns a `ForeignHash` or raises `UnknownNotation`; nothing else, ever."""
    try:
        answer: object = parse(opening + rest)
    except UnknownNotation as refused:
        answer = refused

    assert isinstance(answer, ForeignHash) or str(answer).startswith("unknown password notation")


# Deadlines measure the machine; each example hashes.
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(OPENINGS), st.text() | st.text("./0Az+=$,{}", max_size=100), st.text())
def test_any_stored_text_and_password_are_answered(opening, rest, password):
    """`verify` never raises, whatever is stored and whatever is typed."""
    assert isinstance(verify(opening + rest, password, HASHER), bool)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([notation for notation, _, _ in CHEAP]),
    st.text(st.characters(codec=None))
    | st.binary(max_size=90).map(lambda raw: raw.decode("latin1")),
)
def test_any_password_is_answered(notation, password):
    """No password raises, in any notation: not with NULs, surrogates or 300 bytes."""
    assert isinstance(verify(_stored(notation), password, HASHER), bool)


def test_reading_hashes_loads_no_heavy_library():
    """Start-up time matters: what computes is loaded when it is needed, the old `crypt` never."""
    program = (
        "import sys, signon.accounts.foreign_hashes as f\n"
        "f.parse('abhfCpXqd4GrI')\n"
        "assert not {'argon2', 'bcrypt', 'passlib'} & set(sys.modules)\n"
        "import argon2\n"
        "h = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)\n"
        "assert f.verify(f.prepare(f.parse('abhfCpXqd4GrI'), h), 'correct horse', h)\n"
        "assert 'passlib' in sys.modules and 'crypt' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
