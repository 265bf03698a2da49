"""One's own authenticators for programs: the rules of `/account/factors`, without adding one.

Adding one needs the person at a browser: a mailed code, a code of the new app, a passkey.
"""

from pydantic import Field

from signon.accounts import directory, repudiation
from signon.config import Settings
from signon.db import Unit
from signon.filing.rights.second_factor import SecondFactor
from signon.rest import DONE, Answer, Caller
from signon.rest.values import Id, When
from signon.signin import factors
from signon.signin import session as sessions
from signon.signin.factor_removal import Removals
from signon.signin.factors import Authenticator
from signon.signin.models import AuthenticatorKind
from signon.web import preconditions
from signon.web.json_bodies import Body, Shown
from signon.web.problems import ApiError
from signon.web.visitor import Source


class OwnAuthenticator(Shown):
    """An app or a passkey; of what it proves with nothing is shown."""

    id: Id
    """Its id, for renaming and removing it."""
    kind: AuthenticatorKind
    """What it is: `totp` is an authenticator app, `passkey` a passkey."""
    nickname: str
    """What you call it, up to 40 characters."""
    created_at: When
    """When it was added."""
    last_used_at: When | None
    """When a sign-in was last proved with it; null when none was yet."""


class OwnAuthenticators(Shown):
    """What a sign-in can be proved with beside the password."""

    authenticators: list[OwnAuthenticator]
    """Your apps and passkeys."""
    recovery_codes_left: int
    """How many recovery codes can still be used, each once."""
    required: bool
    """Whether the account must have a second factor."""
    skips_left: int | None
    """How many sign-ins may still put setting one up off; null where nothing can be or need be put
    off.
    """


class AuthenticatorPatch(Body):
    """What its holder may change of an authenticator."""

    nickname: str = Field(examples=["Office phone"])
    """What you call it."""


class OwnFactors:
    """What the routes do within their unit."""

    def __init__(self, settings: Settings, second_factor: SecondFactor) -> None:
        self._settings = settings
        self._second_factor = second_factor
        self._removals = Removals(settings, second_factor.must_have)

    def listed(self, unit: Unit, caller: Caller) -> Answer:
        """All of them."""
        account = caller.person()
        found = factors.of(unit, account.id)
        duty = self._second_factor.obligation(unit, account)
        may_wait = duty is not None and duty.may_wait and not found.is_enrolled
        return Answer(
            OwnAuthenticators(
                authenticators=[_shown(one) for one in found.authenticators],
                recovery_codes_left=found.recovery_codes_left,
                required=duty is not None,
                skips_left=duty.skips_left if duty and may_wait else None,
            )
        )

    def one(self, unit: Unit, caller: Caller, factor_id: str) -> Answer:
        """One, with its version. Raises NotFoundError."""
        found = _own(unit, caller, factor_id)
        return Answer(_shown(found), etag=_version(found))

    def rename(
        self, unit: Unit, caller: Caller, factor_id: str, if_match: str | None, nickname: str
    ) -> Answer:
        """Call it something else. Raises ApiError, InputError, NotFoundError."""
        account_id = self._ready(unit, caller, factor_id, if_match)
        factors.rename(unit, account_id, factor_id, nickname)
        return self.one(unit, caller, factor_id)

    def remove(
        self, unit: Unit, caller: Caller, factor_id: str, if_match: str | None, source: Source
    ) -> Answer:
        """Take it away, unless it is the last of an account that must have one."""
        account_id = self._ready(unit, caller, factor_id, if_match)
        proof = sessions.proof_of(unit, caller.session_id)
        self._removals.remove(unit, account_id, factor_id, proof=proof, source=source)
        return DONE

    def _ready(self, unit: Unit, caller: Caller, factor_id: str, if_match: str | None) -> str:
        """The account, locked: a recent sign-in, the version that was seen, and no freeze."""
        caller.require_fresh(unit.now, self._settings.reauthentication_seconds)
        account = directory.locked(unit, caller.person().id)
        assert account is not None
        preconditions.require_match(if_match, _version(_own(unit, caller, factor_id)))
        if frozen := repudiation.refuse_frozen(account):
            raise ApiError(403, frozen.reason, frozen.told)
        return account.id


def _own(unit: Unit, caller: Caller, factor_id: str) -> Authenticator:
    """The one that is asked for; another person's looks like none."""
    found = factors.of(unit, caller.person().id).authenticators
    for one in found:
        if one.id == factor_id:
            return one
    raise factors.unknown()


def _version(found: Authenticator) -> str:
    return preconditions.etag_of(found.id, found.nickname)


def _shown(found: Authenticator) -> OwnAuthenticator:
    return OwnAuthenticator(
        id=found.id,
        kind=found.kind,
        nickname=found.nickname,
        created_at=found.created_at,
        last_used_at=found.last_used_at,
    )
