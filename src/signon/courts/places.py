"""Where courts are: circuits and states by the names that people know."""

from signon.accounts.places import STATES_OF_THE_US
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

STATES = {code: name for code, name in STATES_OF_THE_US.items() if code != "AS"}
"""States, the District of Columbia and the territories with a federal court."""
