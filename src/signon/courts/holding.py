"""One change of a court at a time."""

from sqlalchemy import Select, select

from signon.courts.models import courts
from signon.prepared import value


@value
def hold(court_id: str) -> Select[str]:
    """The court, which nobody else changes until the unit ends."""
    return select(courts.c.id).where(courts.c.id == court_id).with_for_update()
