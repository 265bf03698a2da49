"""`/register`: what is asked step by step, up to the mail that proves the address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import entries, passwords
from signon.accounts.entries import Entered
from signon.accounts.user_types import USER_TYPES
from signon.errors import RefusedError
from signon.registration import drafts, onward, steps
from signon.registration.drafts import Draft
from signon.registration.mailing import Mailing
from signon.registration.onward import Way
from signon.registration.pages import shown
from signon.registration.steps import Step
from signon.signin.stepped import StepForm, Stepped, WrongError
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import Visit
from signon.words.sentences import _

TO_SIGN_IN = {"label": _("Sign in"), "href": "/login"}
PREPARED = ("first_name", "last_name", "email")
"""What a firm that prepared the account knows; the person sees and may change it."""
CARRIED = ("journey", "client_id", "return_to")
"""What the first page takes along."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands behind a page: this browser's registration, or the way to a new one."""

    visit: Visit
    draft: Draft | None = None
    is_new: bool = False
    """Nothing is kept yet: `/register` itself."""
    entered: Entered = field(default_factory=dict)
    """What was entered, or prepared by a firm."""
    carried: Entered = field(default_factory=dict)
    under_way: str | None = None
    """The registration that this browser has not finished."""


class RegisterPages(Stepped[Step, Seen]):
    """Entering what an account needs; each step is kept before the next one."""

    forms: ClassVar[Mapping[Step, StepForm]] = {
        Step.ABOUT: StepForm(_("About you"), "register_about.html", entries.ABOUT),
        Step.ADDRESS: StepForm(_("Address"), "register_address.html", entries.ADDRESS),
        Step.SIGN_IN: StepForm(
            _("Username and password"), "register_sign_in.html", entries.USERNAME
        ),
        Step.CHECK: StepForm(_("Check"), "register_check.html"),
        Step.MAIL: StepForm(_("E-mail"), "register_mail.html"),
    }
    unknown = _("There is no such step.")

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring)
        self._mailing = Mailing(wiring.ring, wiring.site.settings)

    def routes(self) -> list[Route]:
        """Where they are."""
        at = "/register/{registration}"
        return [
            *self._routes("/register"),
            self._route(at, self.resume),
            self._route(f"{at}/cancel", self.cancel, "POST"),
            *self._routes(at + "/{step}"),
        ]

    async def resume(self, request: Request) -> Response:
        """GET `/register/{id}`: the step that comes next."""
        seen = await self._enter(self._site.visit(request))
        return self._site.go(self._at(seen, self._due(seen)))

    async def cancel(self, request: Request) -> Response:
        """Forget everything that was entered, and go back to where the person came from."""
        draft = (await self._look(*await self._submitted(request))).draft
        if draft is None:
            return self._site.go("/register")
        await self._database.write(drafts.give_up, draft)
        return self._site.go(onward.court_address(draft.way, await self._courts.all()) or "/")

    # ── Who goes on, and where ───────────────────────────────────────────────

    async def _look(self, visit: Visit, asked: Parameters) -> Seen:
        handle = visit.request.path_params.get("registration")
        if handle is not None:
            draft = await self._database.read(drafts.find, self._ring, handle, visit.device)
            return Seen(visit, draft, entered=draft.entered if draft else {})
        carried = {name: asked.get(name) or "" for name in CARRIED}
        if visit.request.method == "POST":
            return Seen(visit, is_new=True, carried=carried)
        known = {name: value for name in PREPARED if (value := asked.get(name))}
        under_way = await self._database.read(drafts.latest, visit.device)
        return Seen(visit, None, True, known, carried, under_way)

    async def _stop(self, seen: Seen, step: Step | None) -> Response | None:
        """Why this browser cannot go on with the registration, or None."""
        if seen.draft is None and not seen.is_new:
            return self._site.page(
                seen.visit,
                "message.html",
                status=404,
                kind="warning",
                heading=_("This registration is not open in this browser"),
                paragraphs=[
                    _("It was ended or took too long, or it was begun in another browser."),
                    _("Go on in that browser, open the link in the mail, or begin anew."),
                ],
                actions=[{"label": _("Begin anew"), "href": "/register"}, TO_SIGN_IN],
            )
        if seen.draft and seen.draft.completed_at:
            return self._site.page(
                seen.visit,
                "message.html",
                kind="success",
                heading=_("This registration is complete"),
                paragraphs=[_("Sign in with the username and password that you chose.")],
                actions=[TO_SIGN_IN],
            )
        return None

    def _due(self, seen: Seen) -> Step:
        """The first step to which something is missing; then the check; then the mail."""
        if seen.draft is None:
            return Step.ABOUT
        missing = steps.missing(seen.draft.entered)
        return missing or (Step.MAIL if seen.draft.confirmed_at else Step.CHECK)

    def _at(self, seen: Seen, step: Step) -> str:
        return f"/register/{seen.draft.id}/{step}" if seen.draft else "/register"

    def _after(self, seen: Seen, step: Step) -> str:
        due = self._due(seen)
        if step not in (Step.CHECK, Step.MAIL) or steps.missing(seen.entered):
            return self._at(seen, due)
        return self._at(seen, Step.MAIL) + ("?again=1" if due is Step.MAIL else "")

    # ── What is kept ─────────────────────────────────────────────────────────

    async def _keep(self, seen: Seen, step: Step, fields: Parameters) -> Seen:
        try:
            draft = await self._kept(seen, step, fields)
        except RefusedError as error:
            raise WrongError([error], 429) from error
        return Seen(seen.visit, draft, entered=draft.entered if draft else {})

    async def _kept(self, seen: Seen, step: Step, fields: Parameters) -> Draft | None:
        visit, draft = seen.visit, seen.draft
        if draft is None:
            return await self._begin(seen, self._checked(step, fields))
        if step in (Step.CHECK, Step.MAIL):
            return await self._database.write(
                self._mailing.mail, draft.id, visit.device, visit.source
            )
        is_sign_in = step is Step.SIGN_IN
        tidy = await self._chosen(draft, fields) if is_sign_in else self._checked(step, fields)
        return await self._database.write(drafts.save, self._ring, draft.id, visit.device, tidy)

    async def _begin(self, seen: Seen, entered: Entered) -> Draft:
        return await self._database.write(
            drafts.begin,
            self._ring,
            seen.visit.device or "",
            entered,
            await self._way(seen.carried),
            source=seen.visit.source,
            per_network=self._settings.registrations_per_network,
        )

    async def _chosen(self, draft: Draft, fields: Parameters) -> Entered:
        username, password = fields.text("username"), fields.get("new_password") or ""
        court, policy = await self._court_name(draft), self._settings.password_policy
        wrong = entries.check_sign_in(username, password, draft.entered, court, policy)
        if wrong:
            raise WrongError(wrong)
        return {"username": username, "password_hash": await self._hash(password)}

    async def _way(self, carried: Entered) -> Way:
        if carried["journey"]:
            return await self._database.read(onward.from_journey, carried["journey"])
        client = await self._clients.find(carried["client_id"] or None)
        return onward.from_client(client, carried["return_to"] or None)

    # ── What is shown ────────────────────────────────────────────────────────

    async def _shown(self, seen: Seen, step: Step, typed: Entered | None) -> dict[str, Any]:
        entered = dict(seen.entered)
        if typed is not None:
            entered |= {name: typed.get(name, "") for name in self.forms[step].checks}
        court_name = await self._court_name(seen.draft)
        asked = parameters.query(seen.visit.request)
        return {
            "action": self._at(seen, step),
            "registration": seen.draft.id if seen.draft else None,
            "carried": seen.carried,
            "under_way": seen.under_way,
            "was_sent_again": typed is None and asked.get("again") is not None,
            **shown.values(entered),
            "user_types": list(USER_TYPES.items()),
            "rules": passwords.shown(self._settings.password_policy),
            "words": entries.choose_words({**entered, "username": ""}, court_name).own,
            "hours": round(self._settings.registration_link_seconds / 3600),
        }

    async def _court_name(self, draft: Draft | None) -> str | None:
        court = (await self._courts.all()).get((draft and draft.way.court_id) or "")
        return court.name if court else None
