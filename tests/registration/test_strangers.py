"""Whoever registers with another's address: the owner alone opens an account with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from signon.accounts.hashing import Hasher, HashingGate
from signon.accounts.models import accounts
from signon.errors import BusyError
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.registration.newcomer import PASSWORD, Newcomer

HIS = "harbour of another man"
OPEN = "Your account is open"


@pytest.fixture
def stranger(world: World) -> Newcomer:
    """Somebody who knows the address only."""
    return Newcomer(world, world.browser())


def attempt(stranger: Newcomer, **about: str) -> None:
    """The stranger registers with the owner's address and a password of his own."""
    stranger.about(**{"first_name": "Mallory", "last_name": "Moss", **about})
    stranger.address()
    stranger.sign_in_data("mallory.moss", HIS)
    stranger.submit()


def links(newcomer: Newcomer) -> list[str]:
    """Every link in the mailbox, oldest first."""
    return [mail["values"]["confirm_url"] for mail in newcomer.mails()]


def usernames(world: World) -> list[str]:
    """Of every account that there is."""
    with world.database.reading() as unit:
        return list(unit.execute(select(accounts.c.username)).scalars())


def signs_in(world: World, username: str, password: str) -> bool:
    """Whether that opens the account."""
    browser = world.browser()
    browser.get("/login")
    return browser.sign_in(username, password).status_code == 200


def test_the_owner_s_button_opens_no_stranger_s_registration(
    world: World, newcomer: Newcomer, stranger: Newcomer
):
    """In another browser than began it, the password that was chosen there is asked for."""
    attempt(stranger)
    page = newcomer.get(links(newcomer)[0])
    assert "begun in another browser" in page
    assert "That is not the password" in newcomer.submit()
    assert "That is not the password" in newcomer.submit(password=PASSWORD)
    assert newcomer.status == 400
    assert usernames(world) == []
    assert OPEN in newcomer.submit(password=HIS)
    assert usernames(world) == ["mallory.moss"]


def test_any_link_opens_what_this_browser_began(
    world: World, newcomer: Newcomer, stranger: Newcomer
):
    """The owner, who has begun one too, presses the button in the stranger's mail."""
    newcomer.register()
    attempt(stranger, email="NORA.quill@example.org")
    page = newcomer.get(links(newcomer)[1])
    assert "Nora Quill" in page
    assert "Mallory" not in page
    assert OPEN in newcomer.submit()
    assert OPEN in newcomer.get(links(newcomer)[1])
    assert usernames(world) == ["nora.quill"]
    assert signs_in(world, "nora.quill", PASSWORD)
    assert not signs_in(world, "nora.quill", HIS)


def test_a_link_opens_its_own_registration_first(newcomer: Newcomer):
    """Of two that one browser began."""
    newcomer.register()
    newcomer.register(username="nora.quill.esq")
    assert "nora.quill.esq" not in newcomer.get(links(newcomer)[0])
    assert "nora.quill.esq" in newcomer.get(links(newcomer)[1])


def test_a_stranger_s_attempts_keep_nobody_out(
    world: World, newcomer: Newcomer, stranger: Newcomer
):
    """Before the owner and after: when no further mail goes, a link that serves is there."""
    attempt(stranger)
    for _ in range(6):
        stranger.submit()
    assert "Open the link in your mail" in newcomer.register()
    stranger.cancel()
    mailed = links(newcomer)
    assert len(mailed) == 5
    assert "Nora Quill" in newcomer.get(mailed[-1])
    assert OPEN in newcomer.submit()
    assert usernames(world) == ["nora.quill"]


def test_mails_without_a_link_use_up_none_that_have_one(
    world: World, newcomer: Newcomer, stranger: Newcomer
):
    """A stranger who knows an account of that address has it told of that account."""
    world.account(
        "moss.mallory", first_name="Mallory", last_name="Moss", email="nora.quill@example.org",
        date_of_birth=date(1976, 4, 28),
    )  # fmt: skip
    attempt(stranger)
    for _ in range(6):
        stranger.submit()
    assert {one["message"] for one in newcomer.mails()} == {"registration_exists"}
    assert "Open the link in your mail" in newcomer.register()
    newcomer.get(newcomer.mails()[-1]["values"]["confirm_url"])
    assert OPEN in newcomer.submit()


def test_an_attempt_s_link_outlives_the_attempts_of_others(newcomer: Newcomer, stranger: Newcomer):
    """Nothing that another browser begins, confirms or gives up replaces it."""
    newcomer.register()
    attempt(stranger)
    stranger.cancel()
    newcomer.get(links(newcomer)[0])
    assert OPEN in newcomer.submit()


def test_tagged_forms_do_not_use_up_the_plain_address(newcomer: Newcomer, stranger: Newcomer):
    """Links to them prove another address, so the plain one has mails of its own."""
    for number in range(6):
        attempt(stranger, email=f"nora.quill+{number}@example.org")
    newcomer.register()
    assert newcomer.mails()[-1]["to"] == "nora.quill@example.org"
    assert "begun in another browser" in newcomer.get(links(newcomer)[0])


def test_guesses_are_counted_before_anything_is_hashed(
    world: World, newcomer: Newcomer, stranger: Newcomer, monkeypatch: pytest.MonkeyPatch
):
    """Ten for a registration; its own browser is not among them."""
    hashed = counting(monkeypatch)
    stranger.register()
    newcomer.get(links(newcomer)[0])
    for _ in range(10):
        newcomer.submit(password="wrong guess")
    assert len(hashed) == 10
    page = newcomer.submit(password=PASSWORD)
    assert newcomer.status == 429
    assert "typed wrongly too often" in page
    assert len(hashed) == 10
    assert usernames(world) == []
    stranger.get(links(newcomer)[0])
    assert OPEN in stranger.submit()
    assert len(hashed) == 10


@ON_ONE
def test_a_busy_moment_is_no_guess(
    newcomer: Newcomer, stranger: Newcomer, monkeypatch: pytest.MonkeyPatch
):
    """However often nobody had time to look at the password."""
    attempt(stranger)
    newcomer.get(links(newcomer)[0])
    form = newcomer.browser.page.forms[0]

    async def refuse(*_: object) -> None:
        raise BusyError("Many people are signing in right now.", retry_after=2)

    with monkeypatch.context() as busy:
        busy.setattr(HashingGate, "run_before", refuse)
        for _ in range(11):
            assert newcomer.browser.submit(form, password=HIS).status_code == 503
    newcomer.browser.submit(form, password=HIS)
    assert OPEN in newcomer.browser.page.text


@ON_ONE
def test_a_right_password_forgives_the_guesses(
    world: World, newcomer: Newcomer, stranger: Newcomer
):
    """Somebody whose username is taken tries others, each time with the password."""
    world.account("nora.quill", email="other@example.net")
    stranger.register()
    newcomer.get(links(newcomer)[0])
    for _ in range(12):
        assert "taken" in newcomer.submit(username="nora.quill", password=PASSWORD)
    page = newcomer.submit(username="nora.quill.esq", password="wrong guess")
    assert 'value="nora.quill.esq"' in page
    assert OPEN in newcomer.submit(username="nora.quill.esq", password=PASSWORD)


@ON_ONE
def test_nothing_is_hashed_for_a_link_that_expired(
    world: World, newcomer: Newcomer, stranger: Newcomer, monkeypatch: pytest.MonkeyPatch
):
    """The password that was right before opens nothing."""
    hashed = counting(monkeypatch)
    attempt(stranger)
    newcomer.get(links(newcomer)[0])
    world.clock.advance(hours=25)
    assert "expired" in newcomer.submit(password=HIS)
    assert hashed == []


@ON_ONE
def test_a_password_chosen_anew_meanwhile_is_not_proved(
    world: World, newcomer: Newcomer, stranger: Newcomer, monkeypatch: pytest.MonkeyPatch
):
    """Between the comparison and the unit that acts."""
    stranger.register()
    newcomer.get(links(newcomer)[0])
    again = [link for link in stranger.seen if "/register/" in link][-1]
    registration = again.split("/register/")[1].split("/")[0]

    def choose_anew() -> None:
        stranger.get(f"/register/{registration}/sign-in")
        stranger.sign_in_data(password=HIS)
        stranger.submit()

    comparing(monkeypatch, choose_anew)
    assert "not the password" in newcomer.submit(password=PASSWORD)
    assert usernames(world) == []


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is compared from now on."""
    compared: list[str] = []
    verify = Hasher.verify

    def noted(self: Hasher, stored: str | None, password: str) -> bool:
        compared.append(password)
        return verify(self, stored, password)

    monkeypatch.setattr(Hasher, "verify", noted)
    return compared


def comparing(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Any]) -> None:
    """Let something happen after the next comparison."""
    verify = Hasher.verify

    def delayed(self: Hasher, stored: str | None, password: str) -> bool:
        found = verify(self, stored, password)
        monkeypatch.setattr(Hasher, "verify", verify)
        meanwhile()
        return found

    monkeypatch.setattr(Hasher, "verify", delayed)
