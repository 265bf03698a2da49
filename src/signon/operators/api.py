"""`/api/v1/accounts`: the REST scope `admin` for accounts, by the rules of the console."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.types import DecoratedCallable
from pydantic import Field
from starlette.responses import Response

from signon.accounts import directory, finding, history, own_data, repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus, SearchStatus
from signon.config import Settings
from signon.db import Unit
from signon.operators import acts, overview
from signon.operators.acts import Act
from signon.rest import Answer, Call, Caller, declared, router
from signon.rest.parameters import IfMatch, Paged
from signon.tokens.bearer import insufficient_scope
from signon.web import preconditions
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page

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

    reason: str = Field(description="Why it is done, in a sentence.", examples=["Asked by phone."])


class Disowned(Body):
    """The first change that the holder did not make."""

    change: str = Field(
        description="Its id, as the account’s history has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    )


class AccountsAsked(Paged):
    """Which accounts."""

    q: str = Field(
        "",
        description="A number, a username, an e-mail address or the beginning of a name; all "
        "accounts without it.",
        examples=["1000001"],
    )


Number = Annotated[
    str, Path(description="The account’s number: seven digits.", examples=["1000001"])
]
operations = router("Accounts, for operators", *SCOPE)


def _act(act: Act, summary: str) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """How one of the acts is declared."""
    return operations.post(
        f"/accounts/{{number}}/{act}",
        response_model=AccountSeen,
        summary=summary,
        responses=declared.refusals("own_account"),
    )


@operations.get("/accounts", response_model=Accounts, summary="Find accounts")
async def find_accounts(call: Call, asked: Annotated[AccountsAsked, Query()]) -> Response:
    """By number, username, address or name, in the order of their numbers."""
    return await call.read(_find, asked.q, asked.page)


@operations.get("/accounts/{number}", response_model=AccountSeen, summary="An account")
async def read_account(call: Call, number: Number) -> Response:
    """Everything that an operator is shown of it, with its version as `ETag`."""
    return await call.read(_seen, number, call.rest.settings)


@operations.get(
    "/accounts/{number}/history",
    response_model=AccountHistory,
    summary="What was changed of an account",
)
async def read_account_history(call: Call, number: Number) -> Response:
    """The latest changes of it, newest first, with the values before and after."""
    return await call.read(_history, number)


@_act(Act.DISABLE, "Close an account")
async def disable_account(
    call: Call, number: Number, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Nobody signs in to it from now on; sessions, grants and tokens end at once."""
    return await _do(call, Act.DISABLE, number, if_match, reason=sent.reason)


@_act(Act.ENABLE, "Open an account again")
async def enable_account(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """What was ended when it was closed stays ended."""
    return await _do(call, Act.ENABLE, number, if_match)


@_act(Act.SIGN_OUT, "End all sessions and grants")
async def sign_out_account(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """The account stays open: its holder may sign in again."""
    return await _do(call, Act.SIGN_OUT, number, if_match)


@_act(Act.RECOVER, "Mail a link to choose a password")
async def recover_account(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """It goes to the address of the account; nobody else sees it."""
    return await _do(call, Act.RECOVER, number, if_match)


@_act(Act.RELEASE, "End a review hold")
async def release_account(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """The account may be used from now on."""
    return await _do(call, Act.RELEASE, number, if_match)


@_act(Act.THAW, "Let an account be changed again")
async def thaw_account(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """Its holder had said that a change was not theirs."""
    return await _do(call, Act.THAW, number, if_match)


@_act(Act.TAKE_BACK, "Undo what was changed since a change that its holder did not make")
async def take_account_back(
    call: Call, number: Number, sent: Disowned, if_match: IfMatch = None
) -> Response:
    """Its holder is mailed a link to choose a password, at the address of before."""
    return await _do(call, Act.TAKE_BACK, number, if_match, change=sent.change)


@_act(Act.RESET_FACTORS, "Have all second factors removed after a delay")
async def reset_account_factors(
    call: Call, number: Number, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Its holder is told at once and can stop it until `factor_reset_due_at`."""
    return await _do(call, Act.RESET_FACTORS, number, if_match, reason=sent.reason)


@_act(Act.KEEP_FACTORS, "Stop their removal")
async def keep_account_factors(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """The second factors stay as they are."""
    return await _do(call, Act.KEEP_FACTORS, number, if_match)


@_act(Act.SEARCH_OFF, "Make its search inactive")
async def switch_search_off(
    call: Call, number: Number, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Its holder is shown the reason."""
    return await _do(call, Act.SEARCH_OFF, number, if_match, reason=sent.reason)


@_act(Act.SEARCH_ON, "Make its search active")
async def switch_search_on(call: Call, number: Number, if_match: IfMatch = None) -> Response:
    """Whatever it was that made it inactive."""
    return await _do(call, Act.SEARCH_ON, number, if_match)


async def _do(
    call: Call, act: Act, number: str, if_match: str | None, *, reason: str = "", change: str = ""
) -> Response:
    means = acts.Means(call.rest.settings, call.rest.ring)
    return await call.write(_done, means, act, if_match, number, reason, change)


def _done(
    unit: Unit,
    caller: Caller,
    means: acts.Means,
    act: Act,
    if_match: str | None,
    number: str,
    *said: str,
) -> Answer:
    _require_operator(caller)
    if caller.account:
        repudiation.require_unfrozen(caller.account)
    if if_match is not None:
        there = directory.details(unit, number)
        preconditions.require_match(if_match, own_data.lock(unit, there["sub"]).version)
    acts.do(unit, means, act, acts.Asked(number, caller.actor, *said))
    return _seen(unit, caller, number, means.settings)


def _seen(unit: Unit, caller: Caller, number: str, settings: Settings) -> Answer:
    _require_operator(caller)
    seen = overview.of(unit, settings, number)
    shown = AccountSeen(
        **_plain(seen.facts), sessions=seen.sessions, password_guesses_left=seen.guesses_left
    )
    return Answer(shown, etag=own_data.find(unit, shown.sub).version)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in AccountSeen.model_fields if name in facts}


def _find(unit: Unit, caller: Caller, words: str, page: Page) -> Answer:
    _require_operator(caller)
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
