"""`/upgrade`: person → address → security → confirm → done; for a firm: firm → security → …"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import entries, passwords, upgrading
from signon.accounts.entries import Entered
from signon.accounts.user_types import USER_TYPES
from signon.courts.registry import Court
from signon.errors import InputError, RefusedError
from signon.signin.stepped import StepForm, Stepped, WrongError
from signon.signin.wiring import Wiring
from signon.upgrade import conditions, shown
from signon.upgrade.entered import STEPS, Step
from signon.upgrade.shown import LABELS, Way
from signon.upgrade.steps import PATH, Seen, UpgradeSteps
from signon.upgrade.upgrading import wanted_email
from signon.web import parameters
from signon.web.headers import form_target
from signon.web.parameters import Parameters
from signon.web.site import Visit
from signon.words.sentences import _


class UpgradePages(Stepped[Step, Seen]):
    """Making a legacy account an upgraded one."""

    forms: ClassVar[Mapping[Step, StepForm]] = {
        Step.PERSON: StepForm(LABELS[Step.PERSON], "upgrade_person.html", entries.ABOUT),
        Step.ADDRESS: StepForm(LABELS[Step.ADDRESS], "upgrade_address.html", entries.ADDRESS),
        Step.FIRM: StepForm(LABELS[Step.FIRM], "upgrade_firm.html", entries.FIRM),
        Step.SECURITY: StepForm(LABELS[Step.SECURITY], "upgrade_security.html", entries.USERNAME),
        Step.CONFIRM: StepForm(LABELS[Step.CONFIRM], "upgrade_confirm.html"),
    }

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring)
        self._steps = UpgradeSteps(wiring.ring, wiring.site.settings)

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            self._route(PATH, self.enter),
            self._route(f"{PATH}/confirm", self.confirm, "POST"),
            self._route(f"{PATH}/done", self.done),
            self._route(f"{PATH}/cancel", self.cancel, "POST"),
            *self._routes(f"{PATH}/{{step}}"),
        ]

    # ── The pages ────────────────────────────────────────────────────────────

    async def enter(self, request: Request) -> Response:
        """Go on where it stopped, after a fresh sign-in; with a client's way back if it named one."""
        asked = parameters.query(request)
        if asked.get("journey") is None and asked.get("client_id"):
            client = await self._clients.find(asked.get("client_id"))
            journey = await self._database.write(
                self._steps.set_out, client, asked.get("return_to")
            )
            return self._site.go(_address(PATH, journey.id))
        seen = await self._enter(self._site.visit(request))
        return self._site.go(self._at(seen, seen.step))

    async def confirm(self, request: Request) -> Response:
        """Make it so. A name that somebody else has taken meanwhile is chosen anew."""
        visit, fields = await self._submitted(request)
        handle = fields.get("journey")
        try:
            seen, made = await self._database.write(self._steps.finish, visit, handle)
        except RefusedError as error:
            if error.reason != upgrading.USERNAME_TAKEN:
                raise
            wrong = WrongError([InputError(error.sentence, field="username")], 409)
            return await self._page(await self._look(visit, fields), Step.SECURITY, wrong=wrong)
        if made is None:
            stop = await self._stop(seen, Step.CONFIRM)
            return stop or self._site.go(self._at(seen, seen.step))
        response = self._site.go(_address(f"{PATH}/done", handle or made.journey_id))
        self._site.session_cookie.set(response, made.cookie)
        return response

    async def done(self, request: Request) -> Response:
        """That it is done, and the way on."""
        visit = self._site.visit(request)
        seen = await self._look(visit, parameters.query(request))
        account = seen.session.account if seen.session else None
        if account is None or not account.is_upgraded or account.kind not in STEPS:
            return self._site.go(_address(PATH, seen.handle))
        way = await self._way(seen)
        return self._site.page(
            visit,
            "upgrade_done.html",
            account=account,
            labels=shown.labels(account.kind),
            way=way,
        )

    async def cancel(self, request: Request) -> Response:
        """Leave the account as it is; what was entered is kept for another time."""
        seen = await self._look(*await self._submitted(request))
        return self._site.go((await self._way(seen)).back)

    # ── Who goes on, and where ───────────────────────────────────────────────

    async def _look(self, visit: Visit, asked: Parameters) -> Seen:
        return await self._database.read(self._steps.look, visit, asked.get("journey"))

    def _order(self, seen: Seen) -> Sequence[Step]:
        assert seen.session is not None
        return STEPS[seen.session.account.kind]

    def _due(self, seen: Seen) -> Step:
        return seen.step

    def _at(self, seen: Seen, step: Step) -> str:
        return _address(f"{PATH}/{step}", seen.handle)

    async def _stop(self, seen: Seen, step: Step | None) -> Response | None:
        """Sign in first, anew at the beginning and the end, or not at all."""
        fresh = step in (None, Step.CONFIRM)
        if seen.session is None or (fresh and not seen.refusal and not seen.is_fresh):
            path = self._at(seen, step) if step and seen.session else _address(PATH, seen.handle)
            journey = await self._database.write(self._steps.to_sign_in, seen.journey, path)
            return self._site.go(_address("/login", journey.id))
        if seen.refusal is None or seen.refusal.reason not in shown.HEADINGS:
            return None
        kind, heading, actions = shown.HEADINGS[seen.refusal.reason]
        way = await self._way(seen)
        is_done = seen.refusal.reason == conditions.NOTHING_TO_DO
        return self._site.page(
            seen.visit,
            "message.html",
            status=200 if is_done else 403,
            account=seen.session.account,
            kind=kind,
            heading=heading,
            paragraphs=[seen.refusal.sentence, seen.refusal.next_step],
            actions=[*actions, {"label": way.label, "href": way.on if is_done else way.back}],
        )

    # ── What is kept ─────────────────────────────────────────────────────────

    async def _keep(self, seen: Seen, step: Step, fields: Parameters) -> Seen:
        is_security = step is Step.SECURITY
        values = await self._chosen(seen, fields) if is_security else self._checked(step, fields)
        return await self._database.write(
            self._steps.save, seen.visit, fields.get("journey"), step, values
        )

    async def _chosen(self, seen: Seen, fields: Parameters) -> Entered:
        """The username and the password, which leaves this place only for the hash."""
        username, password = fields.text("username"), fields.get("new_password") or ""
        today = self._database.clock().date()
        tidy, wrong = entries.checked(entries.USERNAME, {"username": username}, today)
        if not wrong and not await self._is_free(seen, username):
            taken = upgrading.username_taken(username).sentence
            wrong = [InputError(taken, field="username")]
        words = shown.words(seen, username, await self._court(seen))
        policy = self._settings.password_policy
        found = (
            passwords.problems(password, policy, words) if password else [_("Enter a password.")]
        )
        wrong += [InputError(one, field="new_password") for one in found]
        if wrong:
            raise WrongError(wrong)
        return {**tidy, "password_hash": await self._hash(password)}

    async def _is_free(self, seen: Seen, username: str) -> bool:
        assert seen.session is not None
        return await self._database.read(
            upgrading.is_username_free, username, seen.session.account.id
        )

    async def _court(self, seen: Seen) -> Court | None:
        journey = seen.journey
        if journey is None or journey.court_id is None:
            return None
        return (await self._courts.all()).get(journey.court_id)

    async def _way(self, seen: Seen) -> Way:
        return shown.way(seen.journey, await self._court(seen))

    # ── What is shown ────────────────────────────────────────────────────────

    async def _shown(self, seen: Seen, step: Step, typed: Entered | None) -> dict[str, Any]:
        assert seen.session is not None
        account = seen.session.account
        way, court = await self._way(seen), await self._court(seen)
        values = shown.values(seen, step)
        if typed is not None:
            # a field that was left empty is not among what was sent
            values = {**dict.fromkeys(values, ""), **typed}
        shows = {
            "account": account,
            "form_targets": [form_target(way.back)] if "://" in way.back else [],
            "labels": shown.labels(account.kind),
            "kept_days": self._settings.upgrade_seconds // 86400,
            "values": values,
            "journey": seen.handle,
            "user_types": [("", _("Choose one")), *USER_TYPES.items()],
            "rules": passwords.shown(self._settings.password_policy),
            "words": shown.words(seen, "", court).own,
        }
        if step is Step.CONFIRM:
            shows["rows"] = shown.rows(seen, {one: self._at(seen, one) for one in self.forms})
            shows["new_email"] = wanted_email(account, seen.entered)
        return shows


def _address(path: str, handle: str | None) -> str:
    return f"{path}?{urlencode({'journey': handle})}" if handle else path
