"""`/account/not-me` and `/account/dispute`: disowning changes, by a mailed link or by a factor.

A visit only looks. The form names what was not the owner's and a new password, which is hashed
with no unit open; the unit that acts looks at everything again.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import passwords, repudiation
from signon.accounts.hashing import Hasher, HashingGate
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.profile import disputes, taking_back
from signon.profile.changes import Asker
from signon.profile.disputes import Dispute
from signon.profile.pages.holder import ACCOUNT, TO_ACCOUNT, Holder
from signon.profile.taking_back import Find, TakingBack
from signon.recovery import choosing
from signon.signin import acting
from signon.signin.acting import Needs
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Handler, Visit
from signon.words.sentences import _, together

PATH = f"{ACCOUNT}/dispute"
FORMER_UNDO = f"{ACCOUNT}/email/undo"
"""Where mails of old lead."""
TO_SIGN_IN = {"label": _("Sign in"), "href": "/login"}


class DisputePages:
    """One form for both ways of being heard."""

    def __init__(
        self,
        holder: Holder,
        *,
        hasher: Hasher,
        gate: HashingGate,
        ring: KeyRing,
    ) -> None:
        self._holder = holder
        self._site = holder.site
        self._settings = holder.settings
        self._database = holder.database
        self._hasher = hasher
        self._gate = gate
        self._ring = ring

    def routes(self) -> list[Route]:
        """Both forms, and what follows."""

        def telling(handler: Handler) -> Handler:
            return self._site.telling(handler, self._refused, RefusedError)

        return [
            Route(repudiation.PATH, telling(self.look_by_mail), methods=["GET"]),
            Route(repudiation.PATH, telling(self.act_by_mail), methods=["POST"]),
            Route(FORMER_UNDO, telling(self.look_by_mail), methods=["GET"]),
            Route(PATH, telling(self.look_signed_in), methods=["GET"]),
            self._holder.posted(PATH, telling(self.act_signed_in), back=PATH),
            self._holder.posted(f"{PATH}/stand-by", telling(self.stand_by), back=PATH),
            Route(f"{PATH}/done", self.done, methods=["GET"]),
            Route(f"{PATH}/frozen", self.frozen, methods=["GET"]),
        ]

    # ── By a mailed link ─────────────────────────────────────────────────────

    async def look_by_mail(self, request: Request) -> Response:
        """GET: what the address may disown."""
        visit = self._site.visit(request)
        token = parameters.query(request).get("token")
        return await self._look(visit, _by_mail(token), repudiation.PATH, token)

    async def act_by_mail(self, request: Request) -> Response:
        """POST: take the account back, or freeze it."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        token = fields.get("token")
        return await self._act(visit, _by_mail(token), fields, repudiation.PATH, token)

    # ── By a second factor ───────────────────────────────────────────────────

    async def look_signed_in(self, request: Request) -> Response:
        """GET: what whoever has just signed in may disown."""
        visit = self._site.visit(request)
        if await self._holder.session(visit, fresh=True) is None:
            return await self._holder.sign_in(PATH, fresh=True)
        return await self._look(visit, self._by_factor(visit), PATH, None)

    async def act_signed_in(self, request: Request) -> Response:
        """POST: take the account back."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        return await self._act(visit, self._by_factor(visit), fields, PATH, None)

    async def stand_by(self, request: Request) -> Response:
        """POST: the disowned change was the owner's; the account goes on."""
        visit = self._site.visit(request)
        await self._site.submitted(visit)
        await self._holder.own.do(request, STAND_BY)
        return self._site.go(ACCOUNT)

    async def done(self, request: Request) -> Response:
        """GET: it is the owner's again."""
        return self._site.page(
            self._site.visit(request),
            "message.html",
            kind="success",
            heading=_("The account is yours again"),
            paragraphs=[
                _("What you did not do was undone, and the account was signed out everywhere."),
                _(
                    "Sign in with your new password. Second factors that you had before are asked for "
                    "as before; those that were added by somebody else are gone."
                ),
                _("If the old password opens other accounts of yours, change it there now."),
            ],
            actions=[TO_SIGN_IN],
        )

    async def frozen(self, request: Request) -> Response:
        """GET: nothing goes on until its owner or an operator has looked."""
        return self._site.page(
            self._site.visit(request),
            "message.html",
            kind="success",
            heading=_("The account is stopped"),
            paragraphs=[
                _(
                    "Nothing is filed with it and nothing about it can be changed. It was signed out "
                    "everywhere, and our operators have been told."
                ),
                _(
                    "A second factor stood behind that change, so the mail alone does not undo it. If "
                    "you have the factor, sign in with it and look at “Was that not you?” on your "
                    "account’s page: you can take the account back at once, or let it go on."
                ),
                _("Otherwise call the PACER Service Center at (800) 676-6856."),
            ],
            actions=[TO_SIGN_IN],
        )

    # ── Both ─────────────────────────────────────────────────────────────────

    async def _look(self, visit: Visit, find: Find, path: str, token: str | None) -> Response:
        found = await self._database.read(find)
        return self._page(visit, found, path, token, found.preselected())

    async def _act(
        self, visit: Visit, find: Find, fields: Parameters, path: str, token: str | None
    ) -> Response:
        ticked, password = fields.lists().get("changes", []), fields.get("new_password") or ""
        found = await self._database.read(find)
        if errors := self._problems(found, ticked, password):
            return self._page(visit, found, path, token, ticked, errors)
        hashed = ""
        if not found.first(ticked).only_freezes:
            hashed = await self._gate.run(self._hasher.hash, password)
        means = TakingBack(self._settings, self._ring)
        done = await self._database.write(
            taking_back.carry_out,
            means,
            find,
            ticked,
            hashed,
            token=token,
            device=visit.device or "",
            source=visit.source,
        )
        return self._site.go(f"{PATH}/frozen" if done.is_frozen else f"{PATH}/done")

    def _problems(self, dispute: Dispute, ticked: Sequence[str], password: str) -> list[FieldError]:
        try:
            first = dispute.first(ticked)
        except InputError as error:
            return [FieldError(error.field, error.sentence)]
        if first.only_freezes:
            return []
        policy = self._settings.password_policy
        wrong = passwords.problems(password, policy, choosing.words_of(dispute.account))
        return [FieldError("new_password", sentence) for sentence in wrong]

    def _by_factor(self, visit: Visit) -> Find:
        def find(unit: Unit) -> Dispute:
            session = acting.proved(unit, visit.session_token, self._settings, fresh=True)
            return disputes.by_factor(unit, session)

        return find

    def _page(
        self,
        visit: Visit,
        dispute: Dispute,
        path: str,
        token: str | None,
        ticked: Sequence[str],
        errors: Sequence[FieldError] = (),
    ) -> Response:
        account = dispute.account
        is_signed_in = token is None
        return self._site.page(
            visit,
            "account_dispute.html",
            status=400 if errors else 200,
            errors=errors,
            account=account if is_signed_in else None,
            username=account.username,
            account_number=account.number,
            path=path,
            token=token,
            may_stand_by=is_signed_in and account.frozen_at is not None,
            choices=[(one.id, _in_words(one)) for one in dispute.choices],
            ticked=ticked,
            rules=passwords.shown(self._settings.password_policy),
            words=choosing.words_of(account).own,
        )

    def _refused(self, visit: Visit, refusal: RefusedError) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=403,
            kind="warning",
            heading=_("That is not possible here"),
            paragraphs=[refusal.sentence, refusal.next_step],
            actions=[TO_ACCOUNT],
        )


def _stand_by(unit: Unit, asker: Asker) -> None:
    repudiation.stand_by(unit, asker.account, proof=asker.proof, source=asker.source)


STAND_BY = Act("stand-by", _stand_by, needs=Needs.FRESH)


def _by_mail(token: str | None) -> Find:
    def find(unit: Unit) -> Dispute:
        return disputes.by_mail(unit, token)

    return find


def _in_words(choice: disputes.Choice) -> str:
    return together(choice.text, repudiation.in_words(choice.at), by=": ")
