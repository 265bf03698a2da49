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
from signon.accounts.own_data import OwnData
from signon.accounts.user_types import USER_TYPES
from signon.db import Unit
from signon.errors import InputError
from signon.profile import changes, client_code_rule, email_change, username_change
from signon.profile.changes import ADDRESS, PHONE, Asker, Changed, MeanwhileError
from signon.profile.pages.holder import ACCOUNT, Holder, field_errors
from signon.signin.session import Session
from signon.web import parameters
from signon.web.site import FieldError, Visit

Typed = Mapping[str, str]
Rule = Callable[[Unit, Asker, Typed], Changed | str]


@dataclass(frozen=True, slots=True)
class Form:
    """One subject's form. `is_sensitive`: the password is asked again after five minutes."""

    subject: str
    fields: Callable[[OwnData], Sequence[str]]
    rule: Rule
    is_sensitive: bool

    @property
    def path(self) -> str:
        """Its address below the account’s."""
        return f"{ACCOUNT}/{self.subject}"

    @property
    def template(self) -> str:
        """The template of its page."""
        return f"account_{self.subject.replace('-', '_')}.html"


def _saying(subject: str) -> Rule:
    def rule(unit: Unit, asker: Asker, typed: Typed) -> Changed:
        return changes.change(unit, asker, subject, typed)

    return rule


FORMS = (
    Form("name", changes.name_fields, _saying("name"), is_sensitive=True),
    Form("address", lambda _own: ADDRESS, _saying("address"), is_sensitive=False),
    Form("phone", lambda _own: PHONE, _saying("phone"), is_sensitive=False),
    Form(
        "email",
        lambda _own: ("email",),
        lambda unit, asker, typed: email_change.ask(unit, asker, typed["email"]),
        is_sensitive=True,
    ),
    Form(
        "username",
        lambda _own: ("username",),
        lambda unit, asker, typed: username_change.change_username(unit, asker, typed["username"]),
        is_sensitive=True,
    ),
)


def _client_code(rule_of: RuleOf) -> Form:
    def rule(unit: Unit, asker: Asker, typed: Typed) -> Changed:
        return client_code_rule.change_rule(
            unit,
            asker,
            rule_of,
            is_required=bool(typed["client_code_required"]),
            pattern=typed["client_code_pattern"],
        )

    return Form("client-code", lambda _own: client_code_rule.FIELDS, rule, is_sensitive=False)


class ChangePages:
    """One page for each form."""

    def __init__(self, holder: Holder, rule_of: RuleOf) -> None:
        self._forms = (*FORMS, _client_code(rule_of))
        self._holder = holder
        self._site = holder.site
        self._database = holder.database

    def routes(self) -> list[Route]:
        """GET and POST of each."""
        return [route for form in self._forms for route in self._routes(form)]

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
        return self._page(visit, session, form, own, typed)

    async def _save(self, request: Request, form: Form) -> Response:
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        session = await self._holder.session(visit)
        if session is None:
            return await self._holder.sign_in(form.path, fresh=form.is_sensitive)
        own = await self._database.read(own_data.find, session.account.id)
        typed = {name: fields.text(name) for name in form.fields(own)}
        if form.is_sensitive and not session.is_fresh(
            self._database.clock(), self._holder.settings
        ):
            return await self._holder.sign_in(
                form.path, fresh=True, account_id=session.account.id, typed=typed
            )
        if problems := changes.problems(form.subject, typed):
            return self._page(visit, session, form, own, typed, _named(problems), status=400)
        asker = Asker(
            session.account.id,
            self._holder.settings,
            session.proof,
            visit.source,
            fields.get("version") or "none",
        )
        act = self._holder.act_freshly if form.is_sensitive else self._holder.act
        try:
            done = await act(visit, _apply, form, asker, typed)
        except InputError as error:
            return self._page(visit, session, form, own, typed, _named([error]), status=400)
        except MeanwhileError as error:
            now = await self._database.read(own_data.find, session.account.id)
            return self._page(visit, session, form, now, typed, field_errors(error), status=409)
        if isinstance(done, str):
            return self._site.go(f"{ACCOUNT}?done=asked")
        return self._site.go(f"{ACCOUNT}?done={form.subject if done.fields else 'nothing'}")

    def _page(
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
            name: typed.get(name, _prefilled(form, own, name)) for name in form.fields(own)
        }
        return self._site.page(
            visit,
            form.template,
            status=status,
            errors=errors,
            account=session.account,
            own=own,
            values=values,
            version=own.version,
            user_types=list(USER_TYPES.items()),
            waits_days=self._waits_days(session),
        )

    def _waits_days(self, session: Session) -> int:
        now = self._database.clock()
        wait = email_changes.wait_for(self._holder.settings, session.proof, now)
        return -(-wait // timedelta(days=1))


def _apply(unit: Unit, session: Session, form: Form, asker: Asker, typed: Typed) -> Changed | str:
    """Whose account it is was looked at in a unit before: it is the same cookie's."""
    assert session.account.id == asker.account_id
    return form.rule(unit, asker, typed)


def _prefilled(form: Form, own: OwnData, name: str) -> str:
    """What stands there now; where something wholly new is wanted, nothing."""
    return "" if form.subject in {"email", "username"} else own.value(name) or ""


def _named(problems: Sequence[InputError]) -> list[FieldError]:
    return [FieldError(problem.field, problem.sentence) for problem in problems]
