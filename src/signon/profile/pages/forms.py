"""The forms for name, address, phone, e-mail, username and client codes: one way for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import email_changes, own_data
from signon.accounts.client_codes import RuleOf
from signon.accounts.directory import Account
from signon.accounts.own_data import OwnData
from signon.accounts.places import country_name
from signon.accounts.user_types import USER_TYPES
from signon.courts.registry import CourtRegistry
from signon.errors import InputError
from signon.filing.rights import own_rights
from signon.profile import changes, client_code_rule, patching
from signon.profile.changes import ADDRESS, PHONE, MeanwhileError
from signon.profile.pages.holder import ACCOUNT, SECURITY, Holder, field_errors
from signon.profile.patching import AddressPatch, ClientCodeRulePatch, MePatch
from signon.signin.session import Session
from signon.web import parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

Typed = Mapping[str, str]


def _as_they_stand(typed: Typed) -> MePatch:
    return MePatch.model_validate(typed)


def _address(typed: Typed) -> MePatch:
    return MePatch(address=AddressPatch(**typed))


def _client_code(typed: Typed) -> MePatch:
    required, pattern = (typed[name] for name in client_code_rule.FIELDS)
    rule = ClientCodeRulePatch(required=bool(required), pattern=pattern)
    return MePatch(client_code_rule=rule)


@dataclass(frozen=True, slots=True)
class Form:
    """One subject's form: `wanted` is what it asks for. `is_sensitive`: the password is asked again
    after five minutes.
    """

    subject: str
    fields: Callable[[Account], Sequence[str]]
    done: str
    wanted: Callable[[Typed], MePatch] = _as_they_stand
    is_sensitive: bool = False

    @property
    def path(self) -> str:
        """Its address below the account’s."""
        return f"{ACCOUNT}/{self.subject}"

    @property
    def part(self) -> str:
        """The part of the account that its value stands on."""
        return SECURITY if self.subject in {"email", "username", "client-code"} else ACCOUNT

    @property
    def template(self) -> str:
        """The template of its page."""
        return f"account_{self.subject.replace('-', '_')}.html"


FORMS = (
    Form("name", changes.name_fields, _("Your name is changed."), is_sensitive=True),
    Form("address", lambda _: ADDRESS, _("Your postal address is changed."), _address),
    Form("phone", lambda _: PHONE, _("Your phone number is changed.")),
    Form(
        "email",
        lambda _: ("email",),
        _(
            "A mail is on its way to the new address. It changes when you press the button that its "
            "link leads to."
        ),
        is_sensitive=True,
    ),
    Form(
        "username",
        lambda _: ("username",),
        _("Your username is changed. Use the new one from now on."),
        is_sensitive=True,
    ),
    Form(
        "client-code",
        lambda _: client_code_rule.FIELDS,
        _("The rule for your client codes is changed. Your next sign-in follows it."),
        _client_code,
    ),
)
SAID = {"email": "asked"}
"""What the address says of a form that was done, where it is not the subject."""
DONE = {SAID.get(form.subject, form.subject): form.done for form in FORMS} | {
    "nothing": _("Nothing was different, so nothing was changed.")
}


class ChangePages:
    """One page for each form."""

    def __init__(self, holder: Holder, courts: CourtRegistry, rule_of: RuleOf) -> None:
        self._rule_of = rule_of
        self._courts = courts
        self._holder = holder
        self._site = holder.site
        self._database = holder.database

    def routes(self) -> list[Route]:
        """GET and POST of each."""
        return [route for form in FORMS for route in self._routes(form)]

    def _routes(self, form: Form) -> list[Route]:
        async def ask(request: Request) -> Response:
            return await self._ask(request, form)

        async def save(request: Request) -> Response:
            return await self._save(request, form)

        return [
            Route(form.path, ask, methods=["GET"]),
            self._holder.changing(form.path, save, back=form.path),
        ]

    async def _ask(self, request: Request, form: Form) -> Response:
        visit = self._site.visit(request)
        handle = parameters.query(request).get("typed")
        session = await self._holder.session(visit, fresh=form.is_sensitive)
        if session is None:
            back = f"{form.path}?typed={handle}" if handle and handle.isalnum() else form.path
            return await self._holder.sign_in(back, fresh=form.is_sensitive)
        own = await self._database.read(own_data.find, session.account.id)
        if refusal := changes.refuse(own):
            return self._holder.refused(visit, session, refusal)
        typed = await self._holder.typed(session, handle)
        return await self._page(visit, session, form, own, typed)

    async def _save(self, request: Request, form: Form) -> Response:
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        session = await self._holder.session(visit)
        if session is None:
            return await self._holder.sign_in(form.path, fresh=form.is_sensitive)
        own = await self._database.read(own_data.find, session.account.id)
        typed = {name: fields.text(name) for name in form.fields(own.account)}
        if form.is_sensitive and not session.is_fresh(
            self._database.clock(), self._holder.settings
        ):
            return await self._holder.sign_in(
                form.path, fresh=True, account_id=session.account.id, typed=typed
            )
        if problems := changes.problems(form.subject, typed):
            return await self._page(visit, session, form, own, typed, _named(problems), status=400)
        wanted = form.wanted(typed)
        act, version = patching.act_for(wanted), fields.get("version") or "none"
        try:
            _unused, done = await self._holder.own.do(request, act, self._rule_of, wanted, version)
        except InputError as error:
            return await self._page(visit, session, form, own, typed, _named([error]), status=400)
        except MeanwhileError as error:
            now = await self._database.read(own_data.find, session.account.id)
            return await self._page(
                visit, session, form, now, typed, field_errors(error), status=409
            )
        said = SAID.get(form.subject, form.subject) if done.is_new else "nothing"
        return self._site.go(f"{form.part}?done={said}")

    async def _page(
        self,
        visit: Visit,
        session: Session,
        form: Form,
        own: OwnData,
        typed: Typed,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
    ) -> Response:
        values: dict[str, Any] = {
            name: typed.get(name, _prefilled(form, own, name)) for name in form.fields(own.account)
        }
        courts = await self._courts.all()
        readers = await self._database.read(own_rights.courts_of, own.account.id, courts)
        return self._site.page(
            visit,
            form.template,
            status=status,
            errors=errors,
            account=session.account,
            own=own,
            readers=readers,
            values=values,
            version=own.version,
            user_types=list(USER_TYPES.items()),
            waits_days=self._waits_days(session),
        )

    def _waits_days(self, session: Session) -> int:
        now = self._database.clock()
        wait = email_changes.wait_for(self._holder.settings, session.proof, now)
        return -(-wait // timedelta(days=1))


def _prefilled(form: Form, own: OwnData, name: str) -> str:
    """What stands there now; where something wholly new is wanted, nothing."""
    if form.subject in {"email", "username"}:
        return ""
    value = own.value(name) or ""
    return country_name(value or "US") or "" if name == "country" else value


def _named(problems: Sequence[InputError]) -> list[FieldError]:
    return [FieldError(problem.field, problem.sentence) for problem in problems]
