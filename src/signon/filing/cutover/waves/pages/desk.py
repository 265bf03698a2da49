"""The console's waves: the plan, one of them with its preview, and what may be done with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import BusyError, InputError, NotFoundError, RefusedError
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import Console
from signon.filing.cutover.waves import days, letters, planning, shown
from signon.filing.cutover.waves.days import Stage
from signon.filing.cutover.waves.kept import Wave
from signon.filing.cutover.waves.planning import Outline
from signon.filing.cutover.waves.recipients import CHOICES
from signon.filing.cutover.waves.shown import ShownWave, Waves
from signon.notices.message import Envelope, checked, compose
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError

STAGES: Mapping[Stage, tuple[str, str]] = {
    Stage.PLANNED: ("Planned", "wait"),
    Stage.UNTRIED: ("Try its words first", "warn"),
    Stage.NO_DATE: ("No date", "plain"),
    Stage.PASSED: ("Its day has passed", "plain"),
    Stage.SENDING: ("Being sent", "wait"),
    Stage.WAITING: ("Waits for the new date", "warn"),
    Stage.STOPPED: ("Stopped", "bad"),
    Stage.SENT: ("Sent", "good"),
}
"""What a clerk reads, and the kind of its tag."""
STATES: Mapping[str, str] = {
    "prepared": "Prepared",
    "not_prepared": "Not prepared, all of them",
    "account_found": "Not prepared: an upgraded account is known",
    "legacy_account": "Not prepared: the account must be upgraded",
    "shared_only": "Not prepared: a shared account only",
    "no_account": "Not prepared: no account is known",
}
ACTS: Mapping[str, Act[Desk, [str], Any]] = {
    act.name: act for act in (planning.TRY, planning.STOP, planning.REMOVE)
}
OF_ONE: Sequence[Act[Desk, Any, Any]] = (*ACTS.values(), planning.CHANGE)
DONE = {one.name: one.done for one in OF_ONE}
ALL: Sequence[Act[Desk, Any, Any]] = (planning.PLAN, planning.PLAN_USUAL, planning.REMOVE)
DONE_ALL = {one.name: one.done for one in ALL}
PREVIEW = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
"""A mail's style stands in it; nothing else of it may do anything."""


class WavesSection:
    """Everybody of the staff looks; clerks and administrators plan."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The plan, the form of a new wave, one wave with its preview, and its acts."""
        route, at = self._console.route, "/cutover/waves"
        return [
            route(at, self.show),
            route(at, self.plan, method="POST"),
            route(f"{at}/new", self.show_new),
            route(f"{at}/{{wave}}", self.show_one),
            route(f"{at}/{{wave}}", self.change, method="POST"),
            route(f"{at}/{{wave}}/preview", self.preview),
            route(f"{at}/{{wave}}/{{act}}", self.act, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casd/cutover/waves`: all of them."""
        seen, found = await self._console.read(request, _all)
        return self._console.page(
            seen,
            "cutover",
            "court_waves.html",
            done=DONE_ALL.get(parameters.query(request).text("done"), ""),
            found=[_told(one) for one in found.waves],
            unsubscribed=found.unsubscribed,
        )

    async def show_new(self, request: Request) -> Response:
        """GET `…/waves/new`: the form, for one or for the usual ones."""
        return await self._new(request, {"states": ["not_prepared"]})

    async def plan(self, request: Request) -> Response:
        """POST: one wave, or where no day was named the usual ones."""
        fields = await self._console.submitted(request)
        typed = _typed(fields)
        act: Act[Desk, [Outline], Any] = (
            planning.PLAN if typed["days_before"] else planning.PLAN_USUAL
        )
        try:
            seen, _ = await self._console.do(request, act, _outline(typed))
        except (InputError, RefusedError) as error:
            return await self._new(request, typed, [problem(error, FIELDS)])
        return self._console.go(seen, f"cutover/waves?done={act.name}")

    async def show_one(self, request: Request) -> Response:
        """GET `…/waves/{wave}`: how it stands, how it reads, and its form while it is planned."""
        done = DONE.get(parameters.query(request).text("done"), "")
        return await self._one(request, done=done)

    async def change(self, request: Request) -> Response:
        """POST: another day, other states or words."""
        fields = await self._console.submitted(request)
        typed, wave = _typed(fields), request.path_params["wave"]
        try:
            seen, _ = await self._console.do(request, planning.CHANGE, wave, _outline(typed))
        except (InputError, RefusedError) as error:
            return await self._one(request, typed=typed, errors=[problem(error, FIELDS)])
        return self._console.go(seen, f"cutover/waves/{wave}?done={planning.CHANGE.name}")

    async def act(self, request: Request) -> Response:
        """POST `…/waves/{wave}/stopped` and the like: what its button says."""
        await self._console.submitted(request)
        wave, act = request.path_params["wave"], ACTS.get(request.path_params["act"])
        if act is None:
            raise NotFoundError("There is no such act.")
        try:
            seen, _ = await self._console.do(request, act, wave)
        except RefusedError as error:
            return await self._one(request, errors=[problem(error)])
        except BusyError as error:
            return await self._one(request, errors=[FieldError(None, error.told)])
        back = "" if act is planning.REMOVE else f"/{wave}"
        return self._console.go(seen, f"cutover/waves{back}?done={act.name}")

    async def preview(self, request: Request) -> Response:
        """GET `…/waves/{wave}/preview`: the mail's HTML, as it stands."""
        wave = request.path_params["wave"]
        _seen, (_subject, _plain, html) = await self._console.read(request, _mail, wave)
        return HTMLResponse(html, headers=PREVIEW)

    async def _new(
        self, request: Request, typed: Mapping[str, Any], errors: Sequence[FieldError] = ()
    ) -> Response:
        seen, _ = await self._console.read(request, _all)
        return self._console.page(
            seen,
            "cutover",
            "court_wave_new.html",
            errors=errors,
            typed={"days_before": "", "opening": "", "closing": "", **typed},
            states=list(STATES.items()),
            usual=", ".join(str(one) for one in days.USUAL),
        )

    async def _one(
        self,
        request: Request,
        *,
        done: str = "",
        typed: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> Response:
        wave = request.path_params["wave"]
        seen, (found, mail) = await self._console.read(request, _one, wave)
        subject, plain, _html = mail
        return self._console.page(
            seen,
            "cutover",
            "court_wave.html",
            errors=errors,
            done=done,
            one=_told(found),
            wave=found.wave,
            words_fit=found.words_fit,
            figures=_figures(found),
            typed=typed or found.wave._asdict(),
            states=list(STATES.items()),
            subject=subject,
            plain=plain,
        )


FIELDS: Mapping[str | None, str | None] = {
    planning.PLANNED: "days_before",
    planning.PASSED: "days_before",
}
"""Where on the form a refusal stands."""


def _all(unit: Unit, desk: Desk) -> Waves:
    return shown.of(unit, desk.court.id, desk.settings.issuer)


def _one(unit: Unit, desk: Desk, wave_id: str) -> tuple[ShownWave, tuple[str, str, str]]:
    found = shown.one_of(unit, desk.court.id, wave_id, desk.settings.issuer)
    return found, _composed(unit, desk, found.wave)


def _mail(unit: Unit, desk: Desk, wave_id: str) -> tuple[str, str, str]:
    return _one(unit, desk, wave_id)[1]


def _composed(unit: Unit, desk: Desk, wave: Wave) -> tuple[str, str, str]:
    """Subject and both parts of what a trial would bring."""
    letter, sender = letters.letter(wave, desk.court), desk.settings.sender
    envelope = Envelope(wave.id, sender, sender, desk.settings.issuer, unit.now)
    mail = compose(type(letter), checked(letter), envelope)
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    plain, html = (str(part.get_content()) if part else "" for part in parts)
    return str(mail["Subject"]), plain, html


def _told(one: ShownWave) -> dict[str, Any]:
    wave = one.wave
    words, kind = STAGES[one.stage]
    if not one.words_fit and one.stage in {Stage.PLANNED, Stage.UNTRIED}:
        words, kind = "Its words name an address that is not yours", "bad"
    number = abs(wave.days_before)
    unit = "day" if number == 1 else "days"
    return {
        "id": wave.id,
        "name": f"{number} {unit} {'before' if wave.is_before else 'after'}",
        "day": one.day,
        "whom": ", ".join(STATES[name] for name in wave.states),
        "stage": words,
        "kind": kind,
        "progress": one.progress,
        "hidden": bool(wave.begun_at) and wave.by_account,
        "may_change": wave.begun_at is None,
        "may_stop": bool(wave.begun_at) and wave.is_open,
    }


def _figures(found: ShownWave) -> list[tuple[str, int, str]]:
    far = found.progress
    if far is None:
        return []
    return [
        ("Mailed", far.mailed, f"Of {far.chosen:,} addresses"),
        ("Waiting", far.waiting, "Not sent" if found.wave.stopped_at else "Still to leave"),
        ("Spared", far.spared, "Had nothing left to do when their turn came"),
        ("Came back", far.bounced, "A mail server has refused them so far"),
    ]


def _typed(fields: Parameters) -> dict[str, Any]:
    texts = {name: fields.text(name) for name in ("days_before", "opening", "closing")}
    return {**texts, "states": [one for one in CHOICES if one in fields.every("states")]}


def _outline(typed: Mapping[str, Any]) -> Outline:
    text = typed["days_before"]
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    number = parameters.number(digits)
    days_before = None if not text else sign * number if number is not None else 0
    return Outline(days_before, typed["states"], typed["opening"], typed["closing"])
