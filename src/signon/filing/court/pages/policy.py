"""The console's policy: what the court says of itself, which roles it gives and to whom."""

from collections.abc import Sequence
from dataclasses import replace

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
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

Values = dict[str, str | list[str] | None]
"""What the form holds, by field."""


class PolicySection:
    """Everybody of the staff sees it; administrators change it."""

    def __init__(self, console: Console, courts: CourtRegistry) -> None:
        self._console = console
        self._courts = courts

    def routes(self) -> list[Route]:
        """One page with one form."""
        route = self._console.route
        return [route("/policy", self.show), route("/policy", self.change, method="POST")]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/policy`."""
        done = parameters.query(request).text("done")
        return await self._page(request, done=policy_desk.CHANGE.done if done else "")

    async def change(self, request: Request) -> Response:
        """POST: the whole form."""
        fields = await self._console.submitted(request)
        court = await self._courts.get(request.path_params["court"])
        try:
            values = _sent(court, _typed(fields))
            seen, _ = await self._console.do(request, policy_desk.CHANGE, values)
        except InputError as error:
            return await self._page(request, [_by_label(problem(error))], fields)
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
            errors=errors,
            done=done,
            settings=SETTINGS,
            options={name: options(court, one) for name, one in SETTINGS.items()},
            values=_typed(typed) if typed else _said(court),
            may_change=seen.who.may(Power.POLICY),
        )


def _by_label(error: FieldError) -> FieldError:
    """A problem that begins with the setting's label, as it stands on the form."""
    assert error.field is not None
    name = error.field.replace("_", "-")
    return replace(error, message=error.message.replace(name, SETTINGS[error.field].label, 1))


def options(court: Court, setting: Setting) -> list[tuple[str, str]]:
    """What can be ticked or chosen, in words; the usual choice is first, as nothing said."""
    if setting.is_list:
        rows = court_policy.table(court, setting.kind)
        return [(name, row.label) for name, row in rows.items()]
    choices = setting.choices.items()
    words = [("" if one == setting.usual else one, label) for one, label in choices]
    return sorted(words, key=lambda pair: bool(pair[0]))


def _said(court: Court) -> Values:
    values = dict(policy_desk.kept(court))
    for name, one in SETTINGS.items():
        if values[name] is None or values[name] == one.usual:
            values[name] = policy_desk.usual(court, name) if one.is_list else ""
    return values


def _typed(fields: Parameters) -> Values:
    lists = fields.lists()
    return {
        name: lists.get(name, []) if one.is_list else fields.text(name).replace("\r\n", "\n")
        for name, one in SETTINGS.items()
    }


def _sent(court: Court, typed: Values) -> dict[str, str]:
    """As a policy keeps it."""
    return {
        name: policy_desk.ticked(court, name, value) if isinstance(value, list) else value or ""
        for name, value in typed.items()
    }
