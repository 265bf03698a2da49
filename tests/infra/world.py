"""A provider with courts, people and clients, in this process: what protocol tests start from."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from time import monotonic, sleep
from typing import Any, Self

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import insert, select, update
from starlette.testclient import TestClient

from signon import opaque_tokens
from signon.accounts import creation, found_by
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account, by_username
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind, accounts
from signon.app import create_app
from signon.audit.models import events
from signon.clients.models import clients, secrets
from signon.config import Settings
from signon.courts import changes, loading
from signon.courts.models import courts
from signon.crypto import KeyRing
from signon.db import Database
from signon.filing.agents.models import agent_pairs
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.importing import Means
from signon.filing.models import rights
from signon.ids import new_id
from signon.signin import enrolment
from signon.tokens import rotation
from tests.infra import databases, queued
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.signing_keys import KeysOfTheRun

PASSWORD = "correct horse battery staple"
"""Everybody's."""
APP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The key of everybody's authenticator app."""
OVERLAP = timedelta(days=1)


@dataclass
class Population:
    """The database under a provider, and whom it knows."""

    settings: Settings
    database: Database
    ring: KeyRing

    def furnish(self) -> None:
        """Courts and keys; nobody yet. The database must be wired."""
        rotation.rotate(self.database, self.ring, overlap=OVERLAP, generate=KeysOfTheRun())
        with self.database.writing() as unit:
            loading.load(unit, loading.shipped(), actor="system")

    def account(
        self,
        username: str = "a.attorney",
        kind: AccountKind = AccountKind.INDIVIDUAL,
        **given: Any,
    ) -> Account:
        """A new account whose password is `PASSWORD`."""
        person = {
            "first_name": "Ada",
            "last_name": "Attorney",
            "date_of_birth": date(1970, 1, 2),
        }
        firm = {"firm_name": "Attorney & Daughters"}
        extra = firm if kind is AccountKind.FIRM else person
        email = {"email": f"{username}@example.org"}
        wanted = NewAccount(kind=kind, username=username, **{**email, **extra, **given})
        password_hash = Hasher(self.settings).hash(PASSWORD)
        with self.database.writing() as unit:
            return creation.create(
                unit, self.ring, wanted, password_hash=password_hash, actor="system"
            )

    def find(self, username: str) -> Account:
        """An account by its name."""
        with self.database.reading() as unit:
            found = by_username(unit, username)
        assert found is not None
        return found

    def change_account(self, account: Account, **values: Any) -> None:
        """Change columns of an account."""
        with self.database.writing() as unit:
            unit.execute(update(accounts).where(accounts.c.id == account.id).values(**values))

    def client(self, client_id: str = "casb-cmecf", **given: Any) -> str | None:
        """A registered client; answers its secret, or None for a public one."""
        is_public = given.get("auth_method") == "none"
        secret = None if is_public else opaque_tokens.new_token()
        values = {
            "id": client_id,
            "name": "CM/ECF",
            "court_id": "casb",
            "firm_id": None,
            "profile": "standard",
            "auth_method": "client_secret_basic",
            "grants": ["authorization_code", "refresh_token"],
            "scopes": ["openid", "profile", "email", "phone", "address", "pacer", "ecf"],
            "redirect_uris": ["https://ecf.casb.test/callback"],
            "post_logout_redirect_uris": ["https://ecf.casb.test/goodbye"],
            "return_uris": [],
            "id_token_alg": "ES256",
            "dpop": "optional",
            "require_par": False,
            "require_signed_request": False,
            "signed_userinfo": False,
            "refresh_grace_seconds": 0,
            "trusted": False,
            "created_at": self.database.clock(),
            **given,
        }
        with self.database.writing() as unit:
            unit.execute(insert(clients), values)
            if secret is not None:
                unit.execute(
                    insert(secrets),
                    {
                        "digest": opaque_tokens.digest(secret),
                        "client_id": client_id,
                        "created_at": unit.now,
                    },
                )
        return secret

    def right(self, account: Account, court_id: str = "casb", **given: Any) -> str:
        """An active filing right of an account at a court."""
        right_id = new_id()
        values = {
            "id": right_id,
            "account_id": account.id,
            "court_id": court_id,
            "login": "aattorney",
            "status": "active",
            "roles": ["attorney"],
            "cases": None,
            "admission": "full",
            "created_at": self.database.clock(),
            **given,
        }
        with self.database.writing() as unit:
            unit.execute(insert(rights), values)
            found_by.known_at(unit, account.id, court_id)
        return right_id

    def pair(self, principal: Account, agent: Account, court_id: str = "casb", **given: Any) -> str:
        """An agent who has accepted to file for a principal."""
        pair_id = new_id()
        values = {
            "id": pair_id,
            "court_id": court_id,
            "state": "active",
            "principal_id": principal.id,
            "agent_id": agent.id,
            "agent_number": agent.number,
            "agent_last_name": agent.last_name,
            "may_pay": False,
            "version": 1,
            "created_at": self.database.clock(),
            "handled_at": self.database.clock(),
            "active_from": self.database.clock(),
            **given,
        }
        with self.database.writing() as unit:
            unit.execute(insert(agent_pairs), values)
        return pair_id

    def enrol(self, username: str) -> None:
        """Give an account an authenticator app with the secret `APP`."""
        account = self.find(username)
        with self.database.writing() as unit:
            enrolment.keep_app(unit, self.ring, account.id, APP, "Phone", None)

    def change_right(self, right_id: str, **values: Any) -> None:
        """Change columns of a filing right."""
        with self.database.writing() as unit:
            unit.execute(update(rights).where(rights.c.id == right_id).values(**values))

    def go_live(self, court_id: str, moment: Any) -> None:
        """Set a court's go-live moment; None makes it not scheduled."""
        with self.database.writing() as unit:
            unit.execute(update(courts).where(courts.c.id == court_id).values(go_live=moment))

    def court_policy(self, court_id: str, **values: str) -> None:
        """Set a court's policy."""
        with self.database.writing() as unit:
            changes.change(unit, court_id, values=values, actor="system")

    def queued(self, kind: str) -> list[Any]:
        """What the outbox holds of a kind, delivered or not."""
        return queued.payloads(self.database, kind)

    def legacy_logins(self, court_id: str, logins: Sequence[str]) -> None:
        """Attorneys' legacy logins at a court; the password of all of them is `PASSWORD`."""
        strong = _strong()
        lines = ["login,password_hash,first_name,last_name,bar_id,email,role,status"]
        means = Means(self.database, self.ring, Hasher(self.settings), 1)
        rest = "Ada,Attorney,CA1,a.attorney@court.example.com,attorney,active"
        lines += [f'{login},"{strong}",{rest}' for login in logins]
        importing.run(means, court_id, "\n".join(lines).encode())

    def audited(self) -> list[str]:
        """The names of all audit events, in their order."""
        with self.database.reading() as unit:
            return list(unit.execute(select(events.c.event).order_by(events.c.seq)).scalars())

    @staticmethod
    def eventually(holds: Callable[[], bool], *, seconds: float) -> bool:
        """Whether something has come true when so many real seconds have passed."""
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            if holds():
                return True
            sleep(0.05)
        # on a busy machine the last look may have begun long before
        return holds()


@cache
def _strong() -> str:
    """A hash of `PASSWORD` that is stored as it is, as quick as that gets."""
    return PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash(PASSWORD)


@dataclass
class World(Population):
    """A provider served in this process, at a time that stands still."""

    clock: FrozenClock
    http: TestClient

    def code(self) -> str:
        """What an app with the secret `APP` shows now."""
        return str(pyotp.TOTP(APP).generate_otp(int(self.clock().timestamp()) // 30))

    @classmethod
    def make(cls, settings: Settings, database: Database, clock: FrozenClock) -> Self:
        """Courts and keys; nobody yet. `database` must be wired."""
        http = TestClient(create_app(settings, clock=clock), base_url=settings.issuer)
        made = cls(settings, database, KeyRing(settings.key_bytes), clock, http)
        ring = hashlib.sha256(b"".join(settings.key_bytes)).hexdigest()[:16]
        kept = f"furnished_{clock():%Y%m%d%H%M%S}_{ring}"
        url = settings.database_url.get_secret_value()
        if not databases.go_back(url, kept):
            made.furnish()
            databases.keep(url, kept)
        return made

    def another_process(self) -> TestClient:
        """The same provider served once more: nothing but the database is shared."""
        app = create_app(self.settings, clock=self.clock)
        return TestClient(app, base_url=self.settings.issuer)

    def browser(self) -> Browser:
        """Another person's browser, with cookies of its own."""
        return Browser(TestClient(self.http.app, base_url=self.settings.issuer))
