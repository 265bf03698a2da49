"""A reminder as it is mailed: a good text with the court's words in two places."""

from collections.abc import Sequence

from signon.courts.registry import Court
from signon.filing.court.court_policy import help_desk
from signon.filing.cutover.waves.kept import Wave
from signon.filing.linking import preparing
from signon.notices.cutover_missed import CutoverMissed
from signon.notices.cutover_reminder import CutoverReminder
from signon.notices.message import Message

SAMPLE = "jdoe"
"""The login in a preview and a trial."""
TRIAL = "trial"
"""In place of the token: it is nobody's."""


def letter(
    wave: Wave,
    court: Court,
    logins: Sequence[str] = (SAMPLE,),
    *,
    is_prepared: bool = False,
    token: str = TRIAL,
) -> Message:
    """What whoever has these logins is sent; without any, what a preview shows."""
    opening, closing = wave.opening.splitlines(), wave.closing.splitlines()
    login, helping = ", ".join(logins), help_desk(court)
    if not wave.is_before:
        return CutoverMissed(court.name, court.id, login, opening, closing, helping, token)
    return CutoverReminder(
        court=court.name,
        court_id=court.id,
        login=login,
        day=preparing.day_of(court),
        is_prepared=int(is_prepared),
        opening=opening,
        closing=closing,
        help_desk=helping,
        token=token,
    )
