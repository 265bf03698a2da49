"""`/account/password`: the present password, the new one, and the same session under a new cookie.

It is also where a change that is due leads, with the journey on which somebody was.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import own_data, passwords
from signon.accounts.hashing import Hasher, HashingGate, Turn
from signon.accounts.own_data import OwnData
from signon.courts.registry import Court, CourtRegistry
from signon.crypto import KeyRing
from signon.errors import InputError, RefusedError, WaitError
from signon.journeys import store
from signon.journeys.store import Journey
from signon.limits.trials import Trials
from signon.profile import due_password, password_change
from signon.profile.pages.holder import ACCOUNT, SECURITY, Holder, field_errors
from signon.profile.password_change import Attempt, PasswordChange
from signon.signin.acting import Needs
from signon.signin.pages import login_form
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

PATH = f"{ACCOUNT}/password"
CHANGED = _(
    "Your password is changed. Every other session and every application was signed out; this "
    "browser stays signed in."
)
PUT_OFF = Act("skip", due_password.put_off)


class PasswordPages:
    """Changing the password."""

    def __init__(
        self,
        holder: Holder,
        *,
        hasher: Hasher,
        gate: HashingGate,
        trials: Trials,
        ring: KeyRing,
        courts: CourtRegistry,
    ) -> None:
        self._holder = holder
        self._site = holder.site
        self._settings = holder.settings
        self._database = holder.database
        self._hasher = hasher
        self._gate = gate
        self._trials = trials
        self._courts = courts
        self._change = PasswordChange(ring, holder.settings)
        self._begin = Act("password", self._change.begin, needs=Needs.FRESH)
        self._finish = Act("password", self._change.finish, needs=Needs.FRESH, done=CHANGED)

    def routes(self) -> list[Route]:
        """The form, and putting a due change off."""
        return [
            Route(PATH, self.ask, methods=["GET"]),
            self._holder.changing(PATH, self.save, back=PATH),
            Route(f"{PATH}/skip", self.back, methods=["GET"]),
            self._holder.posted(f"{PATH}/skip", self.skip, back=PATH),
        ]

    async def ask(self, request: Request) -> Response:
        """GET: the form, to somebody who has just signed in."""
        visit = self._site.visit(request)
        journey = parameters.query(request).get("journey")
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self._holder.sign_in(_address(journey), fresh=True)
        own = await self._database.read(own_data.find, session.account.id)
        now = self._database.clock()
        if refusal := password_change.refuse(own, self._settings, now):
            return self._holder.refused(visit, session, refusal)
        return await self._page(visit, session, own, journey)

    async def save(self, request: Request) -> Response:
        """POST: count, hash, look again, replace."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        session = await self._holder.session(visit, fresh=True)
        journey = fields.get("journey")
        if session is None:
            return await self._holder.sign_in(_address(journey), fresh=True)
        own = await self._database.read(own_data.find, session.account.id)
        if problems := await self._problems(own, fields):
            return await self._page(visit, session, own, journey, problems, status=400)
        try:
            with self._gate.turn() as turn:
                _unused, begun = await self._holder.do(
                    request, self._begin, device=visit.device or "", source=visit.source
                )
                token = await self._replace(visit, begun, fields, turn)
        except WaitError as wait:
            return await self._page(
                visit, session, own, journey, wait_seconds=wait.seconds, status=429
            )
        except InputError as error:
            errors = [FieldError(error.field, error.sentence)]
            return await self._page(visit, session, own, journey, errors, status=400)
        goal = await self._goal(journey)
        response = self._site.go(goal.resume_path if goal else f"{SECURITY}?done=password")
        self._site.session_cookie.set(response, token)
        return response

    async def back(self, request: Request) -> Response:
        """GET of the button's address: a reload of what it had answered."""
        return self._site.go(_address(parameters.query(request).get("journey")))

    async def skip(self, request: Request) -> Response:
        """POST: put a due change off and go on, as often as that may be."""
        visit = self._site.visit(request)
        journey = (await self._site.submitted(visit)).get("journey")
        session = await self._holder.session(visit)
        if session is None:
            return await self._holder.sign_in(_address(journey), fresh=True)
        try:
            await self._holder.do(request, PUT_OFF, self._settings, source=visit.source)
        except RefusedError as error:
            own = await self._database.read(own_data.find, session.account.id)
            errors = field_errors(error)
            return await self._page(visit, session, own, journey, errors, status=409)
        goal = await self._goal(journey)
        return self._site.go(goal.resume_path if goal else "/")

    async def _problems(self, own: OwnData, fields: Parameters) -> list[FieldError]:
        """What is wrong with the new password, before the present one is looked at."""
        place = [word for court in (await self._courts.all()).values() for word in _words(court)]
        problems = []
        if not fields.get("current_password"):
            problems.append(FieldError("current_password", _("Enter the password you have now.")))
        wrong = passwords.problems(
            fields.get("password") or "",
            self._settings.password_policy,
            password_change.words(own, place),
        )
        return [*problems, *(FieldError("password", sentence) for sentence in wrong)]

    async def _replace(self, visit: Visit, attempt: Attempt, fields: Parameters, turn: Turn) -> str:
        """Answers the session's new cookie. Raises InputError, RefusedError."""
        async with self._trials.of(attempt.counted.places) as trial:
            try:
                proved = await turn.run(
                    trial.comparing,
                    self._change.check,
                    self._hasher,
                    attempt,
                    fields.get("current_password") or "",
                    fields.get("password") or "",
                )
            except InputError as error:
                trial.compared(is_right=error.field == "password")
                if trial.counts:
                    await self._database.write(
                        self._change.fail, attempt, password_change.WRONG, source=visit.source
                    )
                raise
            trial.compared(is_right=True)
            _unused, token = await self._holder.do(
                visit.request,
                self._finish,
                proved,
                device=visit.device or "",
                source=visit.source,
            )
            return token

    async def _goal(self, handle: str | None) -> Journey | None:
        """Where somebody was going who had to change it on the way; this page is no goal."""
        while handle and (journey := await self._database.read(store.find, handle)):
            path, _unused, asked = journey.resume_path.partition("?")
            if path != PATH:
                return journey
            handle = Parameters(asked).get("journey")
        return None

    async def _page(
        self,
        visit: Visit,
        session: Session,
        own: OwnData,
        journey: str | None,
        errors: Sequence[FieldError] = (),
        *,
        wait_seconds: int = 0,
        status: int = 200,
    ) -> Response:
        # going on may end at the court, so the page's forms may
        goal = await self._goal(journey)
        courts = await self._courts.all()
        outside = login_form.leads_to(goal, courts.get((goal and goal.court_id) or ""))
        response = self._site.page(
            visit,
            "account_password.html",
            status=status,
            form_targets=login_form.targets(outside),
            errors=errors,
            account=session.account,
            journey=journey,
            due=due_password.of(session, self._settings, self._database.clock()),
            rules=passwords.shown(self._settings.password_policy),
            words=password_change.words(own).own,
            wait_seconds=wait_seconds,
        )
        if wait_seconds:
            response.headers["retry-after"] = str(wait_seconds)
        return response


def _address(journey: str | None) -> str:
    """The page with the way on; a handle is letters and digits, and nothing else is repeated."""
    return f"{PATH}?journey={journey}" if journey and journey.isalnum() else PATH


def _words(court: Court) -> tuple[str, ...]:
    return (court.id, court.psc_id, court.pcl_id, court.name)
