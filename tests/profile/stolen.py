"""An account, its owner's mailbox, and whoever else has got hold of its password."""

from dataclasses import dataclass, field
from typing import Any

from signon import ids
from signon.accounts import credentials, email_changes, history
from signon.accounts.directory import Account, by_id
from signon.accounts.hashing import Hasher
from signon.audit.events import Event
from signon.errors import RefusedError, SignonError
from signon.profile import changes, disputes, email_change, taking_back, username_change
from signon.profile.changes import Asker
from signon.profile.taking_back import TakingBack
from signon.recovery import answering, choosing
from signon.signin import enrolment, factors
from signon.signin import session as sessions
from signon.signin.factor_removal import Removals
from signon.signin.session import AAL2, Session
from signon.web.visitor import Source
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import Mail, Mailed

ORIGIN = Source("192.0.2.1", "a browser", "1")


@dataclass
class Party:
    """Somebody who knows passwords and reads mailboxes; `session` is where they are signed in."""

    scene: "Scene"
    addresses: tuple[str, ...]
    passwords: set[str] = field(default_factory=lambda: {PASSWORD})
    apps: set[str] = field(default_factory=set)
    token: str | None = None

    @property
    def session(self) -> Session | None:
        """The session that still lives."""
        world = self.scene.world
        with world.database.reading() as unit:
            return sessions.current(unit, self.token, world.settings)

    def sign_in(self) -> bool:
        """With whatever they have; False when it does not open the account."""
        world, account = self.scene.world, self.scene.now()
        with world.database.writing() as unit:
            own = factors.of(unit, account.id)
            mine = [one for one in own.authenticators if one.id in self.apps]
            found = credentials.find(unit, account.username)
            stored = credentials.unseal(world.ring, found) if found else None
            knows = any(Hasher(world.settings).verify(stored, one) for one in self.passwords)
            if not knows or (own.is_enrolled and not mine):
                return False
            self.token = sessions.start(
                unit,
                account,
                settings=world.settings,
                previous=None,
                source=ORIGIN,
                acr=AAL2,
                factor_since=mine[0].created_at if mine else None,
            )
        return True

    def asker(self) -> Asker:
        """For the rules of the account's pages."""
        session = self.session
        assert session is not None
        return Asker(session.account, self.scene.world.settings, session.proof, ORIGIN)

    def rename(self, name: str) -> None:
        """Another last name."""
        self.scene.act(changes.change, self.asker(), "name", {**_NAME, "last_name": name})

    def take_username(self, name: str) -> None:
        """Another username."""
        self.scene.act(username_change.change_username, self.asker(), name)

    def ask_for_address(self, address: str) -> None:
        """Another e-mail address."""
        self.scene.act(email_change.ask, self.asker(), address)

    def press_confirmations(self) -> None:
        """Every button of mails about addresses that came to their mailboxes."""
        for one in self.mails():
            rules = {
                "confirm_email": email_changes.confirm,
                "email_change_asked": email_changes.agree,
            }
            name = "agree_url" if one.message == "email_change_asked" else "confirm_url"
            if rule := rules.get(one.message):
                token = one.values[name].partition("token=")[2]
                self.scene.act(rule, self.scene.world.settings.issuer, token, source=ORIGIN)

    def choose_password(self, password: str) -> None:
        """By the present one."""
        session = self.session
        assert session is not None
        self.passwords.add(password)
        hashed = Hasher(self.scene.world.settings).hash(password)
        self.scene.act(
            credentials.replace_password,
            self.scene.world.ring,
            session.account,
            hashed,
            actor=session.account.id,
            proof=session.proof,
        )

    def recover(self, password: str) -> None:
        """By a link to the account's address, if that is one of theirs."""
        account = self.scene.now()
        if account.email in self.addresses and account.frozen_at is None:
            self.passwords.add(password)
            world = self.scene.world
            hashed = Hasher(world.settings).hash(password)
            with world.database.writing() as unit:
                url = answering.link_address(unit, "", account, email_changes.CONFIRM_LASTS)
            token = url.partition("token=")[2]
            self.scene.act(
                choosing.choose,
                world.ring,
                world.settings,
                token,
                hashed,
                device=ids.new_id(),
                source=ORIGIN,
            )

    def add_app(self) -> None:
        """It takes the code that is mailed to the account's address."""
        session = self.session
        assert session is not None
        if session.account.email not in self.addresses or session.account.frozen_at:
            return
        world = self.scene.world
        with world.database.writing() as unit:
            app_id = enrolment.keep_app(unit, world.ring, session.account.id, "A" * 32, "App", None)
            history.record(
                unit,
                session.account.id,
                "factor",
                Event.FACTOR_ADDED,
                actor=session.account.id,
                after={"app": "App", "id": app_id},
                proof=session.proof,
            )
            enrolment.tell(unit, world.settings, session, "The authenticator app was added.")
        self.apps.add(app_id)

    def remove_factors(self) -> None:
        """All of them."""
        session = self.session
        assert session is not None
        world = self.scene.world
        removals = Removals(world.settings, lambda _unit, _account: False)
        with world.database.reading() as unit:
            found = factors.of(unit, session.account.id).authenticators
        for one in found:
            self.scene.act(
                removals.remove, session.account.id, one.id, proof=session.proof, source=ORIGIN
            )

    def mails(self) -> list[Mail]:
        """What came to their mailboxes, oldest first."""
        return [one for one in self.scene.mails() if one.to in self.addresses]

    def disown(self, *, password: str) -> bool:
        """Press "this was not me" in their mails, newest first, until one works; tick everything."""
        for one in reversed(self.mails()):
            url = one.values.get("not_me_url", "")
            if url and self.disown_by(url.partition("token=")[2], password):
                return True
        return False

    def disown_by(self, token: str, password: str, *, but: tuple[str, ...] = ()) -> bool:
        """By one link, everything but the changes of some subjects; False when it is refused."""
        world = self.scene.world
        means = TakingBack(world.settings, world.ring)
        try:
            with world.database.reading() as unit:
                found = disputes.by_mail(unit, token)
        except RefusedError:
            return False
        texts = {disputes.WORDS[one] for one in but}
        ticked = [one.id for one in found.choices if one.text not in texts]
        hashed = Hasher(world.settings).hash(password)
        try:
            with world.database.writing() as unit:
                done = taking_back.carry_out(
                    unit,
                    means,
                    lambda one: disputes.by_mail(one, token),
                    ticked,
                    hashed,
                    token=token,
                    device="a-device",
                    source=ORIGIN,
                )
        except SignonError:
            return False
        if done.is_frozen:
            return False
        self.passwords.add(password)
        return True


@dataclass
class Scene:
    """One account; every mail about it."""

    world: World
    account: Account
    look: Mailed
    seen: list[Mail] = field(default_factory=list)

    def now(self) -> Account:
        """The account as it is."""
        with self.world.database.reading() as unit:
            found = by_id(unit, self.account.id)
        assert found is not None
        return found

    def mails(self) -> list[Mail]:
        """All that were ever sent."""
        self.seen += self.look()
        return self.seen

    def act(self, rule: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a rule in a unit, a second after the one before; what it refuses changes nothing."""
        self.world.clock.advance(seconds=1)
        try:
            with self.world.database.writing() as unit:
                return rule(unit, *args, **kwargs)
        except SignonError:
            return None

    def shown(self) -> tuple[Any, ...]:
        """What the owner wants back."""
        account = self.now()
        with self.world.database.reading() as unit:
            found = factors.of(unit, account.id)
        return (
            account.email,
            account.username,
            account.last_name,
            account.frozen_at,
            tuple(one.id for one in found.authenticators),
            found.recovery_codes_left,
        )


_NAME = {"first_name": "Ada", "middle_name": "", "last_name": "Attorney", "user_type": ""}
