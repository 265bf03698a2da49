"""The ring changes, and nothing is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, insert, select, update

from signon import opaque_tokens
from signon.accounts import creation, credentials
from signon.accounts.creation import NewAccount
from signon.accounts.directory import by_id
from signon.accounts.models import AccountKind, accounts
from signon.app import wire
from signon.audit.models import events
from signon.clients import registration
from signon.clients.application import Application, Server
from signon.courts import loading
from signon.crypto import KeyRing, UnsealError
from signon.db import Database, Unit, metadata
from signon.filing.cutover.models import held_mails
from signon.filing.legacy_logins import legacy_logins as filing
from signon.filing.legacy_logins.models import legacy_import_parts, legacy_imports
from signon.filing.linking import prepared_links, proving
from signon.filing.linking.models import prepared_links as prepared
from signon.filing.linking.prepared_links import New
from signon.filing.models import legacy_logins, link_proofs
from signon.ids import new_id
from signon.outbox import events as outbox
from signon.registration import drafts
from signon.registration.drafts import Draft
from signon.registration.onward import Way
from signon.signin import enrolment, factor_challenges, factors, totp
from signon.signin.factor_challenges import ChallengePurpose
from signon.tables import SEALED
from signon.tokens import grants, keys, refreshing, resealing, rotation
from signon.tokens.grants import NewGrant
from signon.tokens.models import refresh_tokens
from signon.tokens.refreshing import RefreshToken
from signon.tokens.resealing import Seals
from signon.upgrade import entered
from signon.upgrade.entered import Entered, Step
from signon.web import idempotency
from signon.web.idempotency import Rendered
from signon.web.visitor import Source
from tests.infra import queued
from tests.infra.signing_keys import KeysOfTheRun

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
BEFORE, BOTH, AFTER = KeyRing([OLD]), KeyRing([NEW, OLD]), KeyRing([NEW])
DAY = timedelta(days=1)
IMPORT, PART = legacy_imports.c.content, legacy_import_parts.c.wrapped
HELD = held_mails.c.sealed
UPGRADE = Entered({Step.PERSON: {"last_name": "Attorney"}})
CLAIM = idempotency.claim_of("key", "caller", "POST")
MAIL = {"to": "ada@example.org", "values": {"url": "https://signon.example/recover?t=x"}}
ANSWER = Rendered(201, b'{"client_secret":"shown once"}', {"etag": '"one"'})


class Stored:
    """One secret of every kind, written by the features themselves under the old ring."""

    def __init__(self, database: Database, generate: KeysOfTheRun) -> None:
        self.database = database
        rotation.rotate(database, BEFORE, overlap=DAY, generate=generate)
        with database.writing() as unit:
            loading.load(unit, loading.shipped(), actor="system")
            self.account_id = _account(unit)
            self.login_id = _login(unit)
            self.refresh_token, self.successor = _refreshed(unit, self.account_id)
            idempotency.claim(unit, BEFORE, CLAIM)
            idempotency.keep(unit, BEFORE, CLAIM, ANSWER)
            self.proof_id, self.prepared_id = _proving(unit, self.account_id, self.login_id)
            self.registration_id = _registering(unit)
            _upgrading(unit, self.account_id)
            enrolment.keep_app(unit, BEFORE, self.account_id, "AAAA2222", "Phone", None)
            lost = enrolment.keep_app(unit, BEFORE, self.account_id, "BBBB2222", "Lost", None)
            factors.remove(unit, self.account_id, lost)
            outbox.put(unit, "mail", MAIL)
            _importing(unit, self.account_id)
            _rehearsing(unit)
            self.challenge_id = factor_challenges.issue(
                unit, BEFORE, ChallengePurpose.ADD_APP, b"asked"
            )

    def open(self, ring: KeyRing) -> dict[str, Any]:
        """All of them, as the features read them."""
        with self.database.writing() as unit:
            credential = credentials.find(unit, "ada.attorney")
            login = filing.by_login(unit, "casb", "aattorney")
            spent = unit.execute(
                select(refresh_tokens.c.digest, refresh_tokens.c.grant_id).where(
                    refresh_tokens.c.used_at.is_not(None)
                )
            ).one()
            draft = drafts.by_id(unit, ring, self.registration_id)
            upgrade = entered.find(unit, ring, credential.account) if credential else None
            challenge = factor_challenges.look(
                unit, ring, ChallengePurpose.ADD_APP, self.challenge_id
            )
            row = next(row for row in queued.rows(unit) if row.kind == "mail")
            assert credential is not None
            assert login is not None
            assert draft is not None
            assert upgrade is not None
            assert challenge is not None
            return {
                "password": credentials.unseal(ring, credential),
                "login": filing.open_password(ring, login),
                "proof": self._proved(unit, ring, link_proofs, proving.seal_context(self.proof_id)),
                "prepared": self._proved(
                    unit, ring, prepared, prepared_links.seal_context(self.prepared_id)
                ),
                "successor": refreshing.successor_within_grace(
                    unit, RefreshToken(*spent, was_used=True), ring=ring, grace_seconds=10
                ),
                "keys": keys.read(unit, ring).algorithms,
                "answer": idempotency.claim(unit, ring, CLAIM),
                "registration": draft.entered,
                "upgrade": upgrade.parts,
                "app": totp.apps(unit, ring, self.account_id)[0].secret,
                "challenge": challenge.secret,
                "mail": outbox.opened(ring, row.id, row.payload, row.sealed),
                **{
                    column.table.name: self._kept(unit, ring, column.table, column)
                    for column in (IMPORT, PART, HELD)
                },
            }

    def _proved(self, unit: Unit, ring: KeyRing, table: Any, context: str) -> bytes:
        return ring.open(unit.execute(select(table.c.password)).scalar_one(), context)

    def _kept(self, unit: Unit, ring: KeyRing, table: Any, column: Any) -> bytes:
        found = unit.execute(select(table.c.id, column)).one()
        return ring.open(found[1], SEALED[column](found[0]))

    @property
    def expected(self) -> dict[str, Any]:
        """What was written."""
        return {
            "password": "$argon2id$hers",
            "login": "$argon2id$of-the-court",
            "proof": b"typed",
            "prepared": b"kept",
            "successor": self.successor,
            "keys": ("RS256", "ES256"),
            "answer": ANSWER,
            "registration": {"first_name": "Bea"},
            "upgrade": UPGRADE.parts,
            "app": "AAAA2222",
            "challenge": b"asked",
            "mail": MAIL,
            **dict.fromkeys(("legacy_imports", "legacy_import_parts", "held_mails"), b"kept"),
        }

    def seals(self, ring: KeyRing) -> Seals:
        with self.database.reading() as unit:
            return resealing.count(unit, ring, SEALED)


def _proving(unit: Unit, account_id: str, login_id: str) -> tuple[str, str]:
    """A proof of a login whose court is not live yet, and one that was prepared."""
    proof_id, prepared_id = new_id(), new_id()
    bound = {"account_id": account_id, "court_id": "casb", "legacy_login_id": login_id}
    row = {
        "id": proof_id,
        **bound,
        "session_id": new_id(),
        "created_at": unit.now,
        "expires_at": unit.now + DAY,
        "password": BEFORE.seal(b"typed", proving.seal_context(proof_id)),
    }
    unit.execute(insert(link_proofs), row)
    sealed = BEFORE.seal(b"kept", prepared_links.seal_context(prepared_id))
    fields = (prepared_id, account_id, "casb", login_id, 1, unit.now, None, None, b"", None, sealed)
    assert prepared_links.add(unit, New(*fields))
    return proof_id, prepared_id


def _importing(unit: Unit, account_id: str) -> None:
    """A list that is being read in the background, and a part of it."""
    import_id, part_id = new_id(), new_id()
    row = {
        "id": import_id,
        "court_id": "casb",
        "account_id": account_id,
        **dict.fromkeys(("name", "digest", "encoding", "agreed"), "list.csv"),
        "content": BEFORE.seal(b"kept", SEALED[IMPORT](import_id)),
        **dict.fromkeys(("total", "done"), 1),
        "asked_at": unit.now,
    }
    unit.execute(insert(IMPORT.table), row)
    wrapped = BEFORE.seal(b"kept", SEALED[PART](part_id))
    unit.execute(insert(PART.table), {"id": part_id, "import_id": import_id, "wrapped": wrapped})


def _rehearsing(unit: Unit) -> None:
    """A mail of a rehearsal."""
    mail_id = new_id()
    row = {
        "id": mail_id,
        "court_id": "casb",
        "sent_at": unit.now,
        "recipient": "ada@casb.rehearsal.test",
        "subject": "Ready",
        "sealed": BEFORE.seal(b"kept", SEALED[HELD](mail_id)),
    }
    unit.execute(insert(HELD.table), row)


@pytest.fixture
def stored(database: Database, generate: KeysOfTheRun) -> Stored:
    return Stored(database, generate)


def test_a_ring_is_rotated_without_losing_a_secret(stored: Stored, database: Database):
    """New key first, reencrypt, old key out: everything still opens (decision 14)."""
    assert stored.open(BEFORE) == stored.open(BOTH) == stored.expected
    assert stored.seals(BOTH) == Seals(current=0, older=17, unknown=0)

    done = resealing.reencrypt(database, BOTH, SEALED)

    assert {name: column["moved"] for name, column in done.items()} == {
        "accounts.password": 1,
        "legacy_logins.password": 1,
        "link_proofs.password": 1,
        "prepared_links.password": 1,
        "signing_keys.private": 2,
        "refresh_tokens.successor": 1,
        "idempotent_answers.body": 1,
        "registrations.sealed": 1,
        "upgrades.entered": 1,
        "authenticators.secret": 1,
        "removed_authenticators.secret": 1,
        "factor_challenges.secret": 1,
        "outbox.sealed": 1,
        "held_mails.sealed": 1,
        "legacy_imports.content": 1,
        "legacy_import_parts.wrapped": 1,
    }
    assert stored.seals(AFTER) == Seals(current=17, older=0, unknown=0)
    assert stored.open(AFTER) == stored.expected
    with pytest.raises(UnsealError):
        stored.open(BEFORE)


def test_running_it_again_moves_nothing(stored: Stored, database: Database):
    """What is sealed with the first key stays as it is, to the byte."""
    resealing.reencrypt(database, BOTH, SEALED)
    with database.reading() as unit:
        first = unit.scalar(select(accounts.c.password))
    done = resealing.reencrypt(database, BOTH, SEALED)
    with database.reading() as unit:
        assert unit.scalar(select(accounts.c.password)) == first
    assert all(column == {"moved": 0, "spoilt": 0} for column in done.values())


def test_what_does_not_open_is_counted_and_left(stored: Stored, database: Database):
    """A lost key or a changed value stops nothing else from moving."""
    with database.writing() as unit:
        unit.execute(update(legacy_logins).values(password=b"\x01LOST" + bytes(40)))
    done = resealing.reencrypt(database, BOTH, SEALED)
    assert done["legacy_logins.password"] == {"moved": 0, "spoilt": 1}
    assert stored.seals(BOTH) == Seals(current=16, older=0, unknown=1)


def test_every_value_of_a_long_column_is_moved(
    stored: Stored, database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Batch after batch, in the order of the keys, each once."""
    monkeypatch.setattr(resealing, "BATCH", 3)
    with database.writing() as unit:
        for number in range(10):
            _login(unit, f"login{number}")
    told: list[int] = []
    done = resealing.reencrypt(database, BOTH, SEALED, advance=told.append)
    assert done["legacy_logins.password"]["moved"] == 11
    assert sum(told) == stored.seals(AFTER).current == 27


def test_a_change_in_the_meantime_wins(postgresql_url: str, generate: KeysOfTheRun):
    """A value that a server writes while it is being moved is not overwritten.

    Only PostgreSQL has two writers at once.
    """
    database = wire(Database(postgresql_url, ring=BEFORE))
    stored = Stored(database, generate)
    sealed = credentials.seal(BEFORE, stored.account_id, "$argon2id$new")

    class Slow(KeyRing):
        """While it seals a password, somebody changes that password."""

        def seal(self, plain: bytes, context: str) -> bytes:
            if context.startswith("password:"):
                with database.writing() as other:
                    other.execute(update(accounts).values(password=sealed))
            return super().seal(plain, context)

    resealing.reencrypt(database, Slow([NEW, OLD]), SEALED)
    assert stored.open(BOTH)["password"] == "$argon2id$new"
    assert stored.seals(BOTH) == Seals(current=16, older=1, unknown=0)
    database.close()


def test_it_is_in_the_audit_trail(stored: Stored, database: Database):
    """With the numbers of each column."""
    resealing.reencrypt(database, BOTH, SEALED)
    with database.reading() as unit:
        statement = select(events.c.detail).where(events.c.event == "tokens:secrets:reencrypted")
        assert unit.execute(statement).scalar_one()["columns"]["signing_keys.private"]["moved"] == 2


def test_every_sealed_column_is_known():
    """A binary column is a digest, or named here, or it is in the list of sealed ones."""
    open_to_all = {"audit_events.hash", "audit_tree.edge", "authenticators.public_key"}
    open_to_all |= {"efile_documents.content", "removed_authenticators.public_key"}
    others = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary) and column.type.length is None
    }
    assert others - open_to_all == {str(column) for column in SEALED}


# ── What the features write ──────────────────────────────────────────────────


def _account(unit: Unit) -> str:
    wanted = NewAccount(
        kind=AccountKind.INDIVIDUAL,
        username="ada.attorney",
        email="ada@example.org",
        first_name="Ada",
        last_name="Attorney",
        date_of_birth=date(1970, 1, 2),
    )
    return creation.create(unit, BEFORE, wanted, password_hash="$argon2id$hers", actor="system").id


def _registering(unit: Unit) -> str:
    made = drafts.begin(
        unit, BEFORE, "device", {"first_name": "Bea"}, Way(), source=Source(), per_network=1
    )
    assert isinstance(made, Draft)
    return made.id


def _upgrading(unit: Unit, account_id: str) -> None:
    account = by_id(unit, account_id)
    assert account is not None
    entered.begin(unit, account, lasts=DAY)
    entered.store(unit, BEFORE, account_id, UPGRADE, Step.ADDRESS, lasts=DAY)


def _login(unit: Unit, login: str = "aattorney") -> str:
    login_id = f"id-of-{login}"
    values = {
        "id": login_id,
        "court_id": "casb",
        "login": login,
        "login_key": filing.login_key(login),
        "password": filing.seal_password(BEFORE, login_id, "$argon2id$of-the-court"),
        "first_name": "Ada",
        "last_name": "Attorney",
        "email": "ada@example.org",
        "email_key": "ada@example.org",
        "status": "active",
        "roles": ["attorney"],
        "imported_at": unit.now,
    }
    unit.execute(insert(legacy_logins), values)
    return login_id


def _refreshed(unit: Unit, account_id: str) -> tuple[str, str | None]:
    """A spent refresh token and its successor, kept for a client with a grace."""
    asked = Application(name="CM/ECF", court="casb", redirect_uris=["https://ecf.casb.test/cb"])
    client = registration.register(unit, asked, Server(True, ()))
    token = opaque_tokens.new_token()
    grants.begin(
        unit,
        NewGrant(
            id="grant",
            account_id=account_id,
            client_id=client.client_id,
            session_id="session",
            scope="openid",
            auth_time=unit.now,
            acr="aal1",
            amr=["pwd"],
            client_code=None,
            expires_at=unit.now + DAY,
        ),
        refresh_token=token,
    )
    first = RefreshToken(opaque_tokens.digest(token), "grant", was_used=False)
    successor = opaque_tokens.new_token()
    assert refreshing.rotate(unit, first, successor, ring=BEFORE, keep_successor=True)
    return token, successor
