"""Who wants no more reminders of a court: the link in each of them ends them (RFC 8058)."""

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.cutover.waves import kept
from signon.filing.cutover.waves.kept import Followed
from signon.web.visitor import Source
from signon.words.sentences import _


def followed(unit: Unit, court_id: str, token: str) -> Followed | None:
    """Whose link it is; None: nobody's, or not of this court."""
    found = kept.followed(unit, opaque_tokens.digest(token))
    return found if found and found.court_id == court_id else None


def require(unit: Unit, court_id: str, token: str) -> Followed:
    """Raises NotFoundError: the link is nobody's."""
    found = followed(unit, court_id, token)
    if found is None:
        raise NotFoundError(_("This link is of no reminder, or of one from long ago."))
    return found


def end(unit: Unit, court_id: str, token: str, source: Source) -> None:
    """No further wave of the court goes to the address; asked twice, it is so already.

    Raises NotFoundError.
    """
    found = require(unit, court_id, token)
    if kept.unsubscribe(unit, found.court_id, found.address, unit.now) == 1:
        event = Event.REMINDERS_ENDED
        trail.record(unit, event, actor=trail.SYSTEM, court_id=court_id, source=source)
