"""`/upgrade`: person → address → security → confirm → done; for a firm: firm → security → …"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import passwords, upgrading
from signon.accounts.user_types import USER_TYPES
from signon.courts.registry import Court
from signon.errors import InputError, RefusedError
from signon.signin.wiring import Wiring
from signon.upgrade import conditions, forms, shown
from signon.upgrade.entered import STEPS, Step
from signon.upgrade.shown import Way
from signon.upgrade.steps import PATH, Seen, UpgradeSteps
from signon.upgrade.upgrading import wanted_email
from signon.web import parameters
from signon.web.headers import form_target
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit

TEMPLATES: Mapping[Step, str] = {step: f"upgrade_{step}.html" for step in Step}


class UpgradePages:
    """Making a legacy account an upgraded one."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._steps = UpgradeSteps(wiring.ring, wiring.site.settings)
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._clients = wiring.clients
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(PATH, self.enter, methods=["GET"]),
            Route(f"{PATH}/confirm", self.confirm, methods=["POST"]),
            Route(f"{PATH}/done", self.done, methods=["GET"]),
            Route(f"{PATH}/cancel", self.cancel, methods=["POST"]),
            Route(f"{PATH}/{{step}}", self.show, methods=["GET"]),
            Route(f"{PATH}/{{step}}", self.answer, methods=["POST"]),
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
        seen = await self._look(request)
        stop = await self._stop(seen, fresh=True)
        return stop or self._site.go(_at(seen, seen.step))

    async def show(self, request: Request) -> Response:
        """A step's form, with what was entered before."""
        seen = await self._look(request)
        step = _step(request)
        if stop := await self._stop(seen, fresh=step is Step.CONFIRM, here=step):
            return stop
        if step is None or not seen.may_show(step):
            return self._site.go(_at(seen, seen.step))
        return await self._form(seen, step, shown.values(seen, step))

    async def answer(self, request: Request) -> Response:
        """Check a step's form and keep it; the next page comes by GET."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        seen = await self._database.read(self._steps.look, visit, fields.get("journey"))
        step = _step(request)
        if stop := await self._stop(seen):
            return stop
        if step is None or step is Step.CONFIRM or not seen.may_show(step):
            return self._site.go(_at(seen, seen.step))
        # a field that was left empty is not among what was sent
        typed = dict.fromkeys(shown.values(seen, step), "") | fields.first_values()
        values, wrong = await self._checked(seen, step, typed)
        if wrong:
            return await self._form(seen, step, typed, wrong, status=400)
        if step is Step.SECURITY:
            hashed = await self._gate.run(self._hasher.hash, typed["new_password"])
            values["password_hash"] = hashed
        kept = await self._database.write(
            self._steps.save, visit, fields.get("journey"), step, values
        )
        return await self._stop(kept) or self._site.go(_at(kept, shown.after(kept, step)))

    async def confirm(self, request: Request) -> Response:
        """Make it so. A name that somebody else has taken meanwhile is chosen anew."""
        visit = self._site.visit(request)
        handle = (await self._site.submitted(visit)).get("journey")
        try:
            seen, made = await self._database.write(self._steps.finish, visit, handle)
        except RefusedError as error:
            if error.reason != upgrading.USERNAME_TAKEN:
                raise
            seen = await self._database.read(self._steps.look, visit, handle)
            wrong = [InputError(error.sentence, field="username")]
            values = shown.values(seen, Step.SECURITY)
            return await self._form(seen, Step.SECURITY, values, wrong, status=409)
        if made is None:
            stop = await self._stop(seen, fresh=True, here=Step.CONFIRM)
            return stop or self._site.go(_at(seen, seen.step))
        response = self._site.go(_address(f"{PATH}/done", handle or made.journey_id))
        self._site.session_cookie.set(response, made.cookie)
        return response

    async def done(self, request: Request) -> Response:
        """That it is done, and the way on."""
        seen = await self._look(request)
        account = seen.session.account if seen.session else None
        if account is None or not account.is_upgraded or account.kind not in STEPS:
            return self._site.go(_address(PATH, seen.handle))
        way = await self._way(seen)
        return self._site.page(
            seen.visit,
            "upgrade_done.html",
            account=account,
            labels=shown.labels(account.kind),
            way=way,
        )

    async def cancel(self, request: Request) -> Response:
        """Leave the account as it is; what was entered is kept for another time."""
        visit, fields = await self._submitted(request)
        seen = await self._database.read(self._steps.look, visit, fields.get("journey"))
        return self._site.go((await self._way(seen)).back)

    # ── Between unit and page ────────────────────────────────────────────────

    async def _submitted(self, request: Request) -> tuple[Visit, Parameters]:
        visit = self._site.visit(request)
        return visit, await self._site.submitted(visit)

    async def _look(self, request: Request) -> Seen:
        visit = self._site.visit(request)
        handle = parameters.query(request).get("journey")
        return await self._database.read(self._steps.look, visit, handle)

    async def _checked(self, seen: Seen, step: Step, typed: Mapping[str, str]) -> forms.Checked:
        today = self._database.clock().date()
        if step is not Step.SECURITY:
            return forms.checked(step, typed, today)
        court = await self._court(seen)
        values, wrong = forms.security(
            {**typed, "username": typed["username"].strip()},
            today,
            self._settings.password_policy,
            lambda name: shown.words(seen, name, court),
        )
        if "username" in values and not await self._is_free(seen, values["username"]):
            taken = upgrading.username_taken(values["username"]).sentence
            wrong.insert(0, InputError(taken, field="username"))
        return values, wrong

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

    async def _stop(
        self, seen: Seen, *, fresh: bool = False, here: Step | None = None
    ) -> Response | None:
        """Sign in first, or not at all; None when nothing stands in the way."""
        if seen.session is None or (fresh and not seen.refusal and not seen.is_fresh):
            path = _at(seen, here) if here and seen.session else _address(PATH, seen.handle)
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

    async def _form(
        self,
        seen: Seen,
        step: Step,
        values: Mapping[str, Any],
        wrong: Sequence[InputError] = (),
        *,
        status: int = 200,
    ) -> Response:
        assert seen.session is not None
        account = seen.session.account
        pages = STEPS[account.kind]
        at = pages.index(step)
        way = await self._way(seen)
        court = await self._court(seen)
        return self._site.page(
            seen.visit,
            TEMPLATES[step],
            status=status,
            errors=[FieldError(error.field, error.sentence) for error in wrong],
            account=account,
            form_targets=[form_target(way.back)] if "://" in way.back else [],
            labels=shown.labels(account.kind),
            current=at + 1,
            kept_days=self._settings.upgrade_seconds // 86400,
            back_url=_at(seen, pages[at - 1]) if at else None,
            values=values,
            journey=seen.handle,
            user_types=[("", "Choose one"), *USER_TYPES.items()],
            rules=passwords.shown(self._settings.password_policy),
            words=shown.words(seen, "", court).own,
            rows=shown.rows(seen, self._addresses(seen)) if step is Step.CONFIRM else [],
            new_email=wanted_email(account, seen.entered) if step is Step.CONFIRM else None,
        )

    def _addresses(self, seen: Seen) -> dict[Step, str]:
        return {step: _at(seen, step) for step in Step}


def _step(request: Request) -> Step | None:
    name = request.path_params.get("step", Step.CONFIRM)
    return Step(name) if name in set(Step) else None


def _at(seen: Seen, step: Step) -> str:
    return _address(f"{PATH}/{step}", seen.handle)


def _address(path: str, handle: str | None) -> str:
    return f"{path}?{urlencode({'journey': handle})}" if handle else path
