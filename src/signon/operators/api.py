"""`/api/v1/accounts`: the REST scope `admin` for accounts, by the rules of the console."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from fastapi.types import DecoratedCallable
from pydantic import Field
from starlette.responses import Response

from signon.accounts import directory, finding, history
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus, SearchStatus
from signon.db import Unit
from signon.operators import acts, overview
from signon.operators.acts import Operator
from signon.operators.overview import Seen
from signon.rest import Answer, Call, Caller, declared, router
from signon.rest.at import At, SomeAct
from signon.rest.parameters import AccountNumber, IfMatch, Paged
from signon.rest.values import Day, Email, Id, Number, SignInName, Sub, When
from signon.searching.ranges import Found
from signon.tokens.bearer import insufficient_scope
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


class AtOperators(At[Operator]):
    """A call of an operator, or of a program that is bound to no court and no firm."""

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Operator] | None) -> Operator:
        """The operator. Raises BearerError: the scope may be granted to anybody's program; what it
        opens is an operator's alone.
        """
        is_other = caller.account and caller.account.kind is not AccountKind.OPERATOR
        if is_other or caller.court_id is not None or caller.firm_id is not None:
            raise insufficient_scope(SCOPE[0])
        rest = self.call.rest
        return Operator(caller.actor, caller.account, rest.settings, rest.ring)

    def permit(self, who: Operator, act: SomeAct[Operator] | None) -> None:
        """Raises as `Operator.permit` does."""
        who.permit(act)


operations = router("Accounts, for operators", *SCOPE)


def _act(
    act: SomeAct[Operator], summary: str, *reasons: str
) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """How one of the acts is declared."""
    return operations.post(
        f"/accounts/{{number}}/{act.name}",
        response_model=AccountSeen,
        summary=summary,
        responses=declared.refusals("own_account", "frozen", *reasons),
    )


def _when(call: Call, number: str, if_match: str | None) -> AtOperators:
    """Where an act is done, while the account has the version that was seen."""
    return AtOperators(call).when(if_match, acts.version, number)


@operations.get("/accounts", response_model=Accounts, summary="Find accounts")
async def find_accounts(call: Call, asked: Annotated[AccountsAsked, Query()]) -> Response:
    """Whose number, username, address or whole name that is, by their numbers; else those of whom a
    word of the name begins so, else the username or address, in that order.
    """
    return await AtOperators(call).read(_find, asked.q, asked.page)


@operations.get("/accounts/{number}", response_model=AccountSeen, summary="An account")
async def read_account(call: Call, number: AccountNumber) -> Response:
    """Everything that an operator is shown of it, with its version as `ETag`."""
    return await AtOperators(call).read(_read, number)


@operations.get(
    "/accounts/{number}/history",
    response_model=AccountHistory,
    summary="What was changed of an account",
)
async def read_account_history(call: Call, number: AccountNumber) -> Response:
    """The latest changes of it, newest first, with the values before and after."""
    return await AtOperators(call).read(_history, number)


@_act(acts.DISABLE, "Close an account", "already_disabled")
async def disable_account(
    call: Call, number: AccountNumber, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Nobody signs in to it from now on; sessions, grants and tokens end at once."""
    return await _when(call, number, if_match).do(acts.DISABLE, _answer, number, sent.reason)


@_act(acts.ENABLE, "Open an account again")
async def enable_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """What was ended when it was closed stays ended."""
    return await _when(call, number, if_match).do(acts.ENABLE, _answer, number)


@_act(acts.SIGN_OUT, "End all sessions and grants")
async def sign_out_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """The account stays open: its holder may sign in again."""
    return await _when(call, number, if_match).do(acts.SIGN_OUT, _answer, number)


@_act(acts.RECOVER, "Mail a link to choose a password", "not_recoverable")
async def recover_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """It goes to the address of the account; nobody else sees it."""
    return await _when(call, number, if_match).do(acts.RECOVER, _answer, number)


@_act(acts.RELEASE, "End a review hold", "not_held")
async def release_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """The account may be used from now on."""
    return await _when(call, number, if_match).do(acts.RELEASE, _answer, number)


@_act(acts.THAW, "Let an account be changed again", "not_frozen")
async def thaw_account(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """Its holder had said that a change was not theirs."""
    return await _when(call, number, if_match).do(acts.THAW, _answer, number)


@_act(
    acts.TAKE_BACK,
    "Undo what was changed since a change that its holder did not make",
    "no_such_change",
)
async def take_account_back(
    call: Call, number: AccountNumber, sent: Disowned, if_match: IfMatch = None
) -> Response:
    """Its holder is mailed a link to choose a password, at the address of before."""
    return await _when(call, number, if_match).do(acts.TAKE_BACK, _answer, number, sent.change)


@_act(
    acts.RESET_FACTORS,
    "Have all second factors removed after a delay",
    *("reset_pending", "no_factor", "not_active"),
)
async def reset_account_factors(
    call: Call, number: AccountNumber, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Its holder is told at once and can stop it until `factor_reset_due_at`."""
    return await _when(call, number, if_match).do(acts.RESET_FACTORS, _answer, number, sent.reason)


@_act(acts.KEEP_FACTORS, "Stop their removal", "no_reset")
async def keep_account_factors(
    call: Call, number: AccountNumber, if_match: IfMatch = None
) -> Response:
    """The second factors stay as they are."""
    return await _when(call, number, if_match).do(acts.KEEP_FACTORS, _answer, number)


@_act(acts.SEARCH_OFF, "Make its search inactive", "does_not_search", "search_unchanged")
async def switch_search_off(
    call: Call, number: AccountNumber, sent: Reason, if_match: IfMatch = None
) -> Response:
    """Its holder is shown the reason."""
    return await _when(call, number, if_match).do(acts.SEARCH_OFF, _answer, number, sent.reason)


@_act(acts.SEARCH_ON, "Make its search active", "does_not_search", "search_unchanged")
async def switch_search_on(call: Call, number: AccountNumber, if_match: IfMatch = None) -> Response:
    """Whatever it was that made it inactive."""
    return await _when(call, number, if_match).do(acts.SEARCH_ON, _answer, number)


def _find(unit: Unit, _operator: Operator, words: str, page: Page) -> Answer:
    after, limit = page.after or "", page.look_ahead
    rows = (
        finding.find(unit, words, after=after, limit=limit)
        if words
        else [Found(one, one.number) for one in directory.listed(unit, after=after, limit=limit)]
    )
    found, cursor = page.cut(rows, lambda one: one.after)
    return Answer(Accounts(accounts=[_summary(one.row) for one in found]), next_cursor=cursor)


def _read(unit: Unit, operator: Operator, number: str) -> Answer:
    return _answer(overview.seen(unit, operator.settings, number))


def _history(unit: Unit, _operator: Operator, number: str) -> Answer:
    changes = history.changes(unit, directory.details(unit, number)["sub"])
    return Answer(AccountHistory(changes=[AccountChange(**one.shown()) for one in changes]))


def _answer(seen: Seen) -> Answer:
    facts = {name: seen.facts[name] for name in AccountSeen.model_fields if name in seen.facts}
    shown = AccountSeen(**facts, sessions=seen.sessions, password_guesses_left=seen.guesses_left)
    return Answer(shown, etag=seen.version)


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
