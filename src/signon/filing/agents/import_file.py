"""Reading a court's file of pairs: a principal's login, an agent's, and what the agent may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signon import rows
from signon.courts.registry import Court
from signon.filing import cases as case_numbers
from signon.filing.agents.bounds import Bounds
from signon.filing.legacy_logins.legacy_logins import login_key
from signon.filing.roles import Permission
from signon.rows import BadLine, Row

REQUIRED = ("principal_login", "agent_login")
OPTIONAL = ("permissions", "cases", "may_pay")
YES, NO = {"yes", "true", "1", "y"}, {"", "no", "false", "0", "n"}
Keys = tuple[str, str]
"""The two logins, as they are compared."""


@dataclass(frozen=True, slots=True)
class PairLine:
    """A line that can be read; whether there are such logins is not known yet."""

    number: int
    keys: Keys
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class PairFile:
    """A file as read; `digest` is its SHA-256 in hexadecimal."""

    digest: str
    lines: Sequence[PairLine]
    bad: Sequence[BadLine]


def read(data: bytes, court: Court) -> PairFile:
    """Read a CSV file. Raises InputError: too large, or another header than the one asked for."""
    lines: dict[Keys, PairLine] = {}
    bad: list[BadLine] = []
    for row in rows.read(data, REQUIRED, OPTIONAL):
        found = _line(row, court) if isinstance(row, Row) else row
        if isinstance(found, PairLine) and found.keys in lines:
            twice = f"the pair stands in line {lines[found.keys].number} already"
            found = BadLine(found.number, twice)
        if isinstance(found, BadLine):
            bad.append(found)
        else:
            lines[found.keys] = found
    return PairFile(rows.digest(data), list(lines.values()), bad)


def _line(row: Row, court: Court) -> PairLine | BadLine:
    cell = row.cells
    problems = [one for check in _CHECKS if (one := check(cell, court))]
    if problems:
        return BadLine(row.line, "; ".join(problems))
    permissions, numbers = _several(cell, "permissions"), _several(cell, "cases")
    in_order = tuple(one.value for one in Permission if one in permissions)
    may_pay = cell.get("may_pay", "").lower() in YES
    within = Bounds(in_order or None, tuple(numbers) or None, None, may_pay)
    return PairLine(
        row.line, (login_key(cell["principal_login"]), login_key(cell["agent_login"])), within
    )


def _check_logins(cell: Mapping[str, str], _court: Court) -> str:
    missing = [name for name in REQUIRED if not cell[name]]
    if missing:
        return f"{' and '.join(missing)} missing"
    same = login_key(cell["principal_login"]) == login_key(cell["agent_login"])
    return "principal_login and agent_login are the same" if same else ""


def _check_permissions(cell: Mapping[str, str], _court: Court) -> str:
    unknown = [one for one in _several(cell, "permissions") if one not in set(Permission)]
    return f"permissions must be among {', '.join(Permission)}" if unknown else ""


def _check_cases(cell: Mapping[str, str], court: Court) -> str:
    wrong = case_numbers.problem_with(_several(cell, "cases"), court.type)
    return f"the {wrong.rstrip('.')}" if wrong else ""


def _check_payment(cell: Mapping[str, str], _court: Court) -> str:
    return "" if cell.get("may_pay", "").lower() in YES | NO else "may_pay must be yes or no"


_CHECKS = (_check_logins, _check_permissions, _check_cases, _check_payment)


def _several(cell: Mapping[str, str], name: str) -> list[str]:
    parts = (part.strip() for part in cell.get(name, "").split(";"))
    return list(dict.fromkeys(part for part in parts if part))
