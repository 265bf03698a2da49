"""Ten people call: “Why is my login invalid?” The help desk answers each from its pages alone."""

import re
from collections.abc import Callable

import pytest

from signon.accounts.models import AccountStatus
from signon.filing.court import event_words
from signon.filing.models import legacy_logins
from tests.court.conftest import CourtHouse
from tests.court.test_help_desk import form, tries
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World


class Desk:
    """Somebody of the help desk, who knows what callers say and nothing else."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def reads(self, words: str) -> str:
        """All that stands on the pages that lead on from what the caller says."""
        self._browser.get("/court/casb/find")
        found = self._browser.submit(form(self._browser, "/find"), q=words).text
        main = found.partition("<main")[2]
        links = re.findall(r'href="(/court/casb/(?:filers/\d{7}|logins/\w{26}))"', main)
        pages = [main, *(self._browser.get(link).text.partition("<main")[2] for link in links)]
        return " ".join(" ".join(pages).split())


def links(world: World, username: str, login: str, password: str) -> None:
    """Somebody signs in and tries to link an old login."""
    browser = world.browser()
    browser.get("/login")
    browser.sign_in(username, PASSWORD)
    browser.get("/courts/casb/link")
    browser.submit(form(browser, "/link"), ecf_login=login, ecf_password=password)


def mistyped_name(world: World) -> str:
    """A username that nobody has."""
    tries(world, "jane.do")
    return "jane.do"


def wrong_password(world: World) -> str:
    """Known here, and the password was wrong."""
    world.right(world.account("wrong.password"))
    tries(world, "wrong.password")
    return "wrong.password"


def has_to_wait(world: World) -> str:
    """Too often wrong."""
    world.right(world.account("too.often.wrong"))
    for _ in range(6):
        tries(world, "too.often.wrong")
    return "too.often.wrong"


def old_login_at_the_sign_in(world: World) -> str:
    """Types the old login where the new one belongs."""
    tries(world, "oldlogin")
    return "oldlogin"


def old_password_forgotten(world: World) -> str:
    """The right old login with a wrong password."""
    world.account("half.linked")
    links(world, "half.linked", "halflink", "no")
    return "halflink"


def old_login_locked(world: World) -> str:
    """The court's list says so."""
    with world.database.writing() as unit:
        locked = legacy_logins.update().where(legacy_logins.c.login == "locked")
        unit.execute(locked.values(status="locked"))
    return "locked"


def account_disabled(world: World) -> str:
    """By an operator."""
    account = world.account("was.disabled")
    world.right(account)
    world.change_account(account, status=AccountStatus.DISABLED)
    return account.number


def suspended(world: World) -> str:
    """By the court; the caller says their name."""
    account = world.account("is.suspended", first_name="Susan", last_name="Pended")
    world.right(account, status="suspended", suspended_by=["court"], suspension_reason="Fees")
    return "susan pended"


def registration_waits(world: World) -> str:
    """Sent, and not decided."""
    account = world.account("regina.waits", first_name="Regina", last_name="Waits")
    Filer(world, account.username).submit(CREDITOR, organization="Harbor Credit Union")
    return account.email


def nothing_is_wrong(world: World) -> str:
    """Can sign in and file: the court's own page was old."""
    account = world.account("all.is.well")
    world.right(account)
    return account.number


CALLS: list[tuple[Callable[[World], str], str]] = [
    (mistyped_name, "or there is no such account"),
    (wrong_password, event_words.REASONS["wrong_password"]),
    (has_to_wait, "Has to wait"),
    (old_login_at_the_sign_in, "not at the sign-in"),
    (old_password_forgotten, event_words.RIGHT_LOGIN),
    (old_login_locked, "The court’s list says that it is locked"),
    (account_disabled, "The account is disabled"),
    (suspended, "The court has suspended the filing rights: Fees"),
    (registration_waits, "The court has the registration and has not decided yet"),
    (nothing_is_wrong, "can file here"),
]


@ON_ONE
@pytest.mark.parametrize(("calls", "answer"), CALLS, ids=[one.__name__ for one, _ in CALLS])
def test_the_desk_answers_from_the_page_alone(
    world: World, courthouse: CourtHouse, calls: Callable[[World], str], answer: str
):
    """Why, and what to tell the caller; no event is shown by its name."""
    world.legacy_logins("casb", ["oldlogin", "halflink", "locked"])
    said = calls(world)
    courthouse.staff("help_desk")
    read = Desk(courthouse.sign_in("help.desk.casb")).reads(said)
    assert answer in read
    assert "&lt;" not in read
    assert not re.search(r"\b(signin|filing|oidc|recovery):\w+:\w+", read)
