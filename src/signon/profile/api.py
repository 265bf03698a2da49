"""`/api/v1/me`: one's own account for programs, by the rules of the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from signon.accounts import email_changes, own_data, search
from signon.accounts.client_codes import ClientCodeRule, RuleOf
from signon.accounts.models import SearchStatus
from signon.accounts.own_data import OwnData
from signon.audit.activity import NEWEST
from signon.config import Settings
from signon.courts.registry import Court, CourtRegistry
from signon.db import Unit
from signon.filing.readiness import readiness
from signon.filing.rights import own_rights, unlinking
from signon.filing.rights.second_factor import SecondFactor
from signon.profile import activity, patching, shown, shown_filing
from signon.profile.changes import Asker
from signon.profile.own_factors import (
    AuthenticatorPatch,
    OwnAuthenticator,
    OwnAuthenticators,
    OwnFactors,
)
from signon.profile.patching import MePatch
from signon.profile.shown import (
    Me,
    OwnActivity,
    OwnGrants,
    OwnSessions,
)
from signon.profile.shown_filing import OwnCourts, OwnLinks, OwnReadiness
from signon.rest import DONE, Answer, Call, Caller, router
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId, IfMatch, Paged
from signon.signin import own_sessions
from signon.signin import session as sessions
from signon.tokens import own_grants
from signon.web import preconditions
from signon.web.paging import Page
from signon.web.parameters import number
from signon.web.visitor import Source

operations = router("Your own account", "account")
SessionId = Annotated[
    str,
    Path(
        description="The session’s id, as the list of sessions has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
AuthenticatorId = Annotated[
    str,
    Path(
        description="The id of an app or a passkey, as the list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
ClientId = Annotated[
    str,
    Path(description="The application’s `client_id`, as the list has it.", examples=["casb-cmecf"]),
]


@dataclass(frozen=True, slots=True)
class Means:
    """What the rules work with beside their unit."""

    settings: Settings
    courts: CourtRegistry
    rule_of: RuleOf
    factors: OwnFactors

    @classmethod
    def of(
        cls, settings: Settings, courts: CourtRegistry, rule_of: RuleOf, second: SecondFactor
    ) -> "Means":
        """All of it."""
        return cls(settings, courts, rule_of, OwnFactors(settings, second))


# ── The account ──────────────────────────────────────────────────────────────


@operations.get("/me", response_model=Me, summary="Your own account")
async def read_me(call: Call) -> Response:
    """The account as its holder reads it, with its version as `ETag`."""
    return await call.read(_me, call.means(Means).rule_of)


@operations.patch(
    "/me",
    response_model=Me,
    summary="Change your account; a new e-mail address waits for its confirmation by mail",
    responses=refusals("frozen", "account_not_upgraded", "client_code_of_firm", status=403),
)
async def change_me(call: Call, sent: MePatch, if_match: IfMatch = None) -> Response:
    """What is named is changed, all or nothing; the answer is what stands there then."""
    return await call.write(_patch, call.means(Means), sent, if_match, call.source)


@operations.post(
    "/me/search-on",
    response_model=Me,
    summary="Make a case search active that rested for want of use",
    responses=refusals("frozen", "search_stays_off"),
)
async def restore_my_search(call: Call, if_match: IfMatch = None) -> Response:
    """Search again; one that an operator switched off stays off."""
    return await call.write(_restore_search, call.means(Means).rule_of, if_match)


# ── Filing ───────────────────────────────────────────────────────────────────


@operations.get("/me/courts", response_model=OwnCourts, summary="Courts where you file")
async def list_my_courts(call: Call) -> Response:
    """Your filing rights by court."""
    return await call.read(_courts, await call.means(Means).courts.all())


@operations.get(
    "/me/courts/{court}/readiness",
    response_model=OwnReadiness,
    summary="What stands between you and filing at a court",
)
async def read_my_readiness(call: Call, court: CourtId) -> Response:
    """The checklist of one court, each line with what to do next."""
    means = call.means(Means)
    return await call.read(_readiness, await means.courts.get(court), means.settings)


@operations.get("/me/links", response_model=OwnLinks, summary="Filing logins you linked")
async def list_my_links(call: Call) -> Response:
    """Legacy logins that were linked to your account."""
    return await call.read(_links, await call.means(Means).courts.all())


@operations.delete(
    "/me/links/{court}",
    status_code=204,
    summary="Undo the link of a filing login within its first day",
    responses=refusals("frozen", "nothing_to_undo", "undo_too_late", "right_suspended"),
)
async def undo_my_link(call: Call, court: CourtId) -> Response:
    """With a sign-in of just now; what stands against it is answered by name."""
    means = call.means(Means)
    there = await means.courts.get(court)
    return await call.write(_undo_link, there, means.settings, call.source)


# ── Sessions, factors, applications ──────────────────────────────────────────


@operations.get("/me/sessions", response_model=OwnSessions, summary="Where you are signed in")
async def list_my_sessions(call: Call) -> Response:
    """Living sessions, the one that the token was obtained in among them."""
    return await call.read(_sessions, call.rest.settings)


@operations.delete("/me/sessions/{id}", status_code=204, summary="End a session")
async def end_my_session(call: Call, id: SessionId) -> Response:  # noqa: A002  # the path's name
    """One of them; with the one that the token was obtained in, the token ends too."""
    return await call.write(_end_session, id, call.rest.settings, call.source)


@operations.get(
    "/me/authenticators",
    response_model=OwnAuthenticators,
    summary="Apps, passkeys and recovery codes",
)
async def list_my_authenticators(call: Call) -> Response:
    """What a sign-in can be proved with beside the password."""
    return await call.read(call.means(Means).factors.listed)


@operations.get(
    "/me/authenticators/{id}", response_model=OwnAuthenticator, summary="An app or a passkey"
)
async def read_my_authenticator(
    call: Call,
    id: AuthenticatorId,  # noqa: A002  # the path's name
) -> Response:
    """One of them, with its version as `ETag`."""
    return await call.read(call.means(Means).factors.one, id)


@operations.patch(
    "/me/authenticators/{id}",
    response_model=OwnAuthenticator,
    summary="Give it another name",
    responses=refusals("frozen", status=403),
)
async def rename_my_authenticator(
    call: Call,
    id: AuthenticatorId,  # noqa: A002  # the path's name
    sent: AuthenticatorPatch,
    if_match: IfMatch = None,
) -> Response:
    """Its nickname, with a sign-in of just now."""
    return await call.write(call.means(Means).factors.rename, id, if_match, sent.nickname)


@operations.delete(
    "/me/authenticators/{id}",
    status_code=204,
    summary="Remove it, unless it is the last and the account must have one",
    responses=refusals("frozen", status=403) | refusals("last_factor"),
)
async def remove_my_authenticator(
    call: Call,
    id: AuthenticatorId,  # noqa: A002  # the path's name
    if_match: IfMatch = None,
) -> Response:
    """It works no longer; recovery codes go with the last one."""
    return await call.write(call.means(Means).factors.remove, id, if_match, call.source)


@operations.get("/me/grants", response_model=OwnGrants, summary="Applications that know you")
async def list_my_grants(call: Call) -> Response:
    """Applications that you were signed in to or allowed something."""
    return await call.read(_grants)


@operations.delete(
    "/me/grants/{client_id}",
    status_code=204,
    summary="Withdraw what an application was allowed",
)
async def withdraw_my_grant(call: Call, client_id: ClientId) -> Response:
    """All that an application was allowed, and every token that it has."""
    return await call.write(_withdraw, client_id, call.source)


@operations.get(
    "/me/activity",
    response_model=OwnActivity,
    summary="What happened to your account, newest first",
)
async def list_my_activity(call: Call, asked: Annotated[Paged, Query()]) -> Response:
    """A page of events."""
    return await call.read(_activity, asked.page, await call.means(Means).courts.all())


# ── Rules ────────────────────────────────────────────────────────────────────


def _me(unit: Unit, caller: Caller, rule_of: RuleOf) -> Answer:
    own = own_data.find(unit, caller.person().id)
    pending, rule = _beside(unit, own, rule_of)
    seen = shown.me(own, pending_email=pending, rule=rule)
    return Answer(seen, etag=preconditions.etag_of(own.version, pending, rule))


def _beside(unit: Unit, own: OwnData, rule_of: RuleOf) -> tuple[str | None, ClientCodeRule]:
    """What the answer holds beside the account's own columns, so that its version does too."""
    account = own.account
    waiting = email_changes.pending(unit, account.id)
    return waiting.new_email if waiting else None, rule_of(unit, account)


def _locked(unit: Unit, caller: Caller, rule_of: RuleOf, if_match: str | None) -> OwnData:
    own = own_data.lock(unit, caller.person().id)
    etag = preconditions.etag_of(own.version, *_beside(unit, own, rule_of))
    preconditions.require_match(if_match, etag)
    return own


def _patch(
    unit: Unit,
    caller: Caller,
    means: Means,
    wanted: MePatch,
    if_match: str | None,
    source: Source,
) -> Answer:
    account = caller.person()
    if wanted.is_sensitive:
        caller.require_fresh(unit.now, means.settings.reauthentication_seconds)
    _locked(unit, caller, means.rule_of, if_match)
    proof = sessions.proof_of(unit, caller.session_id)
    patching.patch(unit, Asker(account.id, means.settings, proof, source), wanted, means.rule_of)
    return _me(unit, caller, means.rule_of)


def _restore_search(unit: Unit, caller: Caller, rule_of: RuleOf, if_match: str | None) -> Answer:
    there = _locked(unit, caller, rule_of, if_match)
    if there.search_status != SearchStatus.ACTIVE:
        search.restore(unit, there.account)
    return _me(unit, caller, rule_of)


def _courts(unit: Unit, caller: Caller, courts: Mapping[str, Court]) -> Answer:
    return Answer(shown_filing.courts(own_rights.of_account(unit, caller.person().id, courts)))


def _links(unit: Unit, caller: Caller, courts: Mapping[str, Court]) -> Answer:
    return Answer(shown_filing.links(own_rights.of_account(unit, caller.person().id, courts)))


def _readiness(unit: Unit, caller: Caller, court: Court, settings: Settings) -> Answer:
    found = readiness.of(unit, settings, caller.person().id, court)
    return Answer(shown_filing.readiness(found, settings.issuer))


def _undo_link(
    unit: Unit, caller: Caller, court: Court, settings: Settings, source: Source
) -> Answer:
    account = caller.person()
    caller.require_fresh(unit.now, settings.reauthentication_seconds)
    proof = sessions.proof_of(unit, caller.session_id)
    unlinking.undo(unit, account, court, source=source, proof=proof)
    return DONE


def _sessions(unit: Unit, caller: Caller, settings: Settings) -> Answer:
    found = own_sessions.open_sessions(unit, caller.person(), settings)
    return Answer(shown.sessions(found, caller.session_id))


def _end_session(
    unit: Unit, caller: Caller, session_id: str, settings: Settings, source: Source
) -> Answer:
    own_sessions.end_one(unit, caller.person(), session_id, settings, source=source)
    return DONE


def _grants(unit: Unit, caller: Caller) -> Answer:
    return Answer(shown.grants(own_grants.applications(unit, caller.person().id)))


def _withdraw(unit: Unit, caller: Caller, client_id: str, source: Source) -> Answer:
    own_grants.withdraw(unit, caller.person().id, client_id, source=source)
    return DONE


def _activity(unit: Unit, caller: Caller, page: Page, courts: Mapping[str, Court]) -> Answer:
    before = page.after or str(NEWEST)
    lines = activity.lines(
        unit,
        caller.person().id,
        courts,
        before=number(before) or NEWEST,
        limit=page.look_ahead,
    )
    found, cursor = page.cut(lines, lambda line: str(line.seq))
    return Answer(shown.activity(found), next_cursor=cursor)
