"""`/api/v1/accounts`: the REST scope `admin` for accounts, by the rules of the console."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Query
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
from signon.rest.parameters import AccountNumber, IfMatch, Paged
from signon.rest.values import Day, Email, Id, Number, SignInName, Sub, When
from signon.tokens.bearer import insufficient_scope
from signon.web import preconditions
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page

SCOPE = ("admin",)


class AccountSummary(Shown):
    """An account in a list."""

    account_number: Number
    sub: Sub
    account_type: AccountKind
    """What the account is for."""
    username: SignInName
    """The name that its holder signs in with."""
    name: str
    """The holder’s name for people: a person’s or a firm’s."""
    email: Email
    """Address that mails of the service go to."""
    status: AccountStatus
    """Whether it may be used at all: `held` waits for a review, `disabled` is closed."""
    upgraded: bool
    """Whether it is an upgraded account; a legacy one cannot hold filing rights."""


class Accounts(Shown):
    """A page of accounts, by their numbers."""

    accounts: list[AccountSummary]
    """Accounts of this page, by their numbers."""


class AccountSeen(Shown):
    """An account as an operator sees it."""

    account_number: Number
    sub: Sub
    kind: AccountKind
    """What the account is for."""
    username: SignInName
    """The name that its holder signs in with."""
    status: AccountStatus
    """Whether it may be used at all: `held` waits for a review, `disabled` is closed."""
    status_reason: str | None
    """Why it is held or was closed; null when nothing was said."""
    created_on: Day
    """Day on which the account was made."""
    upgraded_at: When | None
    """When it became an upgraded account; null while it is a legacy one."""
    search_status: SearchStatus
    """Whether cases may be searched with it; filing does not depend on it."""
    search_status_reason: str | None
    """Why the search is inactive; null while it is active or nothing was said."""
    email: Email
    """Address that mails of the service go to."""
    email_verified: bool
    """Whether a mailed link has shown that the address is the holder’s."""
    first_name: str | None
    """First name of a person; null for a firm’s account."""
    middle_name: str | None
    """Middle name or names; null when there is none."""
    last_name: str | None
    """Last name of a person; null for a firm’s account."""
    firm_name: str | None
    """Name of the firm, for a firm’s account; null for a person’s."""
    user_type: str | None
    """What the account is used for, as registering asks it (`attorney`, `media`, …); null when it
    was never said.
    """
    date_of_birth: date | None
    """Date of birth, as registering asked it; null when none is kept."""
    frozen_at: When | None
    """Since when nothing of it can be changed, because somebody who reads its mail said that a
    change was not the holder’s; null when it can.
    """
    has_factor: bool
    """Whether it has an authenticator app or a passkey."""
    factor_reset_due_at: When | None
    """When its second factors will be removed, unless that is stopped; null when no removal
    waits.
    """
    last_signed_in_at: When | None
    """When its holder last signed in; null when nobody has yet."""
    password_changed_at: When | None
    """When the password was last chosen; null when none was chosen here yet."""
    sessions: int
    """How many of its sessions live."""
    password_guesses_left: int
    """How many wrong passwords remain until the password no longer counts; 0 when it does not."""


class AccountChange(Shown):
    """One change, with the values before and after."""

    id: Id
    """The change’s id; `take-back` wants it."""
    at: When
    """When it was changed."""
    actor: str
    """Who changed it: the `sub` of an account, a client id, `system` or `command_line`."""
    subject: str
    """What was changed, such as `name`, `email` or `username`."""
    before: dict[str, Any]
    """Fields that changed, with their values before."""
    after: dict[str, Any]
    """The same fields with their values afterwards."""


class AccountHistory(Shown):
    """The latest changes, newest first."""

    changes: list[AccountChange]
    """The latest changes, newest first."""


class Reason(Body):
    """Why an operator does it."""

    reason: str = Field(examples=["Asked by phone."])
    """Why it is done, in a sentence."""


class Disowned(Body):
    """The first change that the holder did not make."""

    change: str = Field(examples=["fr6flb775s4ox65xjpqan6szia"])
    """Its id, as the account’s history has it."""


class AccountsAsked(Paged):
    """Which accounts are asked for."""

    q: str = Field("", examples=["1000001"])
    """A number, a username, an e-mail address or the beginning of a name; all accounts without
    it.
    """


operations = router("Accounts, for operators", *SCOPE)


def _act(act: Act, summary: str, *reasons: str) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """How one of the acts is declared."""
    return operations.post(
        f"/accounts/{{number}}/{act}",
        response_model=AccountSeen,
        summary=summary,
        responses=declared.refusals("own_account", "frozen", *reasons),
    )


@operations.get("/accounts", response_model=Accounts, summary="Find accounts")
async def find_accounts(call: Call, asked: Annotated[AccountsAsked, Query()]) -> Response:
    """By number, username, address or name, in the order of their numbers."""
    return await call.read(_find, asked.q, asked.page)


@operations.get("/accounts/{number}", response_model=AccountSeen, summary="An account")
async def read_account(call: Call, number: AccountNumber) -> Response:
    """Everything that an operator is shown of it, with its version as `ETag`."""
    return await call.read(_seen, number, call.rest.settings)


@operations.get(
    "/accounts/{number}/history",
    response_model=AccountHistory,
    summary="What was changed of an account",
)
async def read_account_history(call: Call, number: AccountNumber) -> Response:
    """The latest changes of it, newest first, with the values before and after."""
    return await call.read(_history, number)


@_act(Act.DISABLE, "Close an account", "already_disabled")
async def disable_account(
    call: Call, number: AccountNumber, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Nobody signs in to it from now on; sessions, grants and tokens end at once."""
    return await _do(call, Act.DISABLE, number, if_match, reason=sent.reason)


@_act(Act.ENABLE, "Open an account again")
async def enable_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """What was ended when it was closed stays ended."""
    return await _do(call, Act.ENABLE, number, if_match)


@_act(Act.SIGN_OUT, "End all sessions and grants")
async def sign_out_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """The account stays open: its holder may sign in again."""
    return await _do(call, Act.SIGN_OUT, number, if_match)


@_act(Act.RECOVER, "Mail a link to choose a password", "not_recoverable")
async def recover_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """It goes to the address of the account; nobody else sees it."""
    return await _do(call, Act.RECOVER, number, if_match)


@_act(Act.RELEASE, "End a review hold", "not_held")
async def release_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """The account may be used from now on."""
    return await _do(call, Act.RELEASE, number, if_match)


@_act(Act.THAW, "Let an account be changed again", "not_frozen")
async def thaw_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """Its holder had said that a change was not theirs."""
    return await _do(call, Act.THAW, number, if_match)


@_act(
    Act.TAKE_BACK,
    "Undo what was changed since a change that its holder did not make",
    "no_such_change",
)
async def take_account_back(
    call: Call, number: AccountNumber, sent: Disowned, if_match: IfMatch = None
) -> Response:
    """Its holder is mailed a link to choose a password, at the address of before."""
    return await _do(call, Act.TAKE_BACK, number, if_match, change=sent.change)


@_act(
    Act.RESET_FACTORS,
    "Have all second factors removed after a delay",
    *("reset_pending", "no_factor", "not_active"),
)
async def reset_account_factors(
    call: Call, number: AccountNumber, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Its holder is told at once and can stop it until `factor_reset_due_at`."""
    return await _do(call, Act.RESET_FACTORS, number, if_match, reason=sent.reason)


@_act(Act.KEEP_FACTORS, "Stop their removal", "no_reset")
async def keep_account_factors(
    call: Call, number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """The second factors stay as they are."""
    return await _do(call, Act.KEEP_FACTORS, number, if_match)


@_act(Act.SEARCH_OFF, "Make its search inactive", "does_not_search", "search_unchanged")
async def switch_search_off(
    call: Call, number: AccountNumber, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Its holder is shown the reason."""
    return await _do(call, Act.SEARCH_OFF, number, if_match, reason=sent.reason)


@_act(Act.SEARCH_ON, "Make its search active", "does_not_search", "search_unchanged")
async def switch_search_on(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
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
