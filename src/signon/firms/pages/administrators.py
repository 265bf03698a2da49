"""The console's administrators and the firm's own programs; changing needs a recent sign-in."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import directory as accounts
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.firms import administrators, service_clients
from signon.firms.access import Authority
from signon.firms.administrators import Administrator
from signon.firms.pages.shell import Console, problems
from signon.firms.service_clients import SCOPES, ServiceClient, Wanted
from signon.web import parameters
from signon.web.site import FieldError

DONE = {
    "removed": "They do not manage the firm any longer.",
    "restored": "The firm’s own sign-in manages the firm again.",
    "ended": "The program is ended; what it was given is worth nothing.",
}
OVERLAP = timedelta(hours=24)


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
            seen, _ = await self._console.write(request, _remove, request.path_params["number"])
        except RefusedError as error:
            return await self._page(request, problems(error))
        return self._console.go(seen, "administrators?done=removed")

    async def restore(self, request: Request) -> Response:
        """POST: the firm's own sign-in again."""
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.write(request, _restore)
        except RefusedError as error:
            return await self._page(request, problems(error))
        return self._console.go(seen, "administrators?done=restored")

    async def create(self, request: Request) -> Response:
        """POST: a new program; its secret is on the answer's page and nowhere else."""
        fields = await self._console.submitted(request)
        name = fields.text("program_name")
        address = fields.text("jwks_uri") or None
        scopes = tuple(one for one in SCOPES if fields.get(_field(one)) is not None)
        wanted = Wanted(name, scopes, jwks_uri=address)
        try:
            _, (client, secret) = await self._console.write(
                request,
                service_clients.create,
                wanted,
                is_https=self._console.site.settings.is_https,
            )
        except (InputError, RefusedError) as error:
            wrong = [
                FieldError("program_name" if one.field == "name" else one.field, one.message)
                for one in problems(error)
            ]
            return await self._page(request, wrong, name=name)
        return await self._page(request, made=(client, secret))

    async def change(self, request: Request) -> Response:
        """POST: a new secret, or with `end` no program any more."""
        fields = await self._console.submitted(request)
        client_id, ends = request.path_params["client_id"], fields.get("end") is not None
        try:
            seen, made = await self._console.write(request, _change, client_id, ends)
        except RefusedError as error:
            return await self._page(request, problems(error))
        if made is None:
            return self._console.go(seen, "administrators?done=ended")
        return await self._page(request, made=made)

    async def _page(
        self,
        request: Request,
        errors: list[FieldError] | None = None,
        *,
        name: str = "",
        made: tuple[ServiceClient, str | None] | None = None,
    ) -> Response:
        seen, (found, programs) = await self._console.read(request, _listed)
        return self._console.page(
            seen,
            "administrators",
            "firm_administrators.html",
            errors=errors or (),
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


def _remove(unit: Unit, authority: Authority, number: str) -> None:
    authority.require_person()
    administrators.remove(unit, authority, number)


def _restore(unit: Unit, authority: Authority) -> None:
    authority.require_person()
    own = accounts.by_id(unit, authority.firm.id)
    assert own is not None
    administrators.restore_own_sign_in(unit, authority, own)


def _change(
    unit: Unit, authority: Authority, client_id: str, ends: bool
) -> tuple[ServiceClient, str] | None:
    client = service_clients.one(unit, authority, client_id)
    if ends:
        service_clients.disable(unit, authority, client)
        return None
    return client, service_clients.rotate(unit, authority, client, overlap=OVERLAP)
