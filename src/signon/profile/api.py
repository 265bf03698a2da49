"""`/api/v1/me`: one's own account for programs, by the rules of the pages."""

from collections.abc import Mapping

from starlette.routing import Route

from signon.accounts import email_changes, own_data, search
from signon.accounts.client_codes import ClientCodeRule, RuleOf
from signon.accounts.models import SearchStatus
from signon.accounts.own_data import OwnData
from signon.audit.activity import NEWEST
from signon.config import Settings
from signon.courts.registry import Court, CourtRegistry
from signon.db import Unit
from signon.errors import Refusal
from signon.filing import own_rights, readiness, unlinking
from signon.filing.second_factor import SecondFactor
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
from signon.signin import own_sessions
from signon.signin import session as sessions
from signon.tokens import own_grants
from signon.tokens.api import DONE, Answer, Call, Caller, Operation, Rendered, Rest
from signon.web import preconditions
from signon.web.parameters import number
from signon.web.problems import refused

SCOPE = ("account",)


class ProfileApi:
    """The REST scope `account`. The password cannot be changed here."""

    def __init__(
        self,
        rest: Rest,
        courts: CourtRegistry,
        *,
        rule_of: RuleOf,
        second_factor: SecondFactor,
    ) -> None:
        self._rule_of = rule_of
        self._factors = OwnFactors(rest.settings, second_factor)
        self._rest = rest
        self._settings = rest.settings
        self._courts = courts

    def routes(self) -> list[Route]:
        """Everything below `/api/v1/me`."""
        return self._rest.routes(
            [
                Operation("GET", "/me", self.read_me, SCOPE, "Your own account", answer=Me),
                Operation(
                    "PATCH", "/me", self.change_me, SCOPE, "Change your account; a new e-mail "
                    "address waits for its confirmation by mail",
                    body=MePatch, answer=Me, changes_versions=True,
                ),
                Operation(
                    "POST", "/me/search-on", self.restore_my_search, SCOPE,
                    "Make a case search active that rested for want of use",
                    answer=Me, changes_versions=True,
                ),
                Operation(
                    "GET", "/me/courts", self.list_my_courts, SCOPE, "Courts where you file",
                    answer=OwnCourts,
                ),
                Operation(
                    "GET", "/me/courts/{court}/readiness", self.read_my_readiness, SCOPE,
                    "What stands between you and filing at a court", answer=OwnReadiness,
                ),
                Operation(
                    "GET", "/me/links", self.list_my_links, SCOPE, "Filing logins you linked",
                    answer=OwnLinks,
                ),
                Operation(
                    "DELETE", "/me/links/{court}", self.undo_my_link, SCOPE,
                    "Undo the link of a filing login within its first day", status=204,
                ),
                Operation(
                    "GET", "/me/sessions", self.list_my_sessions, SCOPE,
                    "Where you are signed in", answer=OwnSessions,
                ),
                Operation(
                    "DELETE", "/me/sessions/{id}", self.end_my_session, SCOPE,
                    "End a session", status=204,
                ),
                Operation(
                    "GET", "/me/authenticators", self.list_my_authenticators, SCOPE,
                    "Apps, passkeys and recovery codes", answer=OwnAuthenticators,
                ),
                Operation(
                    "GET", "/me/authenticators/{id}", self.read_my_authenticator, SCOPE,
                    "An app or a passkey", answer=OwnAuthenticator,
                ),
                Operation(
                    "PATCH", "/me/authenticators/{id}", self.rename_my_authenticator, SCOPE,
                    "Give it another name", body=AuthenticatorPatch, answer=OwnAuthenticator,
                    changes_versions=True,
                ),
                Operation(
                    "DELETE", "/me/authenticators/{id}", self.remove_my_authenticator, SCOPE,
                    "Remove it, unless it is the last and the account must have one", status=204,
                    changes_versions=True,
                ),
                Operation(
                    "GET", "/me/grants", self.list_my_grants, SCOPE,
                    "Applications that know you", answer=OwnGrants,
                ),
                Operation(
                    "DELETE", "/me/grants/{client_id}", self.withdraw_my_grant, SCOPE,
                    "Withdraw what an application was allowed", status=204,
                ),
                Operation(
                    "GET", "/me/activity", self.list_my_activity, SCOPE,
                    "What happened to your account, newest first",
                    answer=OwnActivity, is_paged=True,
                ),
            ]
        )  # fmt: skip

    async def read_me(self, call: Call) -> Rendered:
        """The account, with its version."""
        return await call.read(self._me)

    async def change_me(self, call: Call) -> Rendered:
        """What is named is changed, all or nothing; the answer is what stands there then."""
        return await call.write(self._patch, call, call.body(MePatch))

    async def restore_my_search(self, call: Call) -> Rendered:
        """Search again; one that an operator switched off stays off."""
        return await call.write(self._restore_search, call)

    async def list_my_courts(self, call: Call) -> Rendered:
        """Filing rights by court."""
        courts = await self._courts.all()
        return await call.read(
            lambda unit, caller: Answer(
                shown_filing.courts(own_rights.of_account(unit, caller.person().id, courts))
            )
        )

    async def read_my_readiness(self, call: Call) -> Rendered:
        """The checklist of one court."""
        court = await self._courts.get(call.path_params["court"])
        return await call.read(_readiness, court, self._settings)

    async def list_my_links(self, call: Call) -> Rendered:
        """Legacy logins that were linked."""
        courts = await self._courts.all()
        return await call.read(
            lambda unit, caller: Answer(
                shown_filing.links(own_rights.of_account(unit, caller.person().id, courts))
            )
        )

    async def undo_my_link(self, call: Call) -> Rendered:
        """With a sign-in of just now; what stands against it is answered by name."""
        court = await self._courts.get(call.path_params["court"])
        return await call.write(_undo_link, call, court, self._settings)

    async def list_my_sessions(self, call: Call) -> Rendered:
        """Living sessions."""
        return await call.read(_sessions, self._settings)

    async def end_my_session(self, call: Call) -> Rendered:
        """One of them; with the one that the token was obtained in, the token ends too."""
        return await call.write(_end_session, call, self._settings)

    async def list_my_authenticators(self, call: Call) -> Rendered:
        """What a sign-in can be proved with beside the password."""
        return await call.read(self._factors.listed)

    async def read_my_authenticator(self, call: Call) -> Rendered:
        """One, with its version."""
        return await call.read(self._factors.one, call)

    async def rename_my_authenticator(self, call: Call) -> Rendered:
        """Its nickname."""
        nickname = call.body(AuthenticatorPatch).nickname
        return await call.write(self._factors.rename, call, nickname)

    async def remove_my_authenticator(self, call: Call) -> Rendered:
        """It works no longer; recovery codes go with the last one."""
        return await call.write(self._factors.remove, call)

    async def list_my_grants(self, call: Call) -> Rendered:
        """Applications."""
        return await call.read(
            lambda unit, caller: Answer(
                shown.grants(own_grants.applications(unit, caller.person().id))
            )
        )

    async def withdraw_my_grant(self, call: Call) -> Rendered:
        """All that an application was allowed, and every token that it has."""
        return await call.write(_withdraw, call)

    async def list_my_activity(self, call: Call) -> Rendered:
        """A page of events."""
        return await call.read(_activity, call, await self._courts.all())

    def _me(self, unit: Unit, caller: Caller) -> Answer:
        own = own_data.find(unit, caller.person().id)
        pending, rule = self._beside(unit, own)
        seen = shown.me(own, pending_email=pending, rule=rule)
        return Answer(seen, etag=preconditions.etag_of(own.version, pending, rule))

    def _beside(self, unit: Unit, own: OwnData) -> tuple[str | None, ClientCodeRule]:
        """What the answer holds beside the account's own columns, so that its version does too."""
        account = own.account
        waiting = email_changes.pending(unit, account.id)
        return waiting.new_email if waiting else None, self._rule_of(unit, account)

    def _locked(self, unit: Unit, caller: Caller, call: Call) -> OwnData:
        own = own_data.lock(unit, caller.person().id)
        etag = preconditions.etag_of(own.version, *self._beside(unit, own))
        preconditions.require_match(call.if_match, etag)
        return own

    def _patch(self, unit: Unit, caller: Caller, call: Call, wanted: MePatch) -> Answer:
        account = caller.person()
        if wanted.is_sensitive:
            caller.require_fresh(unit.now, self._settings.reauthentication_seconds)
        self._locked(unit, caller, call)
        proof = sessions.proof_of(unit, caller.session_id)
        asker = Asker(account.id, self._settings, proof, call.origin)
        patching.patch(unit, asker, wanted, self._rule_of)
        return self._me(unit, caller)

    def _restore_search(self, unit: Unit, caller: Caller, call: Call) -> Answer:
        there = self._locked(unit, caller, call)
        if there.search_status != SearchStatus.ACTIVE:
            search.restore(unit, there.account)
        return self._me(unit, caller)


def _readiness(unit: Unit, caller: Caller, court: Court, settings: Settings) -> Answer:
    found = readiness.of(unit, settings, caller.person().id, court)
    return Answer(shown_filing.readiness(found, settings.issuer))


def _undo_link(unit: Unit, caller: Caller, call: Call, court: Court, settings: Settings) -> Answer:
    account = caller.person()
    caller.require_fresh(unit.now, settings.reauthentication_seconds)
    proof = sessions.proof_of(unit, caller.session_id)
    made = unlinking.undo(unit, account, court, origin=call.origin, proof=proof)
    if isinstance(made, Refusal):
        raise refused(made)
    return DONE


def _sessions(unit: Unit, caller: Caller, settings: Settings) -> Answer:
    found = own_sessions.open_sessions(unit, caller.person(), settings)
    return Answer(shown.sessions(found, caller.session_id))


def _end_session(unit: Unit, caller: Caller, call: Call, settings: Settings) -> Answer:
    session_id = call.path_params["id"]
    own_sessions.end_one(unit, caller.person(), session_id, settings, origin=call.origin)
    return DONE


def _withdraw(unit: Unit, caller: Caller, call: Call) -> Answer:
    client_id = call.path_params["client_id"]
    own_grants.withdraw(unit, caller.person().id, client_id, origin=call.origin)
    return DONE


def _activity(unit: Unit, caller: Caller, call: Call, courts: Mapping[str, Court]) -> Answer:
    before = call.page.after or str(NEWEST)
    lines = activity.lines(
        unit,
        caller.person().id,
        courts,
        before=number(before) or NEWEST,
        limit=call.page.look_ahead,
    )
    found, cursor = call.page.cut(lines, lambda line: str(line.seq))
    return Answer(shown.activity(found), next_cursor=cursor)
