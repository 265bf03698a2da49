"""The console `/operators`: find an account, look at it, do what an operator may do."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import finding, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.operators import acts, overview
from signon.operators.acts import Act, Asked, Means
from signon.profile import disputes
from signon.signin import acting, demands
from signon.signin import session as sessions
from signon.signin.session import AAL2, Session
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Visit

PATH = "/operators"
SHOWN = 50
DONE = {
    Act.DISABLE: "The account is disabled; whatever it was signed in to has ended.",
    Act.ENABLE: "The account can sign in; its wrong guesses are forgotten.",
    Act.SIGN_OUT: "Every session and grant of the account has ended.",
    Act.RECOVER: "A link to choose a password is on its way to the account’s address.",
    Act.RELEASE: "The review hold has ended; the account’s holder is told by mail.",
    Act.THAW: "The account may be changed again.",
    Act.TAKE_BACK: "What was changed since is undone; a link to choose a password is on its way to the "
    "account’s address.",
    Act.RESET_FACTORS: "The second factors go when the delay is over. The account’s holder is told "
    "by mail and can stop it.",
    Act.KEEP_FACTORS: "The account keeps its second factors; its holder is told by mail.",
    Act.SEARCH_OFF: "The account’s search is inactive.",
    Act.SEARCH_ON: "The account’s search is active.",
}
REASONS = {
    Act.DISABLE: "disable_reason",
    Act.RESET_FACTORS: "factors_reason",
    Act.SEARCH_OFF: "search_reason",
}
"""Which field of the page holds the reason of an act that needs one."""


class OperatorPages:
    """For operators only; to everybody else who is signed in there is no such page."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._means = acts.Means(wiring.site.settings, wiring.ring)

    def routes(self) -> list[Route]:
        """The search, and an account with its acts."""
        return [
            Route(PATH, self.search, methods=["GET"]),
            Route(f"{PATH}/accounts/{{number}}", self.show, methods=["GET"]),
            Route(f"{PATH}/accounts/{{number}}/{{act}}", self.back, methods=["GET"]),
            Route(f"{PATH}/accounts/{{number}}/{{act}}", self.do, methods=["POST"]),
        ]

    async def search(self, request: Request) -> Response:
        """GET `/operators`: what is asked for stands in the address, so that it can be kept."""
        visit = self._site.visit(request)
        session = await self._operator(visit)
        if session is None:
            return await self._sign_in(visit, PATH)
        asked = parameters.query(request)
        words, after = asked.text("q"), asked.text("after")
        found: list[Account] = []
        waiting: list[Account] = []
        if not words:
            waiting = await self._database.read(finding.waiting, limit=SHOWN)
        else:
            found = await self._database.read(finding.find, words, after=after, limit=SHOWN + 1)
        return self._site.page(
            visit,
            "operators.html",
            account=session.account,
            words=words,
            is_too_short=bool(words) and len(words) < finding.SHORTEST,
            found=found[:SHOWN],
            waiting=waiting,
            next_after=found[SHOWN - 1].number if len(found) > SHOWN else None,
        )

    async def show(self, request: Request) -> Response:
        """GET `/operators/accounts/N`."""
        visit = self._site.visit(request)
        session = await self._operator(visit)
        number = request.path_params["number"]
        if session is None:
            return await self._sign_in(visit, _path(number))
        done = parameters.query(request).text("done")
        return await self._page(
            visit, session, number, done=DONE[Act(done)] if done in DONE else ""
        )

    async def back(self, request: Request) -> Response:
        """GET of an act's address: a reload after its session had ended."""
        return self._site.go(_path(request.path_params["number"]))

    async def do(self, request: Request) -> Response:
        """POST `/operators/accounts/N/ACT`."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        session = await self._operator(visit)
        number = request.path_params["number"]
        if session is None:
            return await self._sign_in(visit, _path(number))
        if request.path_params["act"] not in DONE:
            raise NotFoundError("There is no such page.")
        act = Act(request.path_params["act"])
        reason = fields.text(REASONS[act]) if act in REASONS else ""
        do = acting.proving(_do, visit.session_token, self._site.settings)
        try:
            await self._database.write(do, self._means, act, number, reason, fields.text("change"))
        except SignInFirstError:
            return await self._sign_in(visit, _path(number))
        except NotFoundError:
            raise
        except InputError as error:
            problem = FieldError(REASONS[act], error.sentence)
            return await self._page(visit, session, number, errors=[problem], typed=reason)
        except RefusedError as error:
            problem = FieldError(None, error.told)
            return await self._page(visit, session, number, errors=[problem], typed=reason)
        return self._site.go(f"{_path(number)}?done={act}")

    async def _page(
        self,
        visit: Visit,
        session: Session,
        number: str,
        *,
        done: str = "",
        errors: Sequence[FieldError] = (),
        typed: str = "",
    ) -> Response:
        seen = await self._database.read(overview.of, self._site.settings, number)
        is_own = seen.facts["sub"] == session.account.id
        return self._site.page(
            visit,
            "operators_account.html",
            status=400 if errors else 200,
            account=session.account,
            errors=errors,
            done=done,
            seen=seen,
            facts=seen.facts,
            is_own=is_own,
            acts=frozenset() if is_own else seen.acts,
            typed=typed,
            since=[
                (one.id, f"{disputes.WORDS[one.subject]}: {repudiation.in_words(one.at)}")
                for one in seen.disownable
            ],
        )

    async def _operator(self, visit: Visit) -> Session | None:
        """The operator; None without a sign-in with two factors. Raises NotFoundError for others."""
        session, untouched = await self._database.read(
            _session, visit.session_token, self._site.settings
        )
        if session:
            _require_operator(session)
        if session and untouched:
            await self._database.write(sessions.touch, session)
        return session if session and session.acr == AAL2 else None

    async def _sign_in(self, visit: Visit, path: str) -> Response:
        """To the sign-in; whoever is there with one factor only, to the second."""
        settings = self._site.settings
        journey = await self._database.write(_start, path, settings.journey_seconds)
        session, _ = await self._database.read(_session, visit.session_token, settings)
        first = demands.SECOND_FACTOR if session else "/login"
        return self._site.go(f"{first}?journey={journey}")


def _session(unit: Unit, token: str | None, settings: Settings) -> tuple[Session | None, bool]:
    session = sessions.current(unit, token, settings)
    return session, session is not None and sessions.is_untouched(unit, session)


def _do(
    unit: Unit, session: Session, means: Means, act: Act, number: str, reason: str, change: str
) -> None:
    _require_operator(session)
    if session.acr != AAL2:
        raise SignInFirstError(is_half=True)
    repudiation.require_unfrozen(session.account)
    acts.do(unit, means, act, Asked(number, session.account.id, reason, change))


def _require_operator(session: Session) -> None:
    """To everybody else there is no such page."""
    if session.account.kind is not AccountKind.OPERATOR:
        raise NotFoundError("There is no such page.")


def _start(unit: Unit, path: str, seconds: int) -> str:
    request = {"path": path, "fresh": False}
    lasts = timedelta(seconds=seconds)
    return store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id


def _path(number: str) -> str:
    # seven digits or nothing: an address is made of it
    return f"{PATH}/accounts/{number}" if number.isdigit() else PATH
