"""Twenty at once: one account."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from signon.accounts.models import accounts
from signon.errors import SignonError
from signon.registration.confirming import Confirmation, Done
from signon.web.visitor import Source
from tests.infra.world import World
from tests.registration.newcomer import Newcomer

TIMES = 10
NOWHERE = Source()


def _finish(world: World, token: str, device: str | None) -> Done | None:
    try:
        with world.database.writing() as unit:
            return Confirmation(world.ring, world.settings).finish(
                unit, token, None, device=device, source=NOWHERE
            )
    except SignonError:
        return None


def _usernames(world: World) -> list[str]:
    with world.database.reading() as unit:
        return list(unit.execute(select(accounts.c.username)).scalars())


def _token(link: str) -> str:
    return link.rpartition("=")[2]


def test_a_link_used_by_many_at_once_makes_one_account(world: World, newcomer: Newcomer):
    """Whoever comes second is shown what the first one made."""
    newcomer.register()
    tokens = [_token(newcomer.link())] * TIMES
    with ThreadPoolExecutor(TIMES) as threads:
        device = newcomer.device
        made = [
            done for done in threads.map(lambda one: _finish(world, one, device), tokens) if done
        ]
    assert _usernames(world) == ["nora.quill"]
    assert len({done.account.id for done in made if done.account}) == 1
    assert world.audited().count("registration:account:made") == 1


@pytest.mark.parametrize("is_same_person", [True, False])
def test_many_registrations_at_once(world: World, is_same_person: bool):
    """One username goes to one of them; one person gets one account, whatever the username."""
    people = [Newcomer(world, world.browser()) for _ in range(5)]
    for number, one in enumerate(people):
        if is_same_person:
            one.register(username=f"nora.quill{number}")
        else:
            one.register(email=f"nora{number}@example.org", first_name=f"Nora{'abcde'[number]}")
    links = [_token(mail["values"]["confirm_url"]) for mail in people[0].mails()]
    with ThreadPoolExecutor(5) as threads:
        made = list(threads.map(_finish, [world] * 5, links, [one.device for one in people]))
    assert len(_usernames(world)) == 1
    assert len([done for done in made if done and done.account]) == 1
