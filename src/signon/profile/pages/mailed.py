"""Pages that mailed links open: confirm an address, take it back, "this was not me".

A visit only looks, because mail scanners open links; the button does it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import directory, mailed_links, repudiation
from signon.accounts.directory import Account
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.accounts.own_data import OwnData
from signon.db import Unit
from signon.errors import Refusal
from signon.profile import email_change
from signon.profile.pages.holder import TO_ACCOUNT, Holder
from signon.signin import factor_reset
from signon.web import parameters
from signon.web.site import Visit
from signon.web.visitor import Origin

HELP = "If you are not sure, call the PACER Service Center at (800) 676-6856."


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What a link's page says before its button (`heading` to `button`) and after it."""

    purpose: Purpose
    path: str
    rule: Callable[[Unit, str, str | None, Origin], object]
    heading: str
    told: str
    consequences: tuple[str, ...]
    button: str
    done: str
    next_steps: tuple[str, ...]
    actions: tuple[dict[str, str], ...]


def _confirm(unit: Unit, issuer: str, token: str | None, origin: Origin) -> OwnData | Refusal:
    return email_change.confirm(unit, issuer, token, origin=origin)


def _undo(unit: Unit, issuer: str, token: str | None, origin: Origin) -> OwnData | Refusal:
    return email_change.undo(unit, issuer, token, origin=origin)


def _not_me(unit: Unit, _issuer: str, token: str | None, origin: Origin) -> Account | Refusal:
    return repudiation.repudiate(unit, token, origin=origin)


def _keep_factors(unit: Unit, issuer: str, token: str | None, origin: Origin) -> Account | Refusal:
    return factor_reset.stop_by_mail(unit, issuer, token, origin=origin)


PAGES = (
    LinkPage(
        purpose=Purpose.CONFIRM_EMAIL,
        path=email_change.CONFIRM_PATH,
        rule=_confirm,
        heading="Confirm your new e-mail address",
        told="From now on mail about this account goes to the address of this link.",
        consequences=(
            "The address before is told, with a way to take the change back for ten days.",
            "Links to choose a new password that were mailed to it stop working.",
        ),
        button="Use this address",
        done="Your e-mail address is changed",
        next_steps=("Courts see the new address the next time they ask.",),
        actions=(TO_ACCOUNT,),
    ),
    LinkPage(
        purpose=Purpose.UNDO_EMAIL,
        path=email_change.UNDO_PATH,
        rule=_undo,
        heading="Change the e-mail address back",
        told="Mail about this account goes to this address again, whatever was changed since.",
        consequences=(
            "The address that was set in the meantime is told.",
            "Nothing else changes, and nobody is signed out.",
        ),
        button="Change it back",
        done="Your e-mail address is what it was before",
        next_steps=(
            "If somebody else had changed it, they may know your password: choose a new one. "
            "That signs everybody else out.",
            "To stop every further change, use “This was not me” in the mails that you got.",
        ),
        actions=({"label": "Change my password", "href": "/account/password"}, TO_ACCOUNT),
    ),
    LinkPage(
        purpose=Purpose.KEEP_FACTORS,
        path=factor_reset.STOP_PATH,
        rule=_keep_factors,
        heading="Keep your second factors",
        told="An operator was asked to remove them all. If that was not you, stop it here.",
        consequences=(
            "Authenticator apps, passkeys and recovery codes stay as they are.",
            "Whoever has really lost them all has to ask again.",
        ),
        button="Keep them",
        done="Your second factors stay as they are",
        next_steps=(
            "If you did not ask for their removal, somebody else did in your name: call the PACER "
            "Service Center at (800) 676-6856, and choose a new password.",
        ),
        actions=(TO_ACCOUNT,),
    ),
    LinkPage(
        purpose=Purpose.NOT_ME,
        path=repudiation.PATH,
        rule=_not_me,
        heading="Was that change not yours?",
        told="If you did not make the change that the mail tells of, say so here.",
        consequences=(
            "Nothing about the account can be changed until an operator has looked at it.",
            "It is signed out everywhere, and from every application.",
            "The operators are told. Filing rights stay as they are, and signing in stays "
            "possible.",
        ),
        button="This was not me",
        done="Changes to your account are stopped",
        next_steps=(
            "It is signed out everywhere, and our operators have been told.",
            "Call the PACER Service Center at (800) 676-6856. They find out with you what was "
            "changed, set it right and let you change things again.",
            "If the same password opens other accounts of yours, change it there now.",
        ),
        actions=({"label": "Sign in", "href": "/login"},),
    ),
)


class MailedLinkPages:
    """One page for each purpose; anybody who reads the mail may open them, signed in or not."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._site = holder.site
        self._database = holder.database

    def routes(self) -> list[Route]:
        """GET looks, POST does it."""
        return [route for page in PAGES for route in self._routes(page)]

    def _routes(self, page: LinkPage) -> list[Route]:
        async def look(request: Request) -> Response:
            visit = self._site.visit(request)
            return await self._look(visit, page, parameters.query(request).get("token"))

        async def do(request: Request) -> Response:
            visit = self._site.visit(request)
            token = (await self._site.submitted(visit)).get("token")
            return await self._do(visit, page, token)

        async def done(request: Request) -> Response:
            return self._done(self._site.visit(request), page)

        return [
            Route(page.path, look, methods=["GET"]),
            Route(page.path, do, methods=["POST"]),
            Route(f"{page.path}/done", done, methods=["GET"]),
        ]

    async def _look(self, visit: Visit, page: LinkPage, token: str | None) -> Response:
        found = await self._database.read(_whose, page.purpose, token)
        if isinstance(found, Refusal):
            return self._refused(visit, found)
        link, account = found
        return self._site.page(
            visit,
            "account_mailed_link.html",
            heading=page.heading,
            told=page.told,
            consequences=page.consequences,
            button=page.button,
            path=page.path,
            token=token,
            facts=_facts(page, link, account),
        )

    async def _do(self, visit: Visit, page: LinkPage, token: str | None) -> Response:
        done = await self._database.write(page.rule, self._site.issuer, token, visit.origin)
        if isinstance(done, Refusal):
            return self._refused(visit, done)
        # a GET follows, so that reloading does not come with a used link
        return self._site.go(f"{page.path}/done")

    def _done(self, visit: Visit, page: LinkPage) -> Response:
        return self._site.page(
            visit,
            "message.html",
            kind="success",
            heading=page.done,
            paragraphs=page.next_steps,
            actions=page.actions,
        )

    def _refused(self, visit: Visit, refusal: Refusal) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=403,
            kind="warning",
            heading="This link does not work",
            paragraphs=[refusal.sentence, refusal.next_step, HELP],
            actions=[TO_ACCOUNT],
        )


def _whose(unit: Unit, purpose: Purpose, token: str | None) -> tuple[MailedLink, Account] | Refusal:
    link = mailed_links.look(unit, purpose, token)
    if isinstance(link, Refusal):
        return link
    account = directory.by_id(unit, link.account_id or "")
    assert account is not None
    return link, account


def _facts(page: LinkPage, link: MailedLink, account: Account) -> list[tuple[str, Any]]:
    facts = [("Account", f"{account.display_name}, number {account.number}")]
    if page.purpose is not Purpose.NOT_ME:
        facts.append(("E-mail address", link.email))
    return facts
