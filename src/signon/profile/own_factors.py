"""One's own authenticators for programs: the rules of `/account/factors`, without adding one.

Adding one needs the person at a browser: a mailed code, a code of the new app, a passkey.
"""

from pydantic import Field

from signon.accounts import repudiation
from signon.db import Unit
from signon.filing.rights.second_factor import SecondFactor
from signon.profile.changes import Asker
from signon.rest import Answer
from signon.rest.values import Id, When
from signon.signin import factors
from signon.signin.acting import Needs
from signon.signin.factor_removal import MustHave, Removals
from signon.signin.factors import Authenticator
from signon.signin.models import AuthenticatorKind
from signon.web.acts import Act
from signon.web.json_bodies import Body, Shown
from signon.web.preconditions import etag_of
from signon.words.sentences import _


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

    nickname: str = Field(examples=[_("Office phone")])
    """What you call it."""


def listed(unit: Unit, asker: Asker, second_factor: SecondFactor) -> Answer:
    """All of them."""
    found = factors.of(unit, asker.account.id)
    duty = second_factor.obligation(unit, asker.account)
    may_wait = duty is not None and duty.may_wait and not found.is_enrolled
    return Answer(
        OwnAuthenticators(
            authenticators=[_shown(one) for one in found.authenticators],
            recovery_codes_left=found.recovery_codes_left,
            required=duty is not None,
            skips_left=duty.skips_left if duty and may_wait else None,
        )
    )


def one(unit: Unit, asker: Asker, factor_id: str) -> Answer:
    """One, with its version. Raises NotFoundError."""
    return answer(_own(unit, asker, factor_id))


def version(unit: Unit, asker: Asker, factor_id: str) -> str:
    """Of one of them; whoever asks holds the account. Raises NotFoundError."""
    return _version(_own(unit, asker, factor_id))


def rename(unit: Unit, asker: Asker, factor_id: str, nickname: str) -> Authenticator:
    """Call it something else. Raises FrozenError, InputError, NotFoundError."""
    repudiation.require_unfrozen(asker.account)
    factors.rename(unit, asker.account.id, factor_id, nickname)
    return _own(unit, asker, factor_id)


def remove(unit: Unit, asker: Asker, must_have: MustHave, factor_id: str) -> None:
    """Take it away, unless it is the last of an account that must have one. Raises RefusedError."""
    removals = Removals(asker.settings, must_have)
    removals.remove(unit, asker.account.id, factor_id, proof=asker.proof, source=asker.source)


RENAME = Act("renamed", rename, needs=Needs.FRESH, done=_("It has its new name."))
REMOVE = Act("removed", remove, needs=Needs.FRESH, done=_("It is removed and works no longer."))


def answer(found: Authenticator) -> Answer:
    """One, with its version."""
    return Answer(_shown(found), etag=_version(found))


def _own(unit: Unit, asker: Asker, factor_id: str) -> Authenticator:
    """The one that is asked for; another person's looks like none."""
    for one in factors.of(unit, asker.account.id).authenticators:
        if one.id == factor_id:
            return one
    raise factors.unknown()


def _version(found: Authenticator) -> str:
    return etag_of(found.id, found.nickname)


def _shown(found: Authenticator) -> OwnAuthenticator:
    return OwnAuthenticator(
        id=found.id,
        kind=found.kind,
        nickname=found.nickname,
        created_at=found.created_at,
        last_used_at=found.last_used_at,
    )
