"""Which hashes a refused password runs: the same for every name, whatever is behind it."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import argon2
import bcrypt
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from signon.accounts import credentials, foreign_hashes, importing, password_work, status
from signon.accounts.foreign_notations import FORMS
from signon.accounts.hashing import Hasher
from signon.accounts.importing import Means
from signon.accounts.models import accounts
from signon.app import create_app
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from tests.accounts.making import PASSWORD, PERSON, make
from tests.infra.clock import FrozenClock
from tests.signin.browser import Browser

HEADER = ("username", "email", "kind", "first_name", "last_name", "date_of_birth", "password_hash")
OLD = "old Secret 1"
DES = "abpbCocLh43.I"
"""DES crypt of `secret99`."""
OURS = "argon2id:m=8,t=1,p=1"


def bcrypt_of(password: str = OLD, cost: int = 10) -> str:
    """As PACER or a court may hand it over."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what is computed, under the works' names."""
    seen: Counter[str] = Counter()
    verify = argon2.PasswordHasher.verify

    def argon2id(self: argon2.PasswordHasher, stored: Any, password: Any) -> Any:
        seen[str(password_work.of(str(stored)))] += 1
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", argon2id)
    for scheme, form in FORMS.items():

        def digest_of(settings: str, secret: bytes, scheme: str = scheme) -> str:
            match = _REAL[scheme].settings.fullmatch(settings)
            assert match is not None
            seen[f"{scheme}:{','.join(match.groupdict().values())}"] += 1
            return _REAL[scheme].digest_of(settings, secret)

        monkeypatch.setitem(FORMS, scheme, replace(form, digest_of=digest_of))
    return seen


_REAL = dict(FORMS)


@pytest.fixture
def means(wired: Database, ring: KeyRing, settings: Settings) -> Means:
    return Means(wired, ring, Hasher(settings), 1)


def load(means: Means, folder: Path, **hashes: str) -> importing.Report:
    """Import accounts by their names with password hashes."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(HEADER)
    for name, notation in hashes.items():
        email = f"{name}@example.org"
        lines.writerow([f"{name}.name", email, "individual", name, "Old", "1970-01-01", notation])
    path = folder / "accounts.csv"
    path.write_text(text.getvalue())
    return importing.run(means, path)


Refused = Callable[..., dict[str, int]]


@pytest.fixture
def refused(settings: Settings, clock: FrozenClock, ran: Counter[str]) -> Iterator[Refused]:
    """Answers what is computed for a name and a password that are refused."""
    many = settings.model_copy(update={"login_failures_per_address": 10_000})
    with TestClient(create_app(many, clock=clock), base_url=settings.issuer) as client:

        def send(username: str, password: str = "a wrong password") -> dict[str, int]:
            browser = Browser(client, settings.issuer)
            ran.clear()
            answer = browser.sign_in(username, password)
            assert answer.status == 403, answer.text
            return dict(ran)

        yield send


def test_every_refusal_runs_the_same_hashes(
    means: Means, settings: Settings, tmp_path: Path, refused: Refused
):
    """Nobody, our own hash, bcrypt, a wrapped one, no password, disabled with the right one."""
    load(means, tmp_path, dear=bcrypt_of(), weak=DES, without="")
    made = make(means.database, settings, replace(PERSON, username="ours.name"))
    gone = make(means.database, settings, replace(PERSON, username="gone.name"))
    with means.database.writing() as unit:
        status.disable(unit, gone.number, reason="left", actor="command_line")
    expected = {"bcrypt:10": 1, "des-crypt:": 1, OURS: 2}
    assert made.is_active
    for name in ("nobody", "dear", "weak", "without", "ours"):
        assert refused(f"{name}.name") == expected, name
    assert refused("gone.name", PASSWORD) == expected


def test_once_everybody_was_rehashed_the_dear_hash_is_spent_no_more(
    means: Means, settings: Settings, clock: FrozenClock, tmp_path: Path, ran: Counter[str]
):
    """A right password costs its own hash alone, and after it the work is no longer in use."""
    load(means, tmp_path, dear=bcrypt_of())
    with means.database.reading() as unit:
        assert credentials.works_in_use(unit) == {"bcrypt:cost=10"}
    with TestClient(create_app(settings, clock=clock), base_url=settings.issuer) as client:
        ran.clear()
        assert Browser(client, settings.issuer).sign_in("dear.name", OLD).status == 303
    assert ran == {"bcrypt:10": 1}
    with means.database.reading() as unit:
        assert credentials.works_in_use(unit) == {OURS}
    with TestClient(create_app(settings, clock=clock), base_url=settings.issuer) as client:
        ran.clear()
        assert Browser(client, settings.issuer).sign_in("nobody.name", OLD).status == 403
    assert ran == {OURS: 1}


def test_a_chosen_password_is_of_our_own_work(
    means: Means, ring: KeyRing, wired: Database, tmp_path: Path
):
    """Whoever recovers an imported account takes its old hash out of use."""
    load(means, tmp_path, dear=bcrypt_of())
    with wired.writing() as unit:
        found = credentials.find(unit, "dear.name")
        assert found is not None
        new = means.hasher.hash("quite another one")
        credentials.replace_password(unit, ring, found.account, new, actor="system")
        assert credentials.works_in_use(unit) == {OURS}


def test_works_from_before_are_noted(
    means: Means, wired: Database, ring: KeyRing, settings: Settings, tmp_path: Path
):
    """By the background, as the servers' upgrade found them; what has none is not asked again."""
    load(means, tmp_path, dear=bcrypt_of(), without="")
    make(wired, settings)
    with wired.writing() as unit:
        unit.execute(update(accounts).values(password_work=None))
        assert not credentials.works_in_use(unit)
    sealed = {accounts: credentials.seal_context}
    assert asyncio.run(password_work.note_missing(wired, ring, sealed)) == 3
    assert asyncio.run(password_work.note_missing(wired, ring, sealed)) == 0
    with wired.reading() as unit:
        assert credentials.works_in_use(unit) == {"bcrypt:cost=10", OURS}


def test_hashes_dearer_than_the_ceiling_are_refused_by_line(
    means: Means, wired: Database, tmp_path: Path
):
    """Each by itself, and what they would cost together; the sentence names no hash."""
    dear = bcrypt_of().replace("$10$", "$14$")
    report = load(
        means,
        tmp_path,
        fine=bcrypt_of(),
        much=dear,
        also=bcrypt_of().replace("$10$", "$13$"),
        still=bcrypt_of().replace("$10$", "$12$"),
    )
    assert [line.line for line in report.bad_lines] == [3, 5]
    first, second = (line.reason for line in report.bad_lines)
    assert first.startswith("password_hash: bcrypt of this cost is too dear: ")
    assert "ms, 500 are allowed" in second
    assert dear not in first
    with wired.reading() as unit:
        assert not credentials.works_in_use(unit)


@pytest.mark.parametrize("scheme", FORMS)
def test_every_scheme_has_a_specimen(scheme: str):
    """It takes the work that it is named by, and no password matches it."""
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    costs = {
        "argon2id": "m=16,t=2,p=1",
        "bcrypt": "cost=4",
        "pbkdf2-sha256": "rounds=9",
    }.get(scheme, "rounds=1000" if "rounds" in FORMS[scheme].specimen else "")
    work = f"{scheme}:{costs}|{OURS}"
    stored = password_work.specimen(work)
    assert password_work.of(stored) == work
    assert len(work) <= password_work.LONGEST
    assert not foreign_hashes.verify(stored, "", hasher)
