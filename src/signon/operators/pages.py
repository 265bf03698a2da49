"""The console `/operators`: find an account, look at it, do what an operator may do."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import finding, passwords, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError
from signon.operators import acts, overview
from signon.operators.acts import DONE, PLAIN, WITH_WORDS, Operator
from signon.operators.overview import Past
from signon.operators.overview import Seen as SeenAccount
from signon.profile import disputes
from signon.signin import shell
from signon.signin.session import AAL2, Session
from signon.signin.shell import Section, Shell, SomeAct, problem
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import FieldError, Visit

Seen = shell.Seen[Operator]
SHOWN = 50


class OperatorConsole(Shell[Operator]):
    """For operators only; to everybody else who is signed in there is no such page."""

    path = "/operators"
    sections: Sequence[Section] = (Section("", "Accounts"),)

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.site, wiring.database)
        self._ring = wiring.ring
        if self.site.is_demo:
            self.sections = (*self.sections, Section("components", "Components"))

    def routes(self) -> list[Route]:
        """The search, and an account with its acts."""
        one = "/accounts/{number}"
        return [
            self.route("", self.search),
            *([self.route("/components", self.components)] if self.site.is_demo else []),
            self.route(one, self.show),
            self.route(f"{one}/{{act}}", self.back),
            self.route(f"{one}/{{act}}", self.do_act, method="POST"),
        ]

    def enter(
        self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Operator] | None
    ) -> Operator:
        """An operator with two factors."""
        if session.account.kind is not AccountKind.OPERATOR:
            raise NotFoundError("There is no such page.")
        if session.acr != AAL2:
            raise SignInFirstError(is_half=True)
        return Operator(session.account.id, session.account, self.settings, self._ring)

    def permit(self, who: Operator, act: SomeAct[Operator] | None) -> None:
        """Raises as `Operator.permit` does."""
        who.permit(act)

    def home(self, path_params: Mapping[str, Any]) -> str:
        """The account's page, where there is one in the address: digits, or an address is not
        made of it.
        """
        number: str = path_params.get("number", "")
        return f"{self.path}/accounts/{number}" if number.isdigit() else self.path

    def frame(self, seen: Seen) -> dict[str, Any]:
        """There is none."""
        return {}

    async def search(self, request: Request) -> Response:
        """GET `/operators`: what is asked for stands in the address, so that it can be kept."""
        asked = parameters.query(request)
        words = asked.text("q")
        seen, found = await self.read(request, _find, words, asked.text("after"))
        return self.page(
            seen,
            "",
            "operators.html",
            words=words,
            is_too_short=bool(words) and len(words) < finding.SHORTEST,
            found=found[:SHOWN] if words else [],
            waiting=[] if words else found,
            next_after=found[SHOWN - 1].number if len(found) > SHOWN else None,
        )

    async def components(self, request: Request) -> Response:
        """GET `/operators/components`: what pages are made of, in every state."""
        seen, _ = await self.read(request, _nothing)
        fields = ("wrong", "choice", "text", "agree")
        return self.page(
            seen,
            "components",
            "operators_components.html",
            faults=[FieldError(field, f"Something is wrong with “{field}”.") for field in fields],
            rules=passwords.shown(self.settings.password_policy),
        )

    async def show(self, request: Request) -> Response:
        """GET `/operators/accounts/N`."""
        return await self._shown(request, done=parameters.query(request).text("done"))

    async def back(self, request: Request) -> Response:
        """GET of an act's address: a reload after its session had ended."""
        return self.site.go(self.home(request.path_params))

    async def do_act(self, request: Request) -> Response:
        """POST `/operators/accounts/N/ACT`."""
        fields = await self.submitted(request)
        number, name = (request.path_params[part] for part in ("number", "act"))
        field, said = "", ""
        try:
            if name in PLAIN:
                await self.do(request, PLAIN[name], number)
            elif name in WITH_WORDS:
                act, field = WITH_WORDS[name]
                said = fields.text(field)
                await self.do(request, act, number, said)
            else:
                raise NotFoundError("There is no such page.")
        except (InputError, RefusedError) as error:
            return await self._shown(
                request, errors=[problem(error, {"reason": field})], typed=said
            )
        return self.site.go(f"{self.home(request.path_params)}?done={name}")

    async def _shown(
        self,
        request: Request,
        *,
        done: str = "",
        errors: Sequence[FieldError] = (),
        typed: str = "",
    ) -> Response:
        seen, (there, past) = await self.read(request, _whole, request.path_params["number"])
        is_own = there.facts["sub"] == seen.who.actor
        may = acts.possible(there.facts, may_take_back=bool(past.disownable))
        return self.page(
            seen,
            "",
            "operators_account.html",
            errors=errors,
            done=DONE.get(done, ""),
            there=there,
            past=past,
            facts=there.facts,
            is_own=is_own,
            acts=set() if is_own else may,
            typed=typed,
            since=[
                (one.id, f"{disputes.WORDS[one.subject]}: {repudiation.in_words(one.at)}")
                for one in past.disownable
            ],
        )


def _nothing(_unit: Unit, _operator: Operator) -> None:
    return None


def _find(unit: Unit, _operator: Operator, words: str, after: str) -> Sequence[Account]:
    """Those that wait for a review, when nothing is looked for."""
    if not words:
        return finding.waiting(unit, limit=SHOWN)
    return finding.find(unit, words, after=after, limit=SHOWN + 1)


def _whole(unit: Unit, operator: Operator, number: str) -> tuple[SeenAccount, Past]:
    there = overview.seen(unit, operator.settings, number)
    return there, overview.past(unit, there.facts["sub"])
