"""`/api/v1/me`: one's own account for programs, by the rules of the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from signon.accounts import programs
from signon.accounts.client_codes import RuleOf
from signon.accounts.history import Proof
from signon.audit.activity import NEWEST
from signon.courts.registry import Court, CourtRegistry
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.readiness import readiness
from signon.filing.rights import notice_addresses, own_rights
from signon.filing.rights.second_factor import SecondFactor
from signon.profile import activity, own_factors, patching, program_rule, shown, shown_filing
from signon.profile.changes import Asker
from signon.profile.own_acts import CHANGE_NOTICES, END_SESSION, UNDO_LINK, WITHDRAW
from signon.profile.own_factors import (
    REMOVE,
    RENAME,
    AuthenticatorPatch,
    OwnAuthenticator,
    OwnAuthenticators,
)
from signon.profile.patching import RESTORE_SEARCH, MePatch, Mine
from signon.profile.program_rule import ProgramRulePatch
from signon.profile.shown import (
    Me,
    OwnActivity,
    OwnGrants,
    OwnProgramRule,
    OwnSessions,
)
from signon.profile.shown_filing import (
    NoticeAddressChange,
    OwnCourts,
    OwnLinks,
    OwnNoticeAddress,
    OwnReadiness,
)
from signon.rest import Answer, Call, Caller, router
from signon.rest.at import At, SomeAct, nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId, IfMatch, Paged
from signon.signin import own_sessions
from signon.signin import session as sessions
from signon.signin.acting import Needs
from signon.tokens import own_grants
from signon.web.paging import Page
from signon.web.parameters import number
from signon.web.preconditions import etag_of
from signon.web.problems import ApiError

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

    courts: CourtRegistry
    rule_of: RuleOf
    second_factor: SecondFactor


FORBIDDEN = frozenset({"frozen", "account_not_upgraded", "client_code_of_firm"})
"""What a change of the account is forbidden by, however things stand."""


class AtOwn(At[Asker]):
    """A call of a signed-in person; a client's own token speaks for nobody."""

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Asker] | None) -> Asker:
        """The person. Raises BearerError unless it is one, and has just signed in where the act
        needs it.
        """
        account, settings = caller.person(), self.call.rest.settings
        if act and act.needs is Needs.FRESH:
            caller.require_fresh(unit.now, settings.reauthentication_seconds)
        # whoever only looks proves nothing
        proof = sessions.proof_of(unit, caller.session_id) if act else Proof(caller.session_id)
        return Asker(account, settings, proof, self.call.source)


class AtChanges(AtOwn):
    """Where the account itself is changed."""

    async def instead(self, error: Exception, who: Asker | None) -> Response:
        """A 403 for what forbids every change."""
        if isinstance(error, RefusedError) and error.reason in FORBIDDEN:
            raise ApiError(403, error.reason, error.told) from error
        raise error


# ── The account ──────────────────────────────────────────────────────────────


@operations.get("/me", response_model=Me, summary="Your own account")
async def read_me(call: Call) -> Response:
    """The account as its holder reads it, with its version as `ETag`."""
    return await AtOwn(call).read(_read_me, call.means(Means).rule_of)


@operations.patch(
    "/me",
    response_model=Me,
    summary="Change your account; a new e-mail address waits for its confirmation by mail",
    responses=refusals("frozen", "account_not_upgraded", "client_code_of_firm", status=403),
)
async def change_me(call: Call, sent: MePatch, if_match: IfMatch = None) -> Response:
    """What is named is changed, all or nothing; the answer is what stands there then."""
    rule_of = call.means(Means).rule_of
    here = AtChanges(call).when(if_match, patching.version, rule_of)
    return await here.do(patching.act_for(sent), _me, rule_of, sent)


@operations.post(
    "/me/search-on",
    response_model=Me,
    summary="Make a case search active that rested for want of use",
    responses=refusals("frozen", "search_stays_off"),
)
async def restore_my_search(call: Call, if_match: IfMatch = None) -> Response:
    """Search again; one that an operator switched off stays off."""
    rule_of = call.means(Means).rule_of
    here = AtOwn(call).when(if_match, patching.version, rule_of)
    return await here.do(RESTORE_SEARCH, _me, rule_of)


# ── Filing ───────────────────────────────────────────────────────────────────


@operations.get("/me/courts", response_model=OwnCourts, summary="Courts where you file")
async def list_my_courts(call: Call) -> Response:
    """Your filing rights by court."""
    return await AtOwn(call).read(_courts, await call.means(Means).courts.all())


@operations.get(
    "/me/courts/{court}/readiness",
    response_model=OwnReadiness,
    summary="What stands between you and filing at a court",
)
async def read_my_readiness(call: Call, court: CourtId) -> Response:
    """The checklist of one court, each line with what to do next."""
    there = await call.means(Means).courts.get(court)
    return await AtOwn(call).read(_readiness, there)


@operations.get("/me/links", response_model=OwnLinks, summary="Filing logins you linked")
async def list_my_links(call: Call) -> Response:
    """Legacy logins that were linked to your account."""
    return await AtOwn(call).read(_links, await call.means(Means).courts.all())


@operations.delete(
    "/me/links/{court}",
    status_code=204,
    summary="Undo the link of a filing login within its first day",
    responses=refusals("frozen", "nothing_to_undo", "undo_too_late", "right_suspended"),
)
async def undo_my_link(call: Call, court: CourtId) -> Response:
    """With a sign-in of just now; what stands against it is answered by name."""
    there = await call.means(Means).courts.get(court)
    return await AtOwn(call).do(UNDO_LINK, nothing_more, there)


@operations.get(
    "/me/courts/{court}/notice-address",
    response_model=OwnNoticeAddress,
    summary="Where a court’s notices go",
)
async def read_my_notice_address(call: Call, court: CourtId) -> Response:
    """The address that you chose for that court, if you did."""
    return await AtOwn(call).read(_notices, await call.means(Means).courts.get(court))


@operations.put(
    "/me/courts/{court}/notice-address",
    status_code=204,
    summary="Say where a court’s notices go",
    responses=refusals("frozen", "no_right"),
)
async def change_my_notice_address(
    call: Call, court: CourtId, sent: NoticeAddressChange
) -> Response:
    """With a sign-in of just now. An address is mailed a link and counts once somebody has opened it; the
    account’s own counts at once. The account’s address and the one before are told by mail.
    """
    there = await call.means(Means).courts.get(court)
    return await AtOwn(call).do(CHANGE_NOTICES, nothing_more, there, sent.notice_email or "")


# ── Sessions, factors, applications ──────────────────────────────────────────


@operations.get("/me/sessions", response_model=OwnSessions, summary="Where you are signed in")
async def list_my_sessions(call: Call) -> Response:
    """Living sessions, the one that the token was obtained in among them."""
    return await AtOwn(call).read(_sessions)


@operations.delete("/me/sessions/{id}", status_code=204, summary="End a session")
async def end_my_session(call: Call, id: SessionId) -> Response:  # noqa: A002  # the path's name
    """One of them; with the one that the token was obtained in, the token ends too."""
    return await AtOwn(call).do(END_SESSION, nothing_more, id)


@operations.get(
    "/me/program-rule",
    response_model=OwnProgramRule,
    summary="Whether programs may sign in with your password",
)
async def read_my_program_rule(call: Call) -> Response:
    """What you say, and what your firm says, with a version as `ETag`."""
    return await AtOwn(call).read(_program_rule)


@operations.put(
    "/me/program-rule",
    response_model=OwnProgramRule,
    summary="Set that; forbidding signs out at once what is signed in",
    responses=refusals("frozen", status=403),
)
async def change_my_program_rule(
    call: Call, sent: ProgramRulePatch, if_match: IfMatch = None
) -> Response:
    """It holds at once."""
    here = AtChanges(call).when(if_match, program_rule.version)
    return await here.do(program_rule.CHANGE, _of_rule, sent)


@operations.get(
    "/me/authenticators",
    response_model=OwnAuthenticators,
    summary="Apps, passkeys and recovery codes",
)
async def list_my_authenticators(call: Call) -> Response:
    """What a sign-in can be proved with beside the password."""
    return await AtOwn(call).read(own_factors.listed, call.means(Means).second_factor)


@operations.get(
    "/me/authenticators/{id}", response_model=OwnAuthenticator, summary="An app or a passkey"
)
async def read_my_authenticator(
    call: Call,
    id: AuthenticatorId,  # noqa: A002  # the path's name
) -> Response:
    """One of them, with its version as `ETag`."""
    return await AtOwn(call).read(own_factors.one, id)


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
    here = AtChanges(call).when(if_match, own_factors.version, id)
    return await here.do(RENAME, own_factors.answer, id, sent.nickname)


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
    must_have = call.means(Means).second_factor.must_have
    here = AtChanges(call).when(if_match, own_factors.version, id)
    return await here.do(REMOVE, nothing_more, must_have, id)


@operations.get("/me/grants", response_model=OwnGrants, summary="Applications that know you")
async def list_my_grants(call: Call) -> Response:
    """Applications that you were signed in to or allowed something."""
    return await AtOwn(call).read(_grants)


@operations.delete(
    "/me/grants/{client_id}",
    status_code=204,
    summary="Withdraw what an application was allowed",
)
async def withdraw_my_grant(call: Call, client_id: ClientId) -> Response:
    """All that an application was allowed, and every token that it has."""
    return await AtOwn(call).do(WITHDRAW, nothing_more, client_id)


@operations.get(
    "/me/activity",
    response_model=OwnActivity,
    summary="What happened to your account, newest first",
)
async def list_my_activity(call: Call, asked: Annotated[Paged, Query()]) -> Response:
    """A page of events."""
    return await AtOwn(call).read(_activity, asked.page, await call.means(Means).courts.all())


# ── Rules ────────────────────────────────────────────────────────────────────


def _me(mine: Mine) -> Answer:
    seen = shown.me(mine.own, pending_email=mine.pending_email, rule=mine.rule)
    return Answer(seen, etag=mine.version)


def _read_me(unit: Unit, asker: Asker, rule_of: RuleOf) -> Answer:
    return _me(patching.mine(unit, asker, rule_of))


def _courts(unit: Unit, asker: Asker, courts: Mapping[str, Court]) -> Answer:
    return Answer(shown_filing.courts(own_rights.of_account(unit, asker.account.id, courts)))


def _notices(unit: Unit, asker: Asker, court: Court) -> Answer:
    there = notice_addresses.of_account(unit, asker.account.id, court.id)
    waits = notice_addresses.waiting(unit, asker.account.id, court.id)
    return Answer(OwnNoticeAddress(notice_email=there, waiting_for=waits))


def _links(unit: Unit, asker: Asker, courts: Mapping[str, Court]) -> Answer:
    return Answer(shown_filing.links(own_rights.of_account(unit, asker.account.id, courts)))


def _readiness(unit: Unit, asker: Asker, court: Court) -> Answer:
    found = readiness.of(unit, asker.settings, asker.account.id, court)
    return Answer(shown_filing.readiness(found, asker.issuer))


def _sessions(unit: Unit, asker: Asker) -> Answer:
    found = own_sessions.open_sessions(unit, asker.account, asker.settings)
    return Answer(shown.sessions(found, asker.proof.session_id))


def _program_rule(unit: Unit, asker: Asker) -> Answer:
    return _of_rule(program_rule.rule(unit, asker))


def _of_rule(rule: programs.Rule) -> Answer:
    seen = OwnProgramRule(allowed=rule.own, allowed_by_firm=rule.firm)
    return Answer(seen, etag=etag_of(*rule))


def _grants(unit: Unit, asker: Asker) -> Answer:
    return Answer(shown.grants(own_grants.applications(unit, asker.account.id)))


def _activity(unit: Unit, asker: Asker, page: Page, courts: Mapping[str, Court]) -> Answer:
    before = page.after or str(NEWEST)
    lines = activity.lines(
        unit,
        asker.account.id,
        courts,
        before=number(before) or NEWEST,
        limit=page.look_ahead,
    )
    found, cursor = page.cut(lines, lambda line: str(line.seq))
    return Answer(shown.activity(found), next_cursor=cursor)
