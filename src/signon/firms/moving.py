"""Several members put into one cost center at once: all of them, or none."""

from collections.abc import Sequence

from signon.db import Unit
from signon.firms import members
from signon.firms.access import Authority
from signon.firms.bulk_files import check_count
from signon.web.acts import Act


def move(unit: Unit, authority: Authority, numbers: Sequence[str], code: str | None) -> None:
    """Each is a change of its own. Raises as `members.assign` does, InputError: too many."""
    check_count(len(numbers))
    for number in numbers:
        members.assign(unit, authority, number, code)


MOVE = Act("moved-many", move, done="The members’ cost center was changed.")
