"""The life of signing keys: next, active, retired, withdrawn."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from signon.audit.models import events
from signon.crypto import KeyRing, UnsealError
from signon.db import Database
from signon.errors import InputError, NotFoundError, RefusedError
from signon.tokens import keys, rotation, stored_keys
from signon.tokens.models import signing_keys
from signon.tokens.stored_keys import AsymmetricKey, KeyState, StoredKey
from tests.infra.clock import FrozenClock
from tests.infra.signing_keys import KeysOfTheRun

OVERLAP = timedelta(days=1)


class Keys:
    """The commands of an operator, and what relying parties see afterwards."""

    def __init__(self, database: Database, ring: KeyRing, generate: KeysOfTheRun) -> None:
        self.database = database
        self.ring = ring
        self.generate = generate

    def rotate(self, alg: str | None = None) -> list[StoredKey]:
        return rotation.rotate(
            self.database, self.ring, alg, overlap=OVERLAP, generate=self.generate
        )

    def retire(self, kid: str, *, withdraw: bool = False) -> StoredKey:
        with self.database.writing() as unit:
            return rotation.retire(unit, kid, overlap=OVERLAP, withdraw=withdraw)

    def states(self, alg: str) -> dict[str, str]:
        with self.database.reading() as unit:
            found = stored_keys.all_keys(unit)
            return {key.kid: key.state(unit.now).value for key in found if key.alg == alg}

    def published(self) -> keys.PublishedKeys:
        with self.database.reading() as unit:
            return keys.read(unit, self.ring)


@pytest.fixture
def operator(database: Database, ring: KeyRing, generate: KeysOfTheRun) -> Keys:
    return Keys(database, ring, generate)


def test_the_first_keys_are_active_at_once(operator: Keys):
    """With no key at all, RS256 and ES256 sign from this moment on."""
    made = operator.rotate()
    assert [key.alg for key in made] == ["RS256", "ES256"]
    assert operator.published().algorithms == ("RS256", "ES256")


def test_the_first_keys_come_with_a_named_one(operator: Keys):
    """The first rotation makes what the provider cannot do without, whatever else is named."""
    operator.rotate("Ed25519")
    assert operator.published().algorithms == ("RS256", "ES256", "Ed25519")


def test_rsa_keys_are_long_enough(operator: Keys):
    """RSA keys have 3072 bits, elliptic ones are on P-256."""
    rsa, ec = (key.public for key in operator.rotate())
    assert len(rsa["n"]) == 512
    assert ec["crv"] == "P-256"


def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(
    operator: Keys, clock: FrozenClock
):
    """Next → active → retired → withdrawn, an overlap between each."""
    (old,) = (key for key in operator.rotate() if key.alg == "ES256")
    clock.advance(days=90)
    (new,) = operator.rotate("ES256")
    assert operator.states("ES256") == {new.kid: "next", old.kid: "active"}
    assert operator.published().signer("ES256").kid == old.kid
    assert {old.kid, new.kid} <= set(operator.published().verifiers)

    clock.advance(hours=24)
    assert operator.states("ES256") == {new.kid: "active", old.kid: "retired"}
    assert operator.published().signer("ES256").kid == new.kid
    assert {old.kid, new.kid} <= set(operator.published().verifiers)

    clock.advance(hours=24)
    assert operator.states("ES256") == {new.kid: "active", old.kid: "withdrawn"}
    assert old.kid not in operator.published().verifiers


def test_rotating_without_a_name_renews_every_algorithm_in_use(operator: Keys, clock: FrozenClock):
    """Without --alg each algorithm that has a key gets its next one."""
    operator.rotate()
    operator.rotate("PS256")
    clock.advance(days=90)
    assert [key.alg for key in operator.rotate()] == ["RS256", "ES256", "PS256"]


def test_a_new_algorithm_is_next_first(operator: Keys, clock: FrozenClock):
    """A key of another algorithm is announced as usable only when it signs."""
    operator.rotate()
    operator.rotate("PS256")
    assert operator.published().algorithms == ("RS256", "ES256")
    clock.advance(hours=24)
    assert operator.published().algorithms == ("RS256", "ES256", "PS256")


def test_rotating_again_while_a_key_waits_is_refused(operator: Keys, clock: FrozenClock):
    """One next key of an algorithm at a time; a refused rotation makes no other key either."""
    operator.rotate()
    clock.advance(days=90)
    operator.rotate("ES256")
    with pytest.raises(RefusedError, match="ES256 has a new key already") as refusal:
        operator.rotate()
    assert refusal.value.reason == "already_rotating"
    assert len(operator.states("RS256")) == 1


def test_an_unknown_algorithm_is_refused(operator: Keys):
    """Keys are made for what we sign with, and HS256 is not that."""
    with pytest.raises(InputError, match="RS256, ES256, PS256, Ed25519"):
        operator.rotate("HS256")


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_two_rotations_at_once_make_one_set(
    operator: Keys, database: Database, ring: KeyRing, clock: FrozenClock, first: bool
):
    """Of two that rotate at once one is refused, at the first run and at every other."""
    if not first:
        operator.rotate()
        clock.advance(days=90)
    together = Barrier(2, timeout=60)

    def generate(alg: str) -> AsymmetricKey:
        if alg == "RS256":
            together.wait()  # both have seen what there is, neither has written
        return stored_keys.generate("ES256")

    def rotate() -> str:
        rotation.rotate(database, ring, overlap=OVERLAP, generate=generate)
        return "made"

    def attempt(_: int) -> str:
        try:
            return rotate()
        except RefusedError as refusal:
            return refusal.reason

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(attempt, range(2)))
    assert outcomes == ["already_rotating", "made"]
    assert len(operator.states("ES256")) == len(operator.states("RS256")) == (1 if first else 2)


# ── Retiring by hand ─────────────────────────────────────────────────────────


def test_the_last_active_key_of_an_algorithm_in_use_stays(operator: Keys, clock: FrozenClock):
    """Neither without a successor nor before the successor has taken over."""
    (old,) = (key for key in operator.rotate() if key.alg == "ES256")
    with pytest.raises(RefusedError, match="signon keys rotate --alg ES256"):
        operator.retire(old.kid)
    with pytest.raises(RefusedError, match="signon keys rotate --alg ES256"):
        operator.retire(old.kid, withdraw=True)
    operator.rotate("ES256")
    with pytest.raises(RefusedError, match="takes over at 2026-03-03T15:00:00"):
        operator.retire(old.kid)
    assert operator.published().signer("ES256").kid == old.kid


def test_a_compromised_key_is_replaced_at_once(operator: Keys):
    """With --now the next key signs from this moment, and the bad one is not published."""
    (old,) = (key for key in operator.rotate() if key.alg == "ES256")
    token = operator.published().signer("ES256").sign({"sub": "x"}, "JWT")
    (new,) = operator.rotate("ES256")
    assert operator.retire(old.kid, withdraw=True).published_until is not None
    assert operator.states("ES256") == {new.kid: "active", old.kid: "withdrawn"}
    assert operator.published().signer("ES256").kid == new.kid
    with pytest.raises(keys.BadTokenError):
        operator.published().verify(token, typ="JWT")


def test_an_unused_algorithm_may_be_given_up(operator: Keys, clock: FrozenClock):
    """The only key of an algorithm that nobody uses retires, stays published, and goes."""
    operator.rotate()
    (key,) = operator.rotate("PS256")
    clock.advance(days=2)
    operator.retire(key.kid)
    assert operator.published().algorithms == ("RS256", "ES256")
    assert key.kid in operator.published().verifiers
    clock.advance(hours=24)
    assert key.kid not in operator.published().verifiers
    assert [made.alg for made in operator.rotate()] == ["RS256", "ES256"]


def test_retiring_a_next_key_calls_the_rotation_off(operator: Keys, clock: FrozenClock):
    """A key that never signed goes at once, and the one before it signs on without end."""
    (old,) = (key for key in operator.rotate() if key.alg == "ES256")
    (new,) = operator.rotate("ES256")
    operator.retire(new.kid)
    clock.advance(days=3)
    assert operator.states("ES256") == {new.kid: "withdrawn", old.kid: "active"}
    assert operator.rotate("ES256")


def test_what_is_retired_stays_so(operator: Keys, clock: FrozenClock):
    """Retiring twice is refused; withdrawing a retired key is not."""
    (old,) = (key for key in operator.rotate() if key.alg == "ES256")
    operator.rotate("ES256")
    clock.advance(hours=24)
    with pytest.raises(RefusedError, match="retired already"):
        operator.retire(old.kid)
    operator.retire(old.kid, withdraw=True)
    assert operator.states("ES256")[old.kid] == KeyState.WITHDRAWN
    with pytest.raises(RefusedError, match="withdrawn already"):
        operator.retire(old.kid, withdraw=True)


def test_an_unknown_key_is_not_found(operator: Keys):
    """A key that does not exist cannot be retired."""
    with pytest.raises(NotFoundError, match="signon keys list"):
        operator.retire("no-such-key")


# ── What is written down ─────────────────────────────────────────────────────


def test_every_change_is_in_the_audit_trail(operator: Keys, database: Database):
    """Made and retired keys are named with their algorithm, and nothing of their inside."""
    operator.rotate()
    (key,) = operator.rotate("PS256")
    operator.retire(key.kid)
    with database.reading() as unit:
        statement = select(events.c.event, events.c.reason, events.c.detail)
        written = [tuple(row) for row in unit.execute(statement.order_by(events.c.seq))]
    assert [event for event, _, _ in written] == ["tokens:key:created"] * 3 + ["tokens:key:retired"]
    assert written[-1] == ("tokens:key:retired", "withdrawn", {"kid": key.kid, "alg": "PS256"})


def test_private_keys_rest_sealed_for_their_own_row(
    operator: Keys, database: Database, ring: KeyRing
):
    """A private key opens with the ring, in its own row, and nowhere else."""
    one, two = operator.rotate()
    with database.reading() as unit:
        rows = unit.execute(select(signing_keys.c.kid, signing_keys.c.private)).all()
    sealed: dict[str, bytes] = {row.kid: row.private for row in rows}
    assert stored_keys.open_private(ring, one.kid, one.alg, sealed[one.kid]).is_private
    with pytest.raises(UnsealError):
        stored_keys.open_private(ring, one.kid, one.alg, sealed[two.kid])
    with pytest.raises(UnsealError):
        stored_keys.open_private(KeyRing([bytes(32)]), one.kid, one.alg, sealed[one.kid])
