"""Taking an account back: who is heard, what is undone, what stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from signon.accounts import credentials, history, own_data, programs, repudiation
from signon.accounts.directory import Account, by_id
from signon.accounts.hashing import Hasher
from signon.accounts.history import Proof
from signon.accounts.models import AccountKind
from signon.accounts.repudiation import FrozenError
from signon.app import prunable
from signon.audit.events import Event
from signon.courts.registry import read_one
from signon.errors import InputError, RefusedError
from signon.filing.legacy_logins import legacy_logins
from signon.filing.linking import prepared_links
from signon.filing.linking.models import prepared_links as prepared
from signon.filing.linking.prepared_links import New
from signon.filing.models import rights as right_table
from signon.filing.rights import filing_status, rights
from signon.ids import new_id
from signon.profile import changes, disputes, program_rule, taking_back, username_change
from signon.profile.changes import Asker
from signon.profile.taking_back import TakingBack
from signon.signin import enrolment, factors, recovery_codes
from signon.signin.factor_removal import Removals
from signon.tokens import consents
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.refusals import caught
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import Mail, Mailed, Program

NEW = "quiet harbour lanterns at dusk"
ORIGIN = Source("192.0.2.1", "a browser", "1")
OLD = "a.attorney@example.org"


def _save(browser: Browser, path: str, **typed: str) -> None:
    browser.get(path)
    browser.submit(browser.page.forms[0], **typed)
    assert browser.response is not None
    assert browser.response.status_code == 200


def _link(mail: Mail) -> str:
    return str(mail.values["not_me_url"]).removeprefix("http://localhost:8000")


def _token(mail: Mail) -> str:
    return _link(mail).partition("token=")[2]


def _send(browser: Browser, password: str = NEW, **typed: Any) -> None:
    form = browser.page.forms[0]
    given = {"changes": form.ticked.get("changes", []), **typed}
    browser.submit(form, new_password=password, **given)


def _signs_in(world: World, password: str, username: str = "a.attorney") -> bool:
    browser = world.browser()
    browser.get("/account")
    browser.sign_in(username, password)
    return "Your account" in browser.page.text


# ── By mail, in a browser ────────────────────────────────────────────────────


def test_the_owner_ends_with_everything_and_the_thief_with_nothing(
    world: World, person: Account, mailed: Mailed
):
    """From a mail about any of it: a visit only looks, the button undoes all."""
    thief = world.browser()
    thief.get("/account")
    thief.sign_in("a.attorney", PASSWORD)
    world.clock.advance(seconds=60)
    mailed()
    _save(thief, "/account/name", first_name="Bob", last_name="Burglar", user_type="")
    first = mailed()[0]
    world.clock.advance(seconds=60)
    _save(thief, "/account/username", username="bob.burglar")
    world.clock.advance(seconds=60)
    _save(thief, "/account/password", current_password=PASSWORD, password="bob has the only key")
    world.clock.advance(seconds=60)

    owner = world.browser()
    for _ in range(2):
        owner.get(_link(first))
        assert "The name was changed" in owner.page.text
        assert "The password was changed" in owner.page.text
    assert world.find("bob.burglar").last_name == "Burglar"
    _send(owner)
    assert "The account is yours again" in owner.page.text
    again = world.find("a.attorney")
    assert (again.last_name, again.frozen_at) == ("Attorney", None)
    thief.get("/account")
    assert "password" in thief.page.ids
    assert not _signs_in(world, "bob has the only key")
    assert not _signs_in(world, PASSWORD), "no old password comes back"
    assert _signs_in(world, NEW)
    assert "profile:account:taken_back" in world.audited()
    owner.get(_link(first))
    assert "has been used already" in owner.page.text


@ON_ONE
def test_what_the_form_asks_for(world: World, person: Account, holder: Browser, mailed: Mailed):
    """Something ticked, and a password that can be used; nothing is undone before."""
    world.clock.advance(seconds=60)
    mailed()
    _save(holder, "/account/phone", phone="+16195550100")
    owner = world.browser()
    owner.get(_link(mailed()[0]))
    _send(owner, password="short")
    assert "too short" in owner.page.text
    _send(owner, changes=[])
    assert "Check at least one change" in owner.page.text
    _send(owner, changes=["made-up"])
    assert "Check at least one change" in owner.page.text
    assert "profile:account:taken_back" not in world.audited()


@ON_ONE
def test_a_mail_about_a_sign_in_disowns_what_follows(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """A new browser changed nothing yet: that alone can be disowned, and ends it."""
    world.clock.advance(seconds=60)
    mailed()
    thief = world.browser()
    thief.get("/account")
    thief.sign_in("a.attorney", PASSWORD)
    (told,) = mailed()
    assert told.message == "new_device"
    world.clock.advance(seconds=60)
    owner = world.browser()
    owner.get(_link(told))
    _send(owner)
    assert "yours again" in owner.page.text
    thief.get("/account")
    assert "password" in thief.page.ids


def test_of_two_at_once_one_is_carried_out(world: World, person: Account, mailed: Mailed):
    """One link, one taking back."""
    asker = Asker(person, world.settings, Proof("thief"), ORIGIN)
    with world.database.writing() as unit:
        username_change.change_username(unit, asker, "bob.burglar")
    world.clock.advance(seconds=60)
    token = _token(mailed()[-1])
    with world.database.reading() as unit:
        found = disputes.by_mail(unit, token)

    def press(_: int) -> bool:
        return not isinstance(_carry_out(world, token, found.preselected()), RefusedError)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(8))) == 1
    assert world.audited().count("profile:account:taken_back") == 1


@caught
def _carry_out(world: World, token: str, ticked: list[str]) -> Any:
    hashed = Hasher(world.settings).hash(NEW)
    with world.database.writing() as unit:
        return taking_back.carry_out(
            unit,
            TakingBack(world.settings, world.ring),
            lambda one: disputes.by_mail(one, token),
            ticked,
            hashed,
            token=token,
            device="a-device",
            source=ORIGIN,
        )


# ── Who is heard ─────────────────────────────────────────────────────────────


@ON_ONE
def test_a_password_alone_is_not_heard(world: World, person: Account, holder: Browser):
    """It neither begins a dispute nor freezes: an old one must not undo the owner's repair."""
    holder.get("/account/dispute")
    assert holder.response is not None
    assert holder.response.status_code == 403
    assert "A password alone cannot take an account back" in holder.page.text


@pytest.fixture
def with_app(world: World, person: Account) -> Account:
    """The person, with an app that has settled."""
    world.enrol("a.attorney")
    world.clock.advance(hours=73)
    return world.find("a.attorney")


def _sign_in_with_app(world: World) -> Browser:
    browser = world.browser()
    browser.get("/account")
    browser.sign_in("a.attorney", PASSWORD)
    browser.submit(browser.page.forms[0], otp=world.code())
    return browser


def test_a_factor_of_before_is_heard(world: World, with_app: Account, mailed: Mailed):
    """Signed in with it, its owner sees what came after it had settled, and takes it back."""
    asker = Asker(with_app, world.settings, Proof("thief"), ORIGIN)
    with world.database.writing() as unit:
        username_change.change_username(unit, asker, "bob.burglar")
    world.clock.advance(seconds=60)
    browser = world.browser()
    browser.get("/account/dispute")
    browser.sign_in("bob.burglar", PASSWORD)
    browser.submit(browser.page.forms[0], otp=world.code())
    assert "The username was changed" in browser.page.text
    form = browser.page.forms[0]
    with world.database.reading() as unit:
        (change,) = history.since(unit, with_app.id, unit.now - repudiation.LASTS)
    browser.submit(form, new_password=NEW, changes=[change.id])
    assert "yours again" in browser.page.text
    assert world.find("a.attorney").has_factor


def test_behind_a_settled_factor_a_mail_only_freezes(
    world: World, with_app: Account, mailed: Mailed
):
    """Its owner stands by the change, or takes it back, with that factor."""
    world.right(with_app)
    browser = _sign_in_with_app(world)
    world.clock.advance(seconds=60)
    mailed()
    _save(browser, "/account/phone", phone="+16195550100")
    told = mailed()[0]
    _save(browser, "/account/phone", phone="+16195550101")
    told_too = mailed()[0]
    old_mailbox = world.browser()
    old_mailbox.get(_link(told))
    _send(old_mailbox, password="")
    assert "The account is stopped" in old_mailbox.page.text
    world.go_live("casb", world.clock())
    assert _standing(world, with_app).claims()["ecf_blocked_by"] == ["frozen"]
    assert _standing(world, with_app).permissions == ()
    world.clock.advance(seconds=60)
    browser = world.browser()
    browser.get("/account/dispute")
    browser.sign_in("a.attorney", PASSWORD)
    browser.submit(browser.page.forms[0], otp=world.code())
    assert "Was it you after all?" in browser.page.text
    stand_by = next(one for one in browser.page.forms if one.action.endswith("/stand-by"))
    browser.submit(stand_by)
    assert world.find("a.attorney").frozen_at is None
    # a mail of before has no say any more
    old_mailbox.get(_link(told_too))
    _send(old_mailbox)
    assert "Check at least one change" in old_mailbox.page.text
    assert _standing(world, with_app).status is filing_status.EcfStatus.ACTIVE


def _standing(world: World, account: Account) -> filing_status.FilingStatus:
    with world.database.reading() as unit:
        return filing_status.find(unit, account.id, read_one(unit, "casb"))


@ON_ONE
def test_nobody_stands_by_with_a_new_factor(world: World, person: Account):
    """Nor with none."""
    with world.database.writing() as unit:
        repudiation.freeze(unit, person, unit.now, proof=Proof(), source=ORIGIN)
    frozen = world.find("a.attorney")
    for proof in (Proof("a"), Proof("a", world.clock())):
        with world.database.writing() as unit, pytest.raises(FrozenError):
            repudiation.stand_by(unit, frozen, proof=proof, source=ORIGIN)
    assert world.find("a.attorney").frozen_at is not None


# ── What is undone ───────────────────────────────────────────────────────────


Act = Callable[[Any], object]


def _steal(world: World, *acts: Callable[..., Any]) -> None:
    """Acts in the thief's session, a minute apart."""
    for act in acts:
        with world.database.writing() as unit:
            act(unit)
        world.clock.advance(seconds=60)


def _disown(world: World, person: Account, mailed: Mailed, **kept: Any) -> None:
    """By a mail to the owner's address, everything but what is kept."""
    with world.database.writing() as unit:
        account = world_account(unit, person)
        url = repudiation.not_me_url(unit, "", account, Proof())
    token = url.partition("token=")[2]
    with world.database.reading() as unit:
        found = disputes.by_mail(unit, token)
    texts = kept.get("texts", ())
    ticked = [one.id for one in found.choices if one.text not in texts]
    assert not isinstance(_carry_out(world, token, ticked), RefusedError)


def world_account(unit: Any, person: Account) -> Account:
    """The account as it is now."""
    found = by_id(unit, person.id)
    assert found is not None
    return found


def test_factors_are_what_they_were(world: World, with_app: Account, mailed: Mailed):
    """Added ones go, removed ones work again; a recovery code that was used stays used."""
    own = recovery_codes.generate(world.settings)
    with world.database.writing() as unit:
        recovery_codes.keep(unit, with_app.id, own)
        assert recovery_codes.spend(unit, with_app.id, own.digests[0])
        factors.note(unit, with_app.id)
    world.clock.advance(seconds=60)
    thief = Proof("thief")
    (app,) = _factors(world, with_app).authenticators
    removals = Removals(world.settings, lambda _unit, _account: False)

    def add(unit: Any) -> None:
        enrolment.add_app(
            unit, world.ring, with_app.id, "B" * 32, "Thief’s", _code(world), proof=thief
        )

    _steal(
        world,
        lambda unit: removals.remove(unit, with_app.id, app.id, proof=thief, source=ORIGIN),
        add,
        lambda unit: recovery_codes.keep(
            unit, with_app.id, recovery_codes.generate(world.settings)
        ),
    )
    assert [one.nickname for one in _factors(world, with_app).authenticators] == ["Thief’s"]
    _disown(world, with_app, mailed)
    found = _factors(world, with_app)
    assert [one.id for one in found.authenticators] == [app.id]
    assert found.recovery_codes_left == recovery_codes.COUNT - 1
    assert world.find("a.attorney").has_factor


def _code(world: World) -> str:
    return str(pyotp.TOTP("B" * 32).generate_otp(int(world.clock().timestamp()) // 30))


def _factors(world: World, account: Account) -> factors.Factors:
    with world.database.reading() as unit:
        return factors.of(unit, account.id)


def test_links_end_and_undone_ones_go_on(world: World, person: Account, mailed: Mailed):
    """What the court has suspended stays as the court left it."""
    for court in ("casb", "cacd", "nysb"):
        world.go_live(court, world.clock())
    own = world.right(person, "casb", created_at=world.clock())
    thief = {"source": ORIGIN, "proof": Proof("thief")}

    def link(court: str, **given: Any) -> Act:
        def act(unit: Any) -> None:
            right = rights.new(
                unit, person.id, court, roles=("attorney",), cases=None, admission=None, **given
            )
            assert rights.make(unit, right, Event.LINK_MADE, actor=person.id, **thief)

        return act

    def undo(unit: Any) -> None:
        right = rights.held(unit, person.id, "casb")
        assert right is not None
        rights.end(unit, right, Event.LINK_UNDONE, actor=person.id, noted=thief)

    _steal(world, link("cacd"), link("nysb", suspended_by=(rights.COURT,)), undo)
    _disown(world, person, mailed)
    with world.database.reading() as unit:
        rows = unit.execute(
            select(right_table.c.id, right_table.c.court_id, right_table.c.ended_at)
        )
        ended = {row.court_id: row.ended_at is not None for row in rows}
        assert rights.of_account(unit, person.id, "casb") is not None
    assert ended == {"casb": False, "cacd": True, "nysb": False}
    assert own


@ON_ONE
def test_what_was_prepared_ends(world: World, person: Account, mailed: Mailed):
    """Whoever did it: nothing of it becomes a right on the court's day."""
    world.legacy_logins("casd", ["aattorney"])

    def prepare(unit: Any) -> None:
        login = legacy_logins.by_login(unit, "casd", "aattorney")
        assert login is not None
        fields = (person.id, "casd", login.id, login.proof_version, unit.now, "thief", None)
        assert prepared_links.add(unit, New(new_id(), *fields, b"", None, b"sealed"))

    def link(unit: Any) -> None:
        how: dict[str, Any] = {"roles": ("attorney",), "cases": None, "admission": None}
        right = rights.new(unit, person.id, "cacd", **how)
        thief = {"source": ORIGIN, "proof": Proof("thief")}
        assert rights.make(unit, right, Event.LINK_MADE, actor=person.id, **thief)

    _steal(world, link, prepare)
    _disown(world, person, mailed)
    with world.database.reading() as unit:
        row = unit.execute(select(prepared.c.outcome, prepared.c.password)).one()
    assert tuple(row) == ("taken_back", None)


@ON_ONE
def test_consents_go_back(world: World, person: Account, mailed: Mailed):
    """To what was allowed before, or to nothing."""
    for client in ("docket-watch", "other-watch"):
        world.client(client, court_id=None)
    with world.database.writing() as unit:
        consents.give(unit, person.id, "docket-watch", ["openid"], source=ORIGIN)
    world.clock.advance(days=31)
    thief = Proof("thief")
    _steal(
        world,
        lambda unit: consents.give(
            unit, person.id, "docket-watch", ["email"], source=ORIGIN, proof=thief
        ),
        lambda unit: consents.give(
            unit, person.id, "other-watch", ["email"], source=ORIGIN, proof=thief
        ),
    )
    _disown(world, person, mailed)
    with world.database.reading() as unit:
        before = consents.find(unit, person.id, "docket-watch")
        assert before is not None
        assert before.scopes == {"openid"}
        assert consents.find(unit, person.id, "other-watch") is None


@ON_ONE
@pytest.mark.parametrize("is_allowed", [True, False])
def test_programs_are_forbidden_again(
    world: World, person: Account, mailed: Mailed, is_allowed: bool
):
    """Or allowed, as they were before the first of the thief's changes."""
    world.change_account(person, programs_allowed=is_allowed)
    thief = Asker(person, world.settings, Proof("thief"), ORIGIN)
    _steal(
        world,
        lambda unit: program_rule.allow(unit, thief, is_allowed=not is_allowed),
        lambda unit: program_rule.allow(unit, thief, is_allowed=is_allowed),
        lambda unit: program_rule.allow(unit, thief, is_allowed=not is_allowed),
    )
    _disown(world, person, mailed)
    with world.database.reading() as unit:
        assert programs.rule_of(unit, person.id).own is is_allowed


@ON_ONE
def test_what_is_not_ticked_stays(world: World, person: Account, mailed: Mailed):
    """A session is its owner's or it is not: one ticked change takes the session's others along."""

    def renamed(username: str, session: str) -> Act:
        asker = Asker(person, world.settings, Proof(session), ORIGIN)
        return lambda unit: username_change.change_username(unit, asker, username)

    def phoned(phone: str, session: str) -> Act:
        asker = Asker(person, world.settings, Proof(session), ORIGIN)
        return lambda unit: changes.change(unit, asker, "phone", {"phone": phone})

    _steal(
        world,
        renamed("bob.burglar", "thief"),
        phoned("+16195550100", "owner"),
        phoned("+16195550666", "thief"),
        renamed("ada.attorney", "owner"),
    )
    with world.database.writing() as unit:
        url = repudiation.not_me_url(unit, "", world_account(unit, person), Proof())
    token = url.partition("token=")[2]
    with world.database.reading() as unit:
        found = disputes.by_mail(unit, token)
        began = min(found.choices, key=lambda one: one.at)
    _carry_out(world, token, [began.id])
    again = world.find("ada.attorney")
    assert again.id == person.id
    with world.database.reading() as unit:
        assert own_data.find(unit, person.id).phone == "+16195550100"


@ON_ONE
def test_a_former_name_is_nobody_else_s(world: World, person: Account):
    """As long as it can be taken back; then anybody may have it."""
    asker = Asker(person, world.settings, Proof("thief"), ORIGIN)
    with world.database.writing() as unit:
        username_change.change_username(unit, asker, "bob.burglar")
    with pytest.raises(RefusedError, match="is taken"):
        world.account("A.Attorney")
    other = world.account("an.accomplice")
    accomplice = Asker(other, world.settings, Proof("other"), ORIGIN)
    with pytest.raises(InputError), world.database.writing() as unit:
        username_change.change_username(unit, accomplice, "a.attorney")
    world.clock.advance(days=30)
    with world.database.writing() as unit:
        assert prunable(world.settings)["held_usernames"](unit, 10) == 1
    assert world.account("a.attorney").id != person.id


@ON_ONE
def test_a_dispute_can_be_disowned_by_an_old_factor(
    world: World, with_app: Account, mailed: Mailed
):
    """Somebody with the old mailbox took the account; its owner has the app."""
    owner = Proof("owner")
    asker = Asker(with_app, world.settings, owner, ORIGIN)
    _steal(world, lambda unit: username_change.change_username(unit, asker, "ada.attorney"))
    _disown(world, with_app, mailed)
    world.clock.advance(seconds=60)
    browser = world.browser()
    browser.get("/account/dispute")
    browser.sign_in("a.attorney", NEW)
    browser.submit(browser.page.forms[0], otp=world.code())
    form = browser.page.forms[0]
    with world.database.reading() as unit:
        made = history.since(unit, with_app.id, unit.now - repudiation.LASTS)
        taken = next(one.id for one in made if one.subject == disputes.DISPUTE)
    browser.submit(form, new_password="the owner’s very own words", changes=[taken])
    assert "yours again" in browser.page.text
    assert world.find("ada.attorney").id == with_app.id


# ── By an operator ───────────────────────────────────────────────────────────


def test_an_operator_takes_it_back(world: World, person: Account, mailed: Mailed):
    """For whom the mails are lost too: no password is left, a link goes to the address of before."""
    world.account("the.operator", AccountKind.OPERATOR, first_name="Olga")
    asker = Asker(person, world.settings, Proof("thief"), ORIGIN)
    with world.database.writing() as unit:
        username_change.change_username(unit, asker, "bob.burglar")
        (change,) = history.since(unit, person.id, unit.now)
    means = TakingBack(world.settings, world.ring)
    mailed()
    with world.database.writing() as unit:
        account = taking_back.take_back_for(
            unit, means, person.number, change.id, actor="the.operator"
        )
    assert account.username == "a.attorney"
    assert "choose_password" in [one.message for one in mailed() if one.to == OLD]
    with world.database.reading() as unit:
        found = credentials.find(unit, "a.attorney")
        assert found is not None
        assert found.sealed is None
    with pytest.raises(RefusedError, match="no such change"), world.database.writing() as unit:
        taking_back.take_back_for(unit, means, person.number, change.id, actor="the.operator")


@ON_ONE
def test_grants_end_with_it(world: World, person: Account, program: Program, mailed: Mailed):
    """What a program holds is worth nothing."""
    world.clock.advance(seconds=60)
    asker = Asker(person, world.settings, Proof("thief"), ORIGIN)
    _steal(world, lambda unit: username_change.change_username(unit, asker, "bob.burglar"))
    _disown(world, person, mailed)
    assert program.call("GET", "/me").status_code == 401


@ON_ONE
def test_removed_factors_go_for_good(world: World, with_app: Account):
    """A month and a week after their removal."""
    with world.database.writing() as unit:
        (app,) = factors.of(unit, with_app.id).authenticators
        factors.remove(unit, with_app.id, app.id)
        assert factors.removed_since(unit, with_app.id, unit.now) == [app.id]
        assert prunable(world.settings)["removed_factors"](unit, 10) == 0
    world.clock.advance(days=37)
    with world.database.writing() as unit:
        assert prunable(world.settings)["removed_factors"](unit, 10) == 1
