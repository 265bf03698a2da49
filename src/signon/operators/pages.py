"""The console `/operators`: how the service stands, find an account, do what an operator may do."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import finding, passwords, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError
from signon.inviting.pages import InvitationPages
from signon.operators import acts, health, overview, sheets, standing, verdicts, words
from signon.operators.acts import DONE, PLAIN, WITH_WORDS, Operator
from signon.operators.client_invitations import INVITING
from signon.operators.health import Health, Overview
from signon.operators.overview import Past
from signon.operators.overview import Seen as SeenAccount
from signon.operators.registers import record_lines
from signon.operators.registers.pages import ServicePages
from signon.operators.registers.record_lines import Line
from signon.operators.standing import Standing
from signon.profile import disputes
from signon.searching.ranges import Found
from signon.signin import shell
from signon.signin.session import AAL2, Session
from signon.signin.shell import Section, Shell, SomeAct, problem
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.charts import Chart, Series
from signon.web.dates import moment_in
from signon.web.site import FieldError, Visit

Seen = shell.Seen[Operator]
SHOWN = 50
TRIES = 10
"""Sign-ins on an account's page."""
EXAMPLE = Chart(
    "Month",
    ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    [
        Series("Members", "c1", [40, 44, 44, 58, 71, 70]),
        Series("Invitations", "c3", [5, 0, 20, 18, 2, 0]),
    ],
)
"""On the page of the components."""


class OperatorConsole(Shell[Operator]):
    """For operators only; to everybody else who is signed in there is no such page."""

    path = "/operators"
    sections: Sequence[Section] = (
        Section("", "Overview and accounts"),
        Section("courts", "Courts"),
        Section("clients", "Clients"),
        Section("activity", "Activity"),
        Section("health", "Health"),
    )

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.site, wiring.database)
        self._ring = wiring.ring
        self._courts = wiring.courts
        if self.site.is_demo:
            self.sections = (*self.sections, Section("components", "Components"))

    def routes(self) -> list[Route]:
        """The search, and an account with its acts."""
        one = "/accounts/{number}"
        return [
            self.route("", self.search),
            self.route("/health", self.health),
            *([self.route("/components", self.components)] if self.site.is_demo else []),
            *ServicePages(self).routes(),
            *InvitationPages(
                self, INVITING, section="clients", frame="operators_console.html"
            ).routes(),
            self.route(one, self.show),
            self.route(f"{one}/{{act}}", self.act),
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
        text = asked.text("q")
        if not text:
            return await self._overview(request)
        seen, found = await self.read(request, _find, text, asked.text("after"))
        return self.page(
            seen,
            "",
            "operators_found.html",
            words=text,
            is_too_short=len(text) < finding.SHORTEST,
            found=[one.row for one in found[:SHOWN]],
            next_after=found[SHOWN - 1].after if len(found) > SHOWN else None,
        )

    async def _overview(self, request: Request) -> Response:
        courts = await self._courts.all()
        seen, stands = await self.read(request, _stands, courts)
        signed_in, refused = (sum(one.numbers) for one in stands.sign_ins.series)
        return self.page(
            seen,
            "",
            "operators.html",
            stands=stands,
            health=stands.health,
            changed=[_entry(one) for one in stands.changed],
            tried=signed_in + refused,
            share=f"{signed_in / (signed_in + refused):.1%}" if signed_in else "None yet",
        )

    async def health(self, request: Request) -> Response:
        """GET `/operators/health`: what `/metrics` tells, now and over a day, for people."""
        seen, (stands, now, drawn) = await self.read(request, _health)
        holds = request.app.state.standing.in_words()
        return self.page(
            seen,
            "health",
            "operators_health.html",
            health=stands,
            now=now,
            drawn=drawn,
            holds=holds,
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
            drawn=EXAMPLE,
        )

    async def show(self, request: Request) -> Response:
        """GET `/operators/accounts/N`: whether it can sign in, what it is, what happened."""
        courts = await self._courts.all()
        number = request.path_params["number"]
        seen, (there, past) = await self.read(request, _whole, number)
        may = self._may(seen, there, past)
        return self.page(
            seen,
            "",
            "operators_account.html",
            done=DONE.get(parameters.query(request).text("done"), ""),
            there=there,
            facts=there.facts,
            holder=words.holder(there.facts),
            about=words.about(there.facts),
            states=(words.STATUSES, words.SEARCH),
            verdict=verdicts.of(there, may),
            sheets=[(name, sheets.of(name, there.facts)) for name in sheets.SHEETS if name in may],
            is_own=there.facts["sub"] == seen.who.actor,
            changes=[(one, words.told(one, courts)) for one in past.changes],
            actors=past.actors,
            tries=words.tried(past.happened, courts)[:TRIES],
        )

    async def act(self, request: Request) -> Response:
        """GET `/operators/accounts/N/ACT`: what will happen; back where it is not possible now."""
        return await self._asked(request)

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
            return await self._asked(request, [problem(error, {"reason": field})], said)
        return self.site.go(f"{self.home(request.path_params)}?done={name}")

    async def _asked(
        self, request: Request, errors: Sequence[FieldError] = (), typed: str = ""
    ) -> Response:
        """The page of one act."""
        number, name = (request.path_params[part] for part in ("number", "act"))
        seen, (there, past) = await self.read(request, _whole, number)
        if name not in sheets.SHEETS or not (errors or name in self._may(seen, there, past)):
            return self.site.go(self.home(request.path_params))
        return self.page(
            seen,
            "",
            "operators_act.html",
            errors=errors,
            name=name,
            sheet=sheets.of(name, there.facts),
            field=WITH_WORDS[name][1] if name in WITH_WORDS else "",
            holder=words.holder(there.facts),
            number=number,
            typed=typed,
            since=[
                (one.id, f"{disputes.WORDS[one.subject]}: {repudiation.in_words(one.at)}")
                for one in past.disownable
            ]
            if name == acts.TAKE_BACK.name
            else [],
        )

    @staticmethod
    def _may(seen: Seen, there: SeenAccount, past: Past) -> set[str]:
        """The acts that are possible; none on one's own account."""
        if there.facts["sub"] == seen.who.actor:
            return set()
        return acts.possible(there.facts, may_take_back=bool(past.disownable))


GLYPHS = {"accounts": "person", "courts": "court", "clients": "external", "tokens": "key"}


def _entry(one: Line) -> tuple[str, str, str, Markup]:
    """An event as `ui.timeline` takes it."""
    below = [
        moment_in(one.at, None),
        f"by {record_lines.within(one.who)}",
        f"about {one.about}" if one.about and one.about != one.who else "",
        *(one.court, one.why),
    ]
    told = Markup(", ").join(part for part in below if part)
    return GLYPHS.get(one.source, "info"), "", f"{one.what}.", told


def _nothing(_unit: Unit, _operator: Operator) -> None:
    return None


def _find(unit: Unit, _operator: Operator, text: str, after: str) -> Sequence[Found[Account]]:
    return finding.find(unit, text, after=after, limit=SHOWN + 1)


def _health(
    unit: Unit, _operator: Operator
) -> tuple[Health, Standing, list[tuple[str, str, Chart]]]:
    # counting the sessions anew would cost each visit what it costs the job
    *_, now = standing.of_last_turns(unit) or [standing.look(unit)]
    return health.health(unit), now, standing.pictures(unit)


def _stands(unit: Unit, _operator: Operator, courts: Mapping[str, Court]) -> Overview:
    return health.overview(unit, courts)


def _whole(unit: Unit, operator: Operator, number: str) -> tuple[SeenAccount, Past]:
    there = overview.seen(unit, operator.settings, number)
    return there, overview.past(unit, there.facts["sub"])
