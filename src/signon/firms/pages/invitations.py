"""The console's invitations: how each stands, a new one, sent again, withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError, SignonError
from signon.firms import bulk, cost_centers, invitation_list, invitations, reminding
from signon.firms.access import Authority
from signon.firms.bulk import Progress
from signon.firms.invitation_lines import NewInvitation
from signon.firms.invitation_list import Invitation
from signon.firms.models import InvitationKind, InvitationStatus
from signon.firms.pages.asking import Question, ask
from signon.firms.pages.shell import Console
from signon.signin.shell import problem
from signon.web import paging, parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.problems import ApiError

ACTS: Sequence[Act[Authority, ..., Any]] = (
    *(invitations.INVITE, invitations.AGAIN, invitations.WITHDRAW, reminding.REMIND),
)
DONE = {act.name: act.done for act in ACTS}
UNANSWERED = (InvitationStatus.PENDING, InvitationStatus.EXPIRED)
TYPED = ("account_number", "first_name", "last_name", "email", "remark", "cost_center", "kind")
KINDS = [
    (InvitationKind.MEMBER.value, "Member with an account: number and last name"),
    (InvitationKind.PREPARED.value, "Member without an account: name and e-mail address"),
    (InvitationKind.ADMINISTRATOR.value, "Administrator: number and last name"),
]
TABS = {
    InvitationStatus.PENDING: "Waiting",
    InvitationStatus.ACCEPTED: "Accepted",
    InvitationStatus.DECLINED: "Declined",
    InvitationStatus.WITHDRAWN: "Withdrawn",
    InvitationStatus.EXPIRED: "Expired",
}


class InvitationsSection:
    """Whom the firm has asked."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list, a new one, and what can be done with one."""
        route = self._console.route
        return [
            route("/invitations", self.find),
            route("/invitations", self.invite, method="POST"),
            route("/invitations/new", self.new),
            route("/invitations/again", self.ask_to_remind),
            route("/invitations/again", self.remind, method="POST"),
            route("/invitations/{id}/again", self.again, method="POST"),
            route("/invitations/{id}/withdraw", self.ask_to_withdraw),
            route("/invitations/{id}/withdraw", self.withdraw, method="POST"),
        ]

    async def find(self, request: Request) -> Response:
        """GET `/firm/N/invitations`."""
        return await self._page(request)

    async def new(self, request: Request) -> Response:
        """GET `/firm/N/invitations/new`: the form."""
        return await self._form(request, dict.fromkeys(TYPED, ""))

    async def invite(self, request: Request) -> Response:
        """POST: one person."""
        fields = await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(request, invitations.INVITE, _wanted(fields))
        except (InputError, RefusedError, ApiError) as error:
            return await self._form(
                request, {name: fields.get(name) or "" for name in TYPED}, error
            )
        return self._console.go(seen, f"invitations?done={invitations.INVITE.name}")

    async def again(self, request: Request) -> Response:
        """POST: mail it once more."""
        return await self._done(request, invitations.AGAIN)

    async def ask_to_remind(self, request: Request) -> Response:
        """GET `/firm/N/invitations/again`: what will happen."""
        seen, numbers = await self._console.read(request, invitation_list.counts)
        return ask(self._console, seen, "invitations", _reminding(numbers))

    async def remind(self, request: Request) -> Response:
        """POST: mail everybody who has not answered."""
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(request, reminding.REMIND)
        except (RefusedError, ApiError) as error:
            return await self._page(request, error)
        return self._console.go(seen, f"invitations?done={reminding.REMIND.name}")

    async def ask_to_withdraw(self, request: Request) -> Response:
        """GET `/firm/N/invitations/I/withdraw`: what will happen."""
        seen, there = await self._console.read(
            request, invitation_list.one, request.path_params["id"]
        )
        name = " ".join(part for part in (there.first_name, there.last_name) if part)
        question = Question(
            title=f"Withdraw the invitation of {name}?",
            button="withdraw",
            label="Withdraw the invitation",
            back="invitations",
            where="Invitations",
            effects=(
                ("stop", "At once", "The link in the mail is worth nothing any more."),
                ("mail", "Nobody is mailed", "The person sees it when they open the link."),
                ("check", "You can invite again", "Any day, with a new invitation."),
            ),
            keep="Keep it",
        )
        return ask(self._console, seen, "invitations", question)

    async def withdraw(self, request: Request) -> Response:
        """POST: take it back."""
        return await self._done(request, invitations.WITHDRAW)

    async def _done(self, request: Request, act: Act[Authority, [str], Any]) -> Response:
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(request, act, request.path_params["id"])
        except RefusedError as error:
            return await self._page(request, error)
        return self._console.go(seen, f"invitations?done={act.name}")

    async def _form(
        self, request: Request, typed: dict[str, str], refused: SignonError | None = None
    ) -> Response:
        seen, codes = await self._console.read(request, cost_centers.codes)
        return self._console.page(
            seen,
            "invitations",
            "firm_invite.html",
            errors=[problem(refused)] if refused else (),
            kinds=KINDS,
            codes=[("", "None"), *((code, code) for code in sorted(codes))],
            typed=typed,
        )

    async def _page(self, request: Request, refused: SignonError | None = None) -> Response:
        query = parameters.query(request)
        status, words = query.text("status"), query.text("q")
        wanted = InvitationStatus(status) if status in set(InvitationStatus) else None
        try:
            page = paging.asked(query)
            _ = page.place
        except (ApiError, InputError):
            page = paging.Page()
        seen, (rows, numbers, progress) = await self._console.read(
            request, _listed, wanted, words, page, query.text("bulk")
        )
        found, cursor = page.cut(rows, lambda one: paging.place_of(one.created_at, one.id))
        kept = {"status": status if wanted else "", "q": words}
        more = {name: value for name, value in kept.items() if value} | {"cursor": cursor}
        at = f"/firm/{seen.who.firm.number}/invitations"
        return self._console.page(
            seen,
            "invitations",
            "firm_invitations.html",
            errors=[problem(refused)] if refused else (),
            done=DONE.get(query.text("done"), ""),
            invitations=found,
            tabs=[
                (at, "All", sum(numbers.values()), wanted is None),
                *(
                    (f"{at}?status={one}", TABS[one], number, wanted is one)
                    for one, number in numbers.items()
                ),
            ],
            asked=kept,
            may_remind=any(numbers[one] for one in UNANSWERED),
            progress=progress,
            next_href=f"{at}?{urlencode(more)}" if cursor else None,
        )


def _listed(
    unit: Unit,
    authority: Authority,
    wanted: InvitationStatus | None,
    words: str,
    page: paging.Page,
    bulk_id: str,
) -> tuple[list[Invitation], dict[InvitationStatus, int], Progress | None]:
    found = invitation_list.listed(
        unit, authority, status=wanted, q=words, after=page.place, limit=page.look_ahead
    )
    progress = bulk.progress(unit, authority, bulk_id) if bulk_id else None
    return found, invitation_list.counts(unit, authority), progress


def _reminding(numbers: Mapping[InvitationStatus, int]) -> Question:
    many = sum(numbers[one] for one in UNANSWERED)
    return Question(
        title="Send again to everybody who has not answered?",
        button="remind",
        label=f"Send again to {many:,}",
        back="invitations",
        where="Invitations",
        effects=(
            ("mail", "Everybody is mailed once more", "But whoever was within five minutes."),
            ("clock", "72 hours begin anew", "Also for invitations that have expired."),
            ("info", "Older links stop working", "The link in the newest mail counts."),
        ),
        keep="Send nothing",
        takes_away=False,
    )


def _wanted(fields: Parameters) -> NewInvitation:
    kind = fields.text("kind")
    if kind not in set(InvitationKind):
        raise InputError("Choose what the person becomes.", field="kind")
    is_prepared = kind == InvitationKind.PREPARED
    named = ("first_name", "email") if is_prepared else ("account_number",)
    return NewInvitation(
        kind=InvitationKind.MEMBER.value if is_prepared else kind,
        last_name=fields.text("last_name"),
        remark=fields.text("remark"),
        cost_center=fields.text("cost_center"),
        acknowledged=fields.get("acknowledged") is not None,
        **{name: fields.text(name) for name in named},
    )
