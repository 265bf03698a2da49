"""The plans of the statements of a unit: by PostgreSQL's `auto_explain`, by SQLite's own word."""

import json
from typing import Any, Self

from signon.db import Unit

_EXPLAIN = (
    "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;"
    " SET auto_explain.log_buffers = on; SET auto_explain.log_level = 'notice';"
    " SET auto_explain.log_format = 'json'; SET auto_explain.log_timing = off;"
)
_SILENT = "SET auto_explain.log_min_duration = -1"
MORE = 10
"""So many times what is shown may be read before a plan is dear."""
LEAST = 1000
"""Rows, below which no plan is."""


class Plans:
    """Collects what the unit's statements do, while the block lasts. `statements`: each in SQLite's
    words, or its plan in PostgreSQL's.
    """

    def __init__(self, unit: Unit) -> None:
        self._connection: Any = unit.connection.connection.dbapi_connection
        self._is_sqlite = unit.dialect == "sqlite"
        self.statements: list[str] = []

    def __enter__(self) -> Self:
        if self._is_sqlite:
            self._connection.set_trace_callback(self.statements.append)
        else:
            self._connection.add_notice_handler(self._heard)
            self._connection.execute(_EXPLAIN)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_sqlite:
            self._connection.set_trace_callback(None)
        else:
            self._connection.execute(_SILENT)
            self._connection.remove_notice_handler(self._heard)

    def _heard(self, notice: Any) -> None:
        self.statements.append(notice.message_primary.partition("plan:\n")[2])

    def written(self) -> str:
        """All of them, with the indexes by their names."""
        if self._is_sqlite:
            return "\n".join(map(self._explained, self.statements))
        plans = (json.loads(each)["Plan"] for each in self.statements if each)
        return "\n".join(line for plan in plans for line in _lines(plan))

    def dear(self, shown: int) -> list[str]:
        """Those that read far more than is shown; on SQLite those that walk a table or sort."""
        if self._is_sqlite:
            return [plan for sql in self.statements if _walks(plan := self._explained(sql))]
        most = max(LEAST, shown * MORE)
        plans = [json.loads(each)["Plan"] for each in self.statements if each]
        return ["\n".join(_lines(plan)) for plan in plans if _read(plan) > most]

    def _explained(self, sql: str) -> str:
        if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
            return ""
        rows = self._connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        return "\n".join(row[3] for row in rows)


def _walks(plan: str) -> bool:
    return any(line.startswith(("SCAN", "USE TEMP B-TREE")) for line in plan.splitlines())


def _rows(plan: dict[str, Any]) -> float:
    loops: float = plan["Actual Loops"]
    passed: float = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return loops * (passed + plan.get("Rows Removed by Join Filter", 0))


def _read(plan: dict[str, Any]) -> float:
    """The most rows that one of its nodes has looked at."""
    return max([_rows(plan), *(_read(each) for each in plan.get("Plans", ()))])


def _lines(plan: dict[str, Any], depth: int = 0) -> list[str]:
    what = " ".join(str(plan[name]) for name in ("Node Type", "Relation Name", "Index Name")
                    if name in plan)  # fmt: skip
    blocks = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    removed = plan.get("Rows Removed by Filter", 0)
    line = f"{'  ' * depth}{what}: {plan['Actual Rows']:g} rows x {plan['Actual Loops']:g}"
    line += f", {removed:g} left out" if removed else ""
    return [f"{line}, {blocks} blocks",
            *(one for each in plan.get("Plans", ()) for one in _lines(each, depth + 1))]  # fmt: skip
