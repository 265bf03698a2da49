"""Where courts are: circuits and states by the names that people know."""

from signon.accounts.places import STATES_OF_THE_US

CIRCUITS = {
    "1": "1st Circuit",
    "2": "2nd Circuit",
    "3": "3rd Circuit",
    **{str(number): f"{number}th Circuit" for number in range(4, 12)},
    "dc": "D.C. Circuit",
    "federal": "Federal Circuit",
}
"""The circuits of 28 U.S.C. 41."""

STATES = {code: name for code, name in STATES_OF_THE_US.items() if code != "AS"}
"""States, the District of Columbia and the territories with a federal court."""
