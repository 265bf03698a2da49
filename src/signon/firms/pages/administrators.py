"""The console's administrators and the firm's own programs; changing needs a recent sign-in."""

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError, SignonError
from signon.firms import administrators, service_clients, words
from signon.firms.access import Authority
from signon.firms.administrators import Administrator
from signon.firms.pages.asking import Question, ask
from signon.firms.pages.shell import Console
from signon.firms.service_clients import SCOPES, Made, NewFirmClient, SecretRenewal, ServiceClient
from signon.signin.shell import problem
from signon.web import parameters

DONE = {
    act.name: act.done
    for act in (administrators.REMOVE, administrators.RESTORE, service_clients.END)
}


class _Back(TypedDict):
    back: str
    where: str


BACK: _Back = {"back": "administrators", "where": "Administrators and programs"}


class AdministratorsSection:
    """Who and what may act for the firm."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The lists, and a page for each act."""
        route = self._console.route
        return [
            route("/administrators", self.show),
            route("/administrators/own-sign-in", self.ask_to_restore),
            route("/administrators/own-sign-in", self.restore, method="POST"),
            route("/administrators/programs", self.new),
            route("/administrators/programs", self.create, method="POST"),
            route("/administrators/programs/{client_id}", self.ask_to_change),
            route("/administrators/programs/{client_id}", self.change, method="POST"),
            route("/administrators/{number}", self.ask_to_remove),
            route("/administrators/{number}", self.remove, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/firm/N/administrators`."""
        return await self._page(request)

    async def ask_to_remove(self, request: Request) -> Response:
        """GET `/firm/N/administrators/A`: what will happen."""
        number = request.path_params["number"]
        seen, (found, _) = await self._console.read(request, _listed)
        name = next((one.account.display_name for one in found if one.account.number == number), "")
        if not name:
            return self._console.go(seen, "administrators")
        question = Question(
            title=f"Take {name} off the list?",
            button="remove",
            label="Take off the list",
            effects=(
                ("stop", "At once", "This account does not manage the firm any longer."),
                ("check", "The account stays", "With its own searching and filing as they are."),
                ("clock", "It is written down", "In the firm’s activity, with your name."),
            ),
            keep="Keep the administrator",
            **BACK,
        )
        return ask(self._console, seen, "administrators", question)

    async def ask_to_restore(self, request: Request) -> Response:
        """GET `/firm/N/administrators/own-sign-in`: what will happen."""
        seen, _ = await self._console.read(request, _listed)
        question = Question(
            title="Let the firm’s own sign-in manage again?",
            button="restore",
            label="Let it manage again",
            effects=(
                ("check", "At once", "Whoever signs in as the firm manages its members."),
                ("shield", "A second factor is needed", "As for every administrator."),
            ),
            takes_away=False,
            **BACK,
        )
        return ask(self._console, seen, "administrators", question)

    async def new(self, request: Request) -> Response:
        """GET `/firm/N/administrators/programs`: the form of a new one."""
        return await self._form(request)

    async def ask_to_change(self, request: Request) -> Response:
        """GET `/firm/N/administrators/programs/P`: a new secret, or with `?end=1` its end."""
        client_id = request.path_params["client_id"]
        seen, there = await self._console.read(request, service_clients.one, client_id)
        is_end = bool(parameters.query(request).text("end"))
        question = _ending(there) if is_end else _renewing(there)
        return ask(self._console, seen, "administrators", question)

    async def remove(self, request: Request) -> Response:
        """POST: one less."""
        await self._console.submitted(request)
        try:
            act, number = administrators.REMOVE, request.path_params["number"]
            seen, _ = await self._console.do(request, act, number)
        except RefusedError as error:
            return await self._page(request, error)
        return self._console.go(seen, f"administrators?done={act.name}")

    async def restore(self, request: Request) -> Response:
        """POST: the firm's own sign-in again."""
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(request, administrators.RESTORE)
        except RefusedError as error:
            return await self._page(request, error)
        return self._console.go(seen, f"administrators?done={administrators.RESTORE.name}")

    async def create(self, request: Request) -> Response:
        """POST: a new program; its secret is on the answer's page and nowhere else."""
        fields = await self._console.submitted(request)
        wanted = NewFirmClient(
            name=fields.text("program_name"),
            scopes=[one for one in SCOPES if fields.get(_field(one)) is not None],
            jwks_uri=fields.text("jwks_uri") or None,
        )
        is_https = self._console.settings.is_https
        try:
            _, made = await self._console.do(
                request, service_clients.CREATE, wanted, is_https=is_https
            )
        except (InputError, RefusedError) as error:
            return await self._form(request, error, name=wanted.name)
        return await self._page(request, made=made)

    async def change(self, request: Request) -> Response:
        """POST: a new secret, or with `end` no program any more."""
        fields = await self._console.submitted(request)
        client_id = request.path_params["client_id"]
        try:
            if fields.get("end") is not None:
                seen, _ = await self._console.do(request, service_clients.END, client_id)
                return self._console.go(seen, f"administrators?done={service_clients.END.name}")
            again = SecretRenewal()
            _, made = await self._console.do(request, service_clients.RENEW, client_id, again)
        except RefusedError as error:
            return await self._page(request, error)
        return await self._page(request, made=made)

    async def _form(
        self, request: Request, refused: SignonError | None = None, *, name: str = ""
    ) -> Response:
        seen, _ = await self._console.read(request, _listed)
        return self._console.page(
            seen,
            "administrators",
            "firm_program.html",
            errors=[problem(refused, {"name": "program_name"})] if refused else (),
            scopes=[(_field(one), words.MAY[one]) for one in SCOPES],
            name=name,
        )

    async def _page(
        self, request: Request, refused: SignonError | None = None, made: Made | None = None
    ) -> Response:
        seen, (found, programs) = await self._console.read(request, _listed)
        return self._console.page(
            seen,
            "administrators",
            "firm_administrators.html",
            errors=[problem(refused)] if refused else (),
            done=DONE.get(parameters.query(request).text("done"), ""),
            administrators=found,
            programs=[(one, [words.MAY[scope] for scope in one.scopes]) for one in programs],
            made=made,
        )


def _ending(there: ServiceClient) -> Question:
    return Question(
        title=f"End the program {there.name}?",
        button="end",
        label="End the program",
        effects=(
            ("stop", "At once", "What it was given is worth nothing, and it gets nothing more."),
            ("warning", "It cannot be undone", "A new program has another client id."),
        ),
        keep="Keep the program",
        **BACK,
    )


def _renewing(there: ServiceClient) -> Question:
    return Question(
        title=f"Make a new secret for {there.name}?",
        button="renew",
        label="Make a new secret",
        effects=(
            ("key", "At once", "The new secret is shown once, on the next page."),
            ("clock", "The old one", "Works for another while, so that you can change it."),
        ),
        keep="Keep the old secret",
        takes_away=False,
        **BACK,
    )


def _field(scope: str) -> str:
    return scope.replace(":", "_")


def _listed(unit: Unit, authority: Authority) -> tuple[list[Administrator], list[ServiceClient]]:
    return administrators.listed(unit, authority), service_clients.listed(unit, authority)
