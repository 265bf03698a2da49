"""The console's administrators and the firm's own programs; changing needs a recent sign-in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError, SignonError
from signon.firms import administrators, service_clients
from signon.firms.access import Authority
from signon.firms.administrators import Administrator
from signon.firms.pages.shell import Console
from signon.firms.service_clients import SCOPES, Made, NewFirmClient, SecretRenewal, ServiceClient
from signon.signin.shell import problem
from signon.web import parameters

DONE = {
    act.name: act.done
    for act in (administrators.REMOVE, administrators.RESTORE, service_clients.END)
}


class AdministratorsSection:
    """Who and what may act for the firm."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """One page with its forms."""
        route = self._console.route
        return [
            route("/administrators", self.show),
            route("/administrators/own-sign-in", self.show),
            route("/administrators/own-sign-in", self.restore, method="POST"),
            route("/administrators/programs", self.show),
            route("/administrators/programs", self.create, method="POST"),
            route("/administrators/programs/{client_id}", self.show),
            route("/administrators/programs/{client_id}", self.change, method="POST"),
            route("/administrators/{number}", self.show),
            route("/administrators/{number}", self.remove, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/firm/N/administrators`."""
        return await self._page(request)

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
            return await self._page(request, error, name=wanted.name)
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

    async def _page(
        self,
        request: Request,
        refused: SignonError | None = None,
        *,
        name: str = "",
        made: Made | None = None,
    ) -> Response:
        seen, (found, programs) = await self._console.read(request, _listed)
        return self._console.page(
            seen,
            "administrators",
            "firm_administrators.html",
            errors=[problem(refused, {"name": "program_name"})] if refused else (),
            done=DONE.get(parameters.query(request).text("done"), ""),
            administrators=found,
            programs=programs,
            scopes=[(one, _field(one)) for one in SCOPES],
            name=name,
            made=made,
        )


def _field(scope: str) -> str:
    return scope.replace(":", "_")


def _listed(unit: Unit, authority: Authority) -> tuple[list[Administrator], list[ServiceClient]]:
    return administrators.listed(unit, authority), service_clients.listed(unit, authority)
