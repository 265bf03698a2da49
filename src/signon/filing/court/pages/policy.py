"""The console's policy: what the court says of itself, which roles it gives and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.policy import SETTINGS
from signon.courts.registry import Court, CourtRegistry
from signon.courts.setting import Setting
from signon.errors import InputError
from signon.filing.court import court_policy, policy_desk
from signon.filing.court.desk import Power
from signon.filing.court.pages.shell import Console
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError


@dataclass(frozen=True, slots=True)
class FormField:
    """A setting on the form: what can be chosen, with its words, and what it holds now."""

    name: str
    setting: Setting
    options: Sequence[tuple[str, str]]
    value: str | list[str]


class PolicySection:
    """Everybody of the staff sees it; administrators change it."""

    def __init__(self, console: Console, courts: CourtRegistry) -> None:
        self._console = console
        self._courts = courts

    def routes(self) -> list[Route]:
        """One page."""
        route = self._console.route
        return [route("/policy", self.show), route("/policy", self.change, method="POST")]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/policy`."""
        done = parameters.query(request).text("done")
        return await self._page(request, done="The policy is saved." if done else "")

    async def change(self, request: Request) -> Response:
        """POST: the whole form."""
        fields = await self._console.submitted(request)
        court = await self._courts.get(request.path_params["court"])
        try:
            seen, _ = await self._console.write(
                request, Power.POLICY, policy_desk.change, _values(court, fields)
            )
        except InputError as error:
            return await self._page(request, [FieldError(error.field, error.sentence)], fields)
        self._courts.forget()
        return self._console.go(seen, "policy?done=1")

    async def _page(
        self,
        request: Request,
        errors: Sequence[FieldError] = (),
        typed: Parameters | None = None,
        *,
        done: str = "",
    ) -> Response:
        seen, court = await self._console.read(request, policy_desk.current)
        return self._console.page(
            seen,
            "policy",
            "court_policy.html",
            status=400 if errors else 200,
            errors=errors,
            done=done,
            fields=form_fields(court, typed),
            may_change=seen.desk.may(Power.POLICY),
        )


def form_fields(court: Court, typed: Parameters | None = None) -> list[FormField]:
    """Every setting as the court said it, or as somebody typed it."""
    said = policy_desk.kept(court)
    return [
        FormField(
            name,
            one,
            _options(court, one),
            _said(court, name, said[name]) if typed is None else _typed(name, typed),
        )
        for name, one in SETTINGS.items()
    ]


def _options(court: Court, setting: Setting) -> list[tuple[str, str]]:
    """The usual choice first, as nothing said."""
    if setting.is_list:
        rows = court_policy.table(court, setting.kind)
        return [(name, row.label) for name, row in rows.items()]
    choices = setting.choices.items()
    words = [("" if one == setting.usual else one, label) for one, label in choices]
    return sorted(words, key=lambda pair: bool(pair[0]))


def _said(court: Court, name: str, value: str | list[str] | None) -> str | list[str]:
    setting = SETTINGS[name]
    if setting.is_list:
        return policy_desk.usual(court, name) if value is None else value
    return "" if value is None or value == setting.usual else value


def _typed(name: str, fields: Parameters) -> str | list[str]:
    if SETTINGS[name].is_list:
        return fields.lists().get(name, [])
    return fields.text(name).replace("\r\n", "\n")


def _values(court: Court, fields: Parameters) -> dict[str, str]:
    typed = {name: _typed(name, fields) for name in SETTINGS}
    return {
        name: value if isinstance(value, str) else policy_desk.ticked(court, name, value)
        for name, value in typed.items()
    }
