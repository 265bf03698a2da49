"""What people end by a button: sessions, applications, a fresh link, a waiting address."""

from signon.accounts import email_changes
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.linking import folding
from signon.filing.rights import notice_addresses
from signon.filing.rights.notice_addresses import Became
from signon.profile.changes import Asker
from signon.signin import factor_reset, known_devices, own_sessions
from signon.signin.acting import Needs
from signon.tokens import own_grants
from signon.web.acts import Act
from signon.words.sentences import _


def end_session(unit: Unit, asker: Asker, session_id: str) -> None:
    """One of the person's own, this one too. Raises NotFoundError."""
    own_sessions.end_one(unit, asker.account, session_id, asker.settings, source=asker.source)


def end_others(unit: Unit, asker: Asker) -> None:
    """All but this one."""
    own_sessions.end_others(
        unit, asker.account, asker.proof.session_id, asker.settings, source=asker.source
    )


def forget_others(unit: Unit, asker: Asker, device: str) -> None:
    """End them, and know no other browser any more."""
    end_others(unit, asker)
    known_devices.forget_others(unit, asker.account.id, device)


def withdraw(unit: Unit, asker: Asker, client_id: str) -> None:
    """All that an application was allowed. Raises NotFoundError."""
    own_grants.withdraw(unit, asker.account.id, client_id, source=asker.source)


def undo_link(unit: Unit, asker: Asker, court: Court) -> None:
    """What was linked last, within its first day. Raises RefusedError."""
    folding.undo(unit, asker.account, court, source=asker.source, proof=asker.proof)


def change_notices(unit: Unit, asker: Asker, court: Court, typed: str) -> Became:
    """Where a court's notices go. Raises as `notice_addresses.change` does."""
    return notice_addresses.change(
        unit,
        asker.account,
        court,
        typed,
        issuer=asker.issuer,
        source=asker.source,
        proof=asker.proof,
    )


def keep_factors(unit: Unit, asker: Asker) -> None:
    """Stop their removal, if one waits."""
    account_id = asker.account.id
    factor_reset.stop(unit, asker.issuer, account_id, actor=account_id, source=asker.source)


def cancel_email(unit: Unit, asker: Asker) -> None:
    """Forget a new address that waits."""
    email_changes.forget(unit, asker.account.id)


END_SESSION = Act("session", end_session, done=_("The session is ended."))
END_OTHERS = Act("ended", end_others, needs=Needs.FRESH, done=_("Every other session is ended."))
FORGET_OTHERS = Act("sessions", forget_others, done=_("Every other session is ended."))
WITHDRAW = Act("withdrawn", withdraw, done=_("The application may do nothing for you any more."))
UNDO_LINK = Act("undo-link", undo_link, needs=Needs.FRESH)
CHANGE_NOTICES = Act(
    "notices", change_notices, needs=Needs.FRESH, done=_("The address for notices is changed.")
)
KEEP_FACTORS = Act("kept", keep_factors, done=_("Your second factors stay as they are."))
CANCEL_EMAIL = Act("cancelled", cancel_email, done=_("The e-mail address stays as it is."))
