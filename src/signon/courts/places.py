"""Where courts are: circuits and states by the names that people know."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from signon import rows
from signon.accounts.places import STATES_OF_THE_US
from signon.rows import Row
from signon.words.sentences import _

CIRCUITS = {
    "1": _("1st Circuit"),
    "2": _("2nd Circuit"),
    "3": _("3rd Circuit"),
    **{str(number): _("{number}th Circuit", number=number) for number in range(4, 12)},
    "dc": _("D.C. Circuit"),
    "federal": _("Federal Circuit"),
}
"""The circuits of 28 U.S.C. 41."""


@cache
def cities(court_id: str) -> Sequence[str]:
    """Where a court sits: a district's two courts sit in the same cities, `casd` and `casb`."""
    known = _cities()
    return known.get(court_id) or known.get(court_id.partition("-")[0][:-1], ())


@cache
def _cities() -> Mapping[str, Sequence[str]]:
    data = (resources.files("signon.courts") / "data" / "cities.csv").read_bytes()
    read = rows.read(data, ("court", "cities"))
    return {
        row.cells["court"]: row.cells["cities"].split(";") for row in read if isinstance(row, Row)
    }


STATES = {code: name for code, name in STATES_OF_THE_US.items() if code != "AS"}
"""States, the District of Columbia and the territories with a federal court."""
