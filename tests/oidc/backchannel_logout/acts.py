"""What people and operators do, and what courts then hear."""

import asyncio
from typing import Any

from sqlalchemy import select

from signon.accounts import status
from signon.accounts.directory import Account
from signon.oidc import logout_notices
from signon.oidc.logout_notices import LogoutNotices
from signon.outbound import Outbound
from signon.outbox import events
from signon.outbox.models import outbox
from signon.tokens.keys import SigningKeys
from tests.infra.receiver import Receiver
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty, Tokens


def sign_in(rp: RelyingParty, username: str = "a.attorney") -> Tokens:
    """A sign-in at a relying party, with the password if the provider asks."""
    if rp.begin().status_code == 200:
        rp.browser.sign_in(username, PASSWORD)
    return rp.tokens()


def sign_out(rp: RelyingParty) -> None:
    """The provider's own sign-out page."""
    rp.browser.get("/logout")
    rp.browser.submit(rp.browser.page.forms[0])


def disable(world: World, account: Account) -> None:
    with world.database.writing() as unit:
        status.disable(unit, account.number, reason="test", actor="system")


def enable(world: World, account: Account) -> None:
    with world.database.writing() as unit:
        status.enable(unit, world.ring, account.number, actor="system")


def deliver(world: World, *, loopback: bool = True) -> None:
    """Deliver everything that is due."""

    async def once() -> None:
        guard = Outbound(allow_loopback=loopback)
        keys = SigningKeys(world.database, world.ring)
        notices = LogoutNotices(world.settings.issuer, world.database, keys, guard)
        patience = {logout_notices.KIND: logout_notices.patience(world.settings)}
        try:
            await events.deliver_due(world.database, notices.handlers(), patience)
        finally:
            await guard.close()

    asyncio.run(once())


def told(world: World, court: Receiver) -> list[str]:
    """Deliver, and say which addresses have been told of something altogether."""
    deliver(world)
    return sorted(seen.path for seen in court.requests)


def tokens_of(court: Receiver) -> list[str]:
    """The logout tokens that arrived."""
    return [seen.form["logout_token"] for seen in court.requests]


def queued(world: World, kind: str = logout_notices.KIND) -> list[Any]:
    """Events of one kind."""
    with world.database.reading() as unit:
        rows = unit.execute(select(*outbox.c).where(outbox.c.kind == kind))
        return list(rows.all())
