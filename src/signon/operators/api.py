"""`/api/v1/accounts`: the REST scope `admin` for accounts, by the rules of the console."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from starlette.routing import Route

from signon.accounts import directory, finding, history, own_data, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus, SearchStatus
from signon.db import Unit
from signon.operators import acts, overview
from signon.operators.acts import Act, Asked
from signon.tokens.api import Answer, Call, Caller, Operation, Rendered, Rest
from signon.tokens.bearer import insufficient_scope
from signon.web import preconditions
from signon.web.json_bodies import Body, Shown

SCOPE = ("admin",)


class AccountSummary(Shown):
    """An account in a list."""

    account_number: str
    sub: str
    account_type: AccountKind
    username: str
    name: str
    email: str
    status: AccountStatus
    upgraded: bool


class Accounts(Shown):
    """A page of accounts, by their numbers."""

    accounts: list[AccountSummary]


class AccountSeen(Shown):
    """An account as an operator sees it. `sessions` are those that live."""

    account_number: str
    sub: str
    kind: AccountKind
    username: str
    status: AccountStatus
    status_reason: str | None
    created_on: date
    upgraded_at: datetime | None
    search_status: SearchStatus
    search_status_reason: str | None
    email: str
    email_verified: bool
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    firm_name: str | None
    user_type: str | None
    date_of_birth: date | None
    frozen_at: datetime | None
    has_factor: bool
    factor_reset_due_at: datetime | None
    last_signed_in_at: datetime | None
    password_changed_at: datetime | None
    sessions: int
    password_guesses_left: int


class AccountChange(Shown):
    """One change, with the values before and after."""

    id: str
    at: datetime
    actor: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class AccountHistory(Shown):
    """The latest changes, newest first."""

    changes: list[AccountChange]


class Reason(Body):
    """Why."""

    reason: str


class Disowned(Body):
    """The first change that the holder did not make, by its id in the history."""

    change: str


class OperatorApi:
    """The accounts' part of the scope `admin`."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._means = acts.Means(rest.settings, rest.ring)

    def routes(self) -> list[Route]:
        """Everything below `/api/v1/accounts`."""
        one = "/accounts/{number}"
        return self._rest.routes(
            [
                Operation(
                    "GET", "/accounts", self.find_accounts, SCOPE, "Find accounts",
                    answer=Accounts, query=("q",), is_paged=True,
                ),
                Operation("GET", one, self.read_account, SCOPE, "An account", answer=AccountSeen),
                Operation(
                    "GET", f"{one}/history", self.read_account_history, SCOPE,
                    "What was changed of an account", answer=AccountHistory,
                ),
                self._act(Act.DISABLE, self.disable_account, "Close an account", body=Reason),
                self._act(Act.ENABLE, self.enable_account, "Open an account again"),
                self._act(Act.SIGN_OUT, self.sign_out_account, "End all sessions and grants"),
                self._act(Act.RECOVER, self.recover_account, "Mail a link to choose a password"),
                self._act(Act.RELEASE, self.release_account, "End a review hold"),
                self._act(Act.THAW, self.thaw_account, "Let an account be changed again"),
                self._act(
                    Act.TAKE_BACK, self.take_account_back,
                    "Undo what was changed since a change that its holder did not make",
                    body=Disowned,
                ),
                self._act(
                    Act.RESET_FACTORS, self.reset_account_factors,
                    "Have all second factors removed after a delay", body=Reason,
                ),
                self._act(
                    Act.KEEP_FACTORS, self.keep_account_factors, "Stop their removal"
                ),
                self._act(
                    Act.SEARCH_OFF, self.switch_search_off, "Make its search inactive", body=Reason
                ),
                self._act(Act.SEARCH_ON, self.switch_search_on, "Make its search active"),
            ]
        )  # fmt: skip

    @staticmethod
    def _act(act: Act, handler: Any, summary: str, body: type[Body] | None = None) -> Operation:
        return Operation(
            "POST",
            f"/accounts/{{number}}/{act}",
            handler,
            SCOPE,
            summary,
            body=body,
            answer=AccountSeen,
            changes_versions=True,
        )

    async def find_accounts(self, call: Call) -> Rendered:
        """By number, username, address or name; without `q` all of them."""
        return await call.read(_find, call)

    async def read_account(self, call: Call) -> Rendered:
        """One account."""
        return await call.read(self._seen, call.path_params["number"])

    async def read_account_history(self, call: Call) -> Rendered:
        """Its history."""
        return await call.read(_history, call.path_params["number"])

    async def disable_account(self, call: Call) -> Rendered:
        """Close it, with a reason."""
        return await self._do(call, Act.DISABLE, call.body(Reason).reason)

    async def enable_account(self, call: Call) -> Rendered:
        """Open it."""
        return await self._do(call, Act.ENABLE)

    async def sign_out_account(self, call: Call) -> Rendered:
        """End what it is signed in to."""
        return await self._do(call, Act.SIGN_OUT)

    async def recover_account(self, call: Call) -> Rendered:
        """Start a recovery."""
        return await self._do(call, Act.RECOVER)

    async def release_account(self, call: Call) -> Rendered:
        """End its review hold."""
        return await self._do(call, Act.RELEASE)

    async def thaw_account(self, call: Call) -> Rendered:
        """End its freeze."""
        return await self._do(call, Act.THAW)

    async def take_account_back(self, call: Call) -> Rendered:
        """Its holder is mailed a link to choose a password, at the address of before."""
        return await self._do(call, Act.TAKE_BACK, change=call.body(Disowned).change)

    async def reset_account_factors(self, call: Call) -> Rendered:
        """Its holder is told at once and can stop it until `factor_reset_due_at`."""
        return await self._do(call, Act.RESET_FACTORS, call.body(Reason).reason)

    async def keep_account_factors(self, call: Call) -> Rendered:
        """They stay as they are."""
        return await self._do(call, Act.KEEP_FACTORS)

    async def switch_search_off(self, call: Call) -> Rendered:
        """With a reason that its holder is shown."""
        return await self._do(call, Act.SEARCH_OFF, call.body(Reason).reason)

    async def switch_search_on(self, call: Call) -> Rendered:
        """Search again."""
        return await self._do(call, Act.SEARCH_ON)

    async def _do(self, call: Call, act: Act, reason: str = "", change: str = "") -> Rendered:
        return await call.write(self._done, call, act, reason, change)

    def _done(
        self, unit: Unit, caller: Caller, call: Call, act: Act, reason: str, change: str
    ) -> Answer:
        _require_operator(caller)
        number, if_match = call.path_params["number"], call.if_match
        if caller.account:
            repudiation.require_unfrozen(caller.account)
        if if_match is not None:
            there = directory.details(unit, number)
            preconditions.require_match(if_match, own_data.lock(unit, there["sub"]).version)
        acts.do(unit, self._means, act, Asked(number, caller.actor, reason, change))
        return self._seen(unit, caller, number)

    def _seen(self, unit: Unit, caller: Caller, number: str) -> Answer:
        _require_operator(caller)
        seen = overview.of(unit, self._rest.settings, number)
        shown = AccountSeen(
            **_plain(seen.facts), sessions=seen.sessions, password_guesses_left=seen.guesses_left
        )
        return Answer(shown, etag=own_data.find(unit, shown.sub).version)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in AccountSeen.model_fields if name in facts}


def _find(unit: Unit, caller: Caller, call: Call) -> Answer:
    _require_operator(caller)
    words, page = call.query.text("q"), call.page
    after, limit = page.after or "", page.look_ahead
    rows = (
        finding.find(unit, words, after=after, limit=limit)
        if words
        else directory.listed(unit, after=after, limit=limit)
    )
    found, cursor = page.cut(rows, lambda account: account.number)
    return Answer(Accounts(accounts=[_summary(one) for one in found]), next_cursor=cursor)


def _history(unit: Unit, caller: Caller, number: str) -> Answer:
    _require_operator(caller)
    changes = history.changes(unit, directory.details(unit, number)["sub"])
    return Answer(AccountHistory(changes=[AccountChange(**one.shown()) for one in changes]))


def _require_operator(caller: Caller) -> None:
    """The scope may be granted to anybody's program; what it opens is an operator's alone."""
    if caller.account is not None and caller.account.kind is not AccountKind.OPERATOR:
        raise insufficient_scope(SCOPE[0])
    if caller.court_id is not None or caller.firm_id is not None:
        raise insufficient_scope(SCOPE[0])


def _summary(account: Account) -> AccountSummary:
    return AccountSummary(
        account_number=account.number,
        sub=account.id,
        account_type=account.kind,
        username=account.username,
        name=account.display_name,
        email=account.email,
        status=account.status,
        upgraded=account.is_upgraded,
    )
