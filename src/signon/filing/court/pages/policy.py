"""The console's policy: what the court says of itself, which roles it gives and to whom."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court, CourtRegistry
from signon.errors import InputError
from signon.filing.court import policy_desk
from signon.filing.court.desk import Power
from signon.filing.court.pages.shell import Console
from signon.filing.registration_types import REGISTRATION_TYPES
from signon.filing.roles import ROLES, of_court
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

TEXTS = (
    ("help_email", "Help desk’s e-mail address", "Public", "email"),
    ("help_phone", "Help desk’s phone", "Public, such as 619-555-0100", "tel"),
    ("training_url", "Training page", "An https address", "url"),
    ("epoc_url", "Electronic proof of claim (ePOC)", "An https address; needs no login", "url"),
    ("reset_url", "Where the court’s older logins get a new password", "An https address", "url"),
)
CHOICES = (
    (
        "redaction_notice",
        "Redaction notice",
        (("", "Shown by this service"), ("off", "Shown by the court’s own pages")),
    ),
    (
        "sign_in_level",
        "A sign-in from this court needs",
        (("", "What the service asks for"), ("aal2", "Two factors from everybody")),
    ),
    (
        "name_mismatch",
        "A login is linked under another name",
        (("", "Link it"), ("review", "Wait for the court’s review")),
    ),
    (
        "second_staff",
        "The role U.S. Trustee, imports, this policy and roles of the staff",
        (("", "One member of the staff is enough"), ("on", "A second member confirms")),
    ),
)
SAME = {
    "redaction_notice": "on",
    "sign_in_level": "aal1",
    "name_mismatch": "link",
    "second_staff": "off",
}
"""What a choice means when nothing was said."""


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
            texts=TEXTS,
            choices=CHOICES,
            lists=_lists(court),
            values=_shown(court, typed),
            may_change=seen.desk.may(Power.POLICY),
        )


def _values(court: Court, fields: Parameters) -> dict[str, str]:
    texts = {name: fields.text(name) for name, *_ in (*TEXTS, *CHOICES)}
    texts["contact_text"] = fields.text("contact_text").replace("\r\n", "\n")
    boxes = {
        name: policy_desk.ticked(court, name, fields.lists().get(name, []))
        for name in policy_desk.LISTS
    }
    return {**texts, **boxes}


def _lists(court: Court) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Groups of boxes: name, legend, hint, options."""
    roles = [(role.value, ROLES[role].label) for role in of_court(court.type)]
    types = [(kind.value, row.label) for kind, row in REGISTRATION_TYPES.items()]
    return [
        ("roles", "Roles that the court gives", "Nothing else can be asked for or given", roles),
        ("registrations", "What people may register for", "", types),
        ("training", "Roles that need a certificate", "Before the right is in force", roles),
    ]


def _shown(court: Court, typed: Parameters | None) -> dict[str, Any]:
    names = [*(name for name, *_ in (*TEXTS, *CHOICES)), "contact_text"]
    if typed is not None:
        boxes = {name: typed.lists().get(name, []) for name in policy_desk.LISTS}
        return {**{name: typed.text(name) for name in names}, **boxes}
    kept = policy_desk.kept(court)
    values: dict[str, Any] = {name: kept[name] or "" for name in names}
    values |= {name: "" for name, usual in SAME.items() if values[name] == usual}
    for name in policy_desk.LISTS:
        said = kept[name]
        values[name] = policy_desk.usual(court, name) if said is None else said
    return values
