"""Pages that mailed links open: confirm an address, agree to another, keep one's factors.

A visit only looks, because mail scanners open links; the button does it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import directory, email_changes, mailed_links
from signon.accounts.directory import Account
from signon.accounts.email_changes import EmailChange
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.accounts.own_data import OwnData
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.rights import notice_addresses
from signon.profile import reaching
from signon.profile.pages.holder import TO_ACCOUNT, Holder
from signon.signin import factor_reset
from signon.web import parameters
from signon.web.site import Handler, Visit
from signon.web.visitor import Source
from signon.words.sentences import _

HELP = _("If you are not sure, call the PACER Service Center at (800) 676-6856.")


@dataclass(frozen=True, slots=True)
class Button:
    """What a link's page does: where the form goes, its words, and what is said afterwards."""

    path: str
    rule: Callable[[Unit, str, str | None, Source], object]
    label: str
    done: str
    next_steps: tuple[str, ...]
    actions: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What a link's page says before its buttons; the first is the one that the mail is about."""

    purpose: Purpose
    heading: str
    told: str
    consequences: tuple[str, ...]
    buttons: tuple[Button, ...]

    @property
    def path(self) -> str:
        """Where the link leads."""
        return self.buttons[0].path


def _confirm(unit: Unit, issuer: str, token: str | None, source: Source) -> object:
    return email_changes.confirm(unit, issuer, token, source=source)


def _agree(unit: Unit, issuer: str, token: str | None, source: Source) -> object:
    return email_changes.agree(unit, issuer, token, source=source)


def _stop(unit: Unit, _issuer: str, token: str | None, source: Source) -> OwnData:
    return email_changes.stop(unit, token, source=source)


def _confirm_notices(unit: Unit, issuer: str, token: str | None, source: Source) -> None:
    notice_addresses.confirm(unit, issuer, token, source=source)


def _keep_factors(unit: Unit, issuer: str, token: str | None, source: Source) -> Account:
    return factor_reset.stop_by_mail(unit, issuer, token, source=source)


def _keep_email(unit: Unit, _issuer: str, token: str | None, _source: Source) -> MailedLink:
    return mailed_links.spend(unit, Purpose.KEEP_EMAIL, token)


STOP_PATH = "/account/email/stop"
WAITING_PATH = "/account/email/waiting"
COURTS_SEE = _("Courts see the new address the next time they ask.")
PAGES = (
    LinkPage(
        purpose=Purpose.CONFIRM_EMAIL,
        heading=_("Confirm your new e-mail address"),
        told=_("Mail about this account will go to the address that received this link."),
        consequences=(
            _("If the previous address has to agree first, we tell you."),
            _("The previous address is told, and can say for 30 days that it was not you."),
            _("Links to choose a new password that were mailed to it stop working."),
        ),
        buttons=(
            Button(
                path=email_changes.CONFIRM_PATH,
                rule=_confirm,
                label=_("Use this address"),
                done=_("Your e-mail address is changed"),
                next_steps=(COURTS_SEE,),
                actions=(TO_ACCOUNT,),
            ),
        ),
    ),
    LinkPage(
        purpose=Purpose.AGREE_EMAIL,
        heading=_("Change your e-mail address?"),
        told=_("Somebody who is signed in to this account asked for another address."),
        consequences=(
            _("If that was you, agree: the new one is yours as soon as it is confirmed too."),
            _("If it was not, stop it, and choose a new password: somebody knows yours."),
        ),
        buttons=(
            Button(
                path=email_changes.AGREE_PATH,
                rule=_agree,
                label=_("Agree to the new address"),
                done=_("Your e-mail address is changed"),
                next_steps=(COURTS_SEE,),
                actions=(TO_ACCOUNT,),
            ),
            Button(
                path=STOP_PATH,
                rule=_stop,
                label=_("Stop the change"),
                done=_("Your e-mail address stays as it is"),
                next_steps=(
                    _(
                        "If you did not ask for the change, somebody knows your password: choose a "
                        "new one now. “This was not me” in the same mail does that, and undoes what "
                        "else was changed."
                    ),
                ),
                actions=(
                    {"label": _("Choose a new password"), "href": "/forgot-password"},
                    TO_ACCOUNT,
                ),
            ),
        ),
    ),
    LinkPage(
        purpose=Purpose.KEEP_EMAIL,
        heading=_("Mail reaches this address"),
        told=_("Mail about this account could not be delivered here. It has come back in order."),
        consequences=(
            _("Press the button, and the account’s pages stop asking for another address."),
        ),
        buttons=(
            Button(
                path=reaching.WORKS_PATH,
                rule=_keep_email,
                label=_("This address works"),
                done=_("Your e-mail address works"),
                next_steps=(_("Mail about your account goes there as before."),),
                actions=(TO_ACCOUNT,),
            ),
        ),
    ),
    LinkPage(
        purpose=Purpose.CONFIRM_NOTICES,
        heading=_("Confirm the address for a court’s notices"),
        told=_("Somebody who is signed in to this account wants a court’s notices to go there."),
        consequences=(
            _("Notices of filings in the account’s cases go to this address from now on."),
            _("The account’s own address and the one before are told."),
        ),
        buttons=(
            Button(
                path=notice_addresses.CONFIRM_PATH,
                rule=_confirm_notices,
                label=_("Use this address"),
                done=_("Notices go to this address now"),
                next_steps=(COURTS_SEE,),
                actions=(TO_ACCOUNT,),
            ),
        ),
    ),
    LinkPage(
        purpose=Purpose.KEEP_FACTORS,
        heading=_("Keep your second factors"),
        told=_("An operator was asked to remove them all. If that was not you, stop it here."),
        consequences=(
            _("Authenticator apps, passkeys and recovery codes stay as they are."),
            _("Whoever has really lost them all has to ask again."),
        ),
        buttons=(
            Button(
                path=factor_reset.STOP_PATH,
                rule=_keep_factors,
                label=_("Keep them"),
                done=_("Your second factors stay as they are"),
                next_steps=(
                    _(
                        "If you did not ask for their removal, somebody else did in your name: call "
                        "the PACER Service Center at (800) 676-6856, and choose a new password."
                    ),
                ),
                actions=(TO_ACCOUNT,),
            ),
        ),
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
        pages = [route for page in PAGES for route in self._routes(page)]
        return [*pages, Route(WAITING_PATH, self.waiting, methods=["GET"])]

    def _routes(self, page: LinkPage) -> list[Route]:
        async def look(request: Request) -> Response:
            visit = self._site.visit(request)
            return await self._look(visit, page, parameters.query(request).get("token"))

        made = [Route(page.path, self._telling(look), methods=["GET"])]
        for button in page.buttons:
            made += self._button_routes(button)
        return made

    def _button_routes(self, button: Button) -> list[Route]:
        async def do(request: Request) -> Response:
            visit = self._site.visit(request)
            token = (await self._site.submitted(visit)).get("token")
            return await self._do(visit, button, token)

        async def done(request: Request) -> Response:
            return self._done(self._site.visit(request), button)

        return [
            Route(button.path, self._telling(do), methods=["POST"]),
            Route(f"{button.path}/done", done, methods=["GET"]),
        ]

    async def _look(self, visit: Visit, page: LinkPage, token: str | None) -> Response:
        link, account = await self._database.read(_whose, page.purpose, token)
        return self._site.page(
            visit,
            "account_mailed_link.html",
            heading=page.heading,
            told=page.told,
            consequences=page.consequences,
            buttons=page.buttons,
            token=token,
            facts=[
                (
                    _("Account"),
                    _(
                        "{display_name}, number {number}",
                        display_name=account.display_name,
                        number=account.number,
                    ),
                ),
                (_("E-mail address"), link.email),
            ],
        )

    async def _do(self, visit: Visit, button: Button, token: str | None) -> Response:
        done = await self._database.write(button.rule, self._site.issuer, token, visit.source)
        # a GET follows, so that reloading does not come with a used link
        is_waiting = isinstance(done, EmailChange)
        return self._site.go(WAITING_PATH if is_waiting else f"{button.path}/done")

    def _done(self, visit: Visit, button: Button) -> Response:
        return self._site.page(
            visit,
            "message.html",
            kind="success",
            heading=button.done,
            paragraphs=button.next_steps,
            actions=button.actions,
        )

    async def waiting(self, request: Request) -> Response:
        """One of the two addresses has answered, the other one not yet."""
        return self._site.page(
            self._site.visit(request),
            "message.html",
            kind="info",
            heading=_("Your e-mail address changes soon"),
            paragraphs=[
                _(
                    "Your answer is saved. The new address must be confirmed, and the previous "
                    "address must agree, each by the mail that we sent there."
                ),
                _(
                    "If you can no longer read mail at the previous address, there is nothing to do: "
                    "the address changes by itself. Your account’s page says when."
                ),
            ],
            actions=[TO_ACCOUNT],
        )

    def _telling(self, handler: Handler) -> Handler:
        return self._site.telling(handler, self._refused, RefusedError)

    def _refused(self, visit: Visit, refusal: RefusedError) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=403,
            kind="warning",
            heading=_("This link does not work"),
            paragraphs=[refusal.sentence, refusal.next_step, HELP],
            actions=[TO_ACCOUNT],
        )


def _whose(unit: Unit, purpose: Purpose, token: str | None) -> tuple[MailedLink, Account]:
    link = mailed_links.look(unit, purpose, token)
    account = directory.by_id(unit, link.account_id or "")
    assert account is not None
    return link, account
